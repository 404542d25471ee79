//! How deep the schema in a Parquet footer is nested. The Parquet reader follows schemas by recursion,
//! and nothing guards against a stack that overflows.
//!
//! A footer is a struct in Thrift's compact protocol. Its second field is the list of the schema's
//! elements, parents before their children; an element's fifth field is the number of its children.

/// The depth of the schema; none where the footer is damaged.
pub(crate) fn schema_depth(footer: &[u8]) -> Option<usize> {
    let mut footer = Compact(footer);
    let mut id = 0;
    loop {
        let kind = footer.field(&mut id)?;
        if (id, kind) == (ELEMENTS, LIST) {
            break;
        }
        footer.skip(kind, MAX_SKIP)?;
    }
    let (count, kind) = footer.list()?;
    if kind != STRUCT {
        return None;
    }
    let mut deepest = 0;
    // Of the elements above the next one, how many children are still to come.
    let mut open: Vec<u64> = Vec::new();
    for _ in 0..count {
        if let Some(rest) = open.last_mut() {
            *rest -= 1;
        }
        let children = footer.children()?;
        if children > 0 {
            open.push(children);
            deepest = deepest.max(open.len());
        }
        while open.last() == Some(&0) {
            open.pop();
        }
    }
    Some(deepest)
}

const ELEMENTS: i64 = 2;
const CHILDREN: i64 = 5;
/// Types of values.
const STOP: u8 = 0;
const I32: u8 = 5;
const LIST: u8 = 9;
const STRUCT: u8 = 12;
/// Nesting of what is skipped; no footer of a writer has as much.
const MAX_SKIP: usize = 16;

/// What is left of the bytes.
struct Compact<'a>(&'a [u8]);

impl Compact<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn take(&mut self, length: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(length).ok()?..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// The type of a struct's next field; `id` becomes its number.
    fn field(&mut self, id: &mut i64) -> Option<u8> {
        let head = self.byte()?;
        *id = match head >> 4 {
            0 if head != STOP => self.zigzag()?,
            delta => id.checked_add(delta.into())?,
        };
        Some(head & 0xf)
    }

    /// The length of a list, and the type of what is in it.
    fn list(&mut self) -> Option<(u64, u8)> {
        let head = self.byte()?;
        let count = if head >> 4 == 0xf { self.varint()? } else { u64::from(head >> 4) };
        Some((count, head & 0xf))
    }

    /// Reads an element of the schema: the number of its children.
    fn children(&mut self) -> Option<u64> {
        let (mut id, mut children) = (0, 0);
        loop {
            match self.field(&mut id)? {
                STOP => return Some(children),
                I32 if id == CHILDREN => children = u64::try_from(self.zigzag()?).ok()?,
                kind => self.skip(kind, MAX_SKIP)?,
            }
        }
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            1 | 2 => {} // a boolean in the field's head
            3 => self.take(1)?,
            4..=6 => drop(self.varint()?),
            7 => self.take(8)?,
            8 => {
                let length = self.varint()?;
                self.take(length)?;
            }
            LIST | 10 => {
                let (count, kind) = self.list()?;
                for _ in 0..count {
                    match kind {
                        1 | 2 => self.take(1)?,
                        _ => self.skip(kind, depth)?,
                    }
                }
            }
            STRUCT => {
                let mut id = 0;
                loop {
                    match self.field(&mut id)? {
                        STOP => break,
                        kind => self.skip(kind, depth)?,
                    }
                }
            }
            _ => return None, // Parquet has no maps
        }
        Some(())
    }
}
