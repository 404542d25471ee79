use scutch_document::Row;

use crate::fields::Fields;
use crate::rank::PRESENT;

/// Where a sketch lies: its dataset and its offset there. Earlier datasets sort first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(u64);

impl Place {
    /// Bytes of sketches that a dataset can have: an offset takes six bytes.
    pub const LIMIT: u64 = 1 << 48;

    /// The sketch at `offset` (below [`Self::LIMIT`]) of `dataset`.
    pub fn new(dataset: u16, offset: u64) -> Self {
        Self((u64::from(dataset) << 48) | (offset % Self::LIMIT))
    }

    /// The dataset: one of the earlier ones, or [`PRESENT`].
    pub fn dataset(self) -> u16 {
        (self.0 >> 48) as u16
    }

    /// Both in one number, as [`Self::from_bits`] takes it.
    pub(crate) fn to_bits(self) -> u64 {
        self.0
    }

    pub(crate) fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The offset.
    pub fn offset(self) -> u64 {
        self.0 % Self::LIMIT
    }
}

/// A key of a sketch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BandRow {
    /// The band in the top byte, 56 bits of hash below.
    pub key: u64,
    /// Offset of the sketch.
    pub offset: u64,
}

impl Row for BandRow {
    const SIZE: usize = 14;

    fn write(&self, out: &mut [u8]) {
        out[..8].copy_from_slice(&self.key.to_le_bytes());
        out[8..14].copy_from_slice(&self.offset.to_le_bytes()[..6]);
    }

    fn read(bytes: &[u8]) -> Self {
        let mut fields = Fields(bytes);
        let key = u64::from_le_bytes(fields.take());
        let [a, b, c, d, e, f] = fields.take();
        Self { key, offset: u64::from_le_bytes([a, b, c, d, e, f, 0, 0]) }
    }
}

/// Two sketches to compare; the second is of the present dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PairRow {
    /// The one that comes first.
    pub first: Place,
    /// The other.
    pub second: Place,
}

impl Row for PairRow {
    const SIZE: usize = 16;

    fn write(&self, out: &mut [u8]) {
        out[..8].copy_from_slice(&self.first.0.to_le_bytes());
        out[8..].copy_from_slice(&self.second.0.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        let mut fields = Fields(bytes);
        Self {
            first: Place(u64::from_le_bytes(fields.take())),
            second: Place(u64::from_le_bytes(fields.take())),
        }
    }
}

/// Sketches with a key in common up to which all pairs are compared.
const ALL: usize = 16;

/// Turns sorted keys into pairs.
///
/// Of the sketches that share a key the first sixteen are all paired with each other; every later
/// one with the first one and with the one before it. So a key that a hundred thousand pages have in
/// common costs two comparisons each. What a sketch is paired with depends only on the sketches
/// before it: later datasets change nothing about earlier ones.
#[derive(Debug, Default)]
pub struct Pairs {
    key: Option<u64>,
    group: Vec<Place>,
    last: Option<Place>,
}

impl Pairs {
    /// Takes the next key, in the order of `(key, place)`, and emits pairs.
    pub fn push(&mut self, key: u64, place: Place, mut emit: impl FnMut(PairRow)) {
        if self.key != Some(key) {
            self.key = Some(key);
            self.group.clear();
        } else if place.dataset() == PRESENT {
            let mut pair = |first| emit(PairRow { first, second: place });
            if self.group.len() < ALL {
                self.group.iter().copied().for_each(&mut pair);
            } else {
                self.group.first().copied().into_iter().chain(self.last).for_each(&mut pair);
            }
        }
        if self.group.len() < ALL {
            self.group.push(place);
        }
        self.last = Some(place);
    }
}
