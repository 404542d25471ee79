use scutch_document::Row;

use crate::fields::Fields;
use crate::keys::KEY_BITS;
use crate::rank::PRESENT;

/// A document: its dataset and its number there. Earlier datasets sort first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// One of the earlier datasets, or [`PRESENT`].
    pub dataset: u16,
    /// The document's number, counted from 0.
    pub number: u32,
}

impl Place {
    /// A document of the present dataset.
    pub fn present(number: u32) -> Self {
        Self { dataset: PRESENT, number }
    }

    /// Whether it is of the present dataset.
    pub fn is_present(self) -> bool {
        self.dataset == PRESENT
    }
}

/// Two documents that share a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PairRow {
    /// The smaller place.
    pub first: Place,
    /// The number of the other in the present dataset.
    pub second: u32,
    /// The key's kind: 1 where it was drawn from the words that a spinner leaves alone.
    pub kind: u8,
}

impl Row for PairRow {
    const SIZE: usize = 11;

    fn write(&self, out: &mut [u8]) {
        out[..2].copy_from_slice(&self.first.dataset.to_le_bytes());
        out[2..6].copy_from_slice(&self.first.number.to_le_bytes());
        out[6..10].copy_from_slice(&self.second.to_le_bytes());
        out[10] = self.kind;
    }

    fn read(bytes: &[u8]) -> Self {
        let mut fields = Fields(bytes);
        Self {
            first: Place {
                dataset: u16::from_le_bytes(fields.take()),
                number: u32::from_le_bytes(fields.take()),
            },
            second: u32::from_le_bytes(fields.take()),
            kind: fields.take::<1>()[0],
        }
    }
}

/// Documents of one key with which every later one is paired.
pub const PAIRED: usize = 8;

/// Pairs the documents that share a key, given in the order of their ranks: each with the first
/// eight.
///
/// So a key that a hundred thousand pages share costs at most eight pairs a page, and what a document
/// is paired with depends on better ones alone: later datasets change nothing about earlier ones, and
/// of an earlier dataset no more than eight documents a key need to be known.
pub fn meet(key: u64, group: &[Place], mut emit: impl FnMut(PairRow)) {
    let kind = (key >> (KEY_BITS - 1)) as u8;
    for (i, &place) in group.iter().enumerate().filter(|(_, place)| place.is_present()) {
        for &other in &group[..i.min(PAIRED)] {
            let (first, second) = (place.min(other), place.max(other));
            emit(PairRow { first, second: second.number, kind });
        }
    }
}

/// The pairs to compare, out of sorted rows: those that share two keys of one kind. What shares one,
/// or one of each, shares a phrase, most often.
pub fn meet_twice<E>(
    rows: impl Iterator<Item = Result<PairRow, E>>,
) -> impl Iterator<Item = Result<PairRow, E>> {
    let mut rows = rows.peekable();
    let mut last = None;
    std::iter::from_fn(move || {
        loop {
            let row = match rows.next()? {
                Ok(row) => row,
                error => return Some(error),
            };
            let pair = Some((row.first, row.second));
            let again =
                rows.peek().is_some_and(|next| next.as_ref().is_ok_and(|next| *next == row));
            if again && last != pair {
                last = pair;
                return Some(Ok(row));
            }
        }
    })
}
