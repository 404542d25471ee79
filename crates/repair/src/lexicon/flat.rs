//! Arrays as bytes: the form in which a compiled lexicon lies in the program. A build script writes
//! it, a start reads it.

use std::borrow::Cow;

/// Writes arrays of numbers and texts, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn put(&mut self, numbers: impl IntoIterator<Item = u32, IntoIter: Clone>) {
        let numbers = numbers.into_iter();
        self.0.extend((numbers.clone().count() as u32).to_le_bytes());
        self.0.extend(numbers.flat_map(u32::to_le_bytes));
    }

    fn text(&mut self, text: &str) {
        self.0.extend((text.len() as u32).to_le_bytes());
        self.0.extend(text.as_bytes());
    }
}

/// Reads them in the same order. Whatever the bytes are, it does not panic.
pub(crate) struct Reader(pub(crate) &'static [u8]);

impl Reader {
    fn bytes(&mut self, size: usize) -> &'static [u8] {
        let (count, rest) = self.0.split_at_checked(4).unwrap_or_default();
        let count = count.try_into().map_or(0, u32::from_le_bytes) as usize;
        let (taken, rest) = rest.split_at_checked(size * count).unwrap_or_default();
        self.0 = rest;
        taken
    }

    pub(crate) fn take<T>(&mut self, make: impl Fn(u32) -> T) -> Vec<T> {
        self.bytes(4).as_chunks().0.iter().map(|&bytes| make(u32::from_le_bytes(bytes))).collect()
    }

    fn text(&mut self) -> &'static str {
        std::str::from_utf8(self.bytes(1)).unwrap_or_default()
    }
}

/// Many short texts in one.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    all: Cow<'static, str>,
    ends: Vec<u32>,
}

impl Texts {
    pub(crate) fn push(&mut self, text: &str) {
        self.all.to_mut().push_str(text);
        self.ends.push(self.all.len() as u32);
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, number: usize) -> &str {
        let begin = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.all[begin as usize..self.ends[number] as usize]
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.text(&self.all);
        out.put(self.ends.iter().copied());
    }

    pub(crate) fn read(bytes: &mut Reader) -> Self {
        Self { all: Cow::Borrowed(bytes.text()), ends: bytes.take(|end| end) }
    }
}
