use std::cmp::Ordering;

use scutch_document::fixed;

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

fixed!(Place { dataset: u16, number: u32 });

/// Two documents that share a key. Sorted by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairRow {
    /// The smaller place.
    pub first: Place,
    /// The number of the other in the present dataset.
    pub second: u32,
    /// The key's kind: 1 where it was drawn from the words that a spinner leaves alone.
    pub kind: u8,
}

impl PairRow {
    /// All fields in one number: there are many rows to sort.
    #[inline]
    fn key(&self) -> u128 {
        let first = u128::from(self.first.dataset) << 32 | u128::from(self.first.number);
        first << 40 | u128::from(self.second) << 8 | u128::from(self.kind)
    }
}

impl PartialOrd for PairRow {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PairRow {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

fixed!(PairRow { first: Place, second: u32, kind: u8 });

/// A document that has a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meeting {
    /// The document.
    pub place: Place,
    /// Whether it is posted under the key: found by those that rank below it.
    pub posted: bool,
}

/// Documents posted under one key with which every later one is paired.
pub const PAIRED: usize = 8;

/// Pairs the documents that have a key, given in the order of their ranks: each of the present
/// dataset with the first eight before it that are posted.
///
/// So a key that a hundred thousand pages share costs at most eight pairs a page, and what a document
/// is paired with depends on better ones alone: later datasets change nothing about earlier ones, and
/// of an earlier dataset no more than eight documents a key need to be known.
pub fn meet(key: u32, group: &[Meeting], mut emit: impl FnMut(PairRow)) {
    let kind = (key >> (KEY_BITS - 1)) as u8;
    let mut posted = [Place::present(0); PAIRED];
    let mut count = 0;
    for one in group {
        if one.place.is_present() {
            for &other in &posted[..count] {
                let (first, second) = (one.place.min(other), one.place.max(other));
                emit(PairRow { first, second: second.number, kind });
            }
        }
        if one.posted && count < PAIRED {
            posted[count] = one.place;
            count += 1;
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
