use scutch_document::{Id, Row};
use xxhash_rust::xxh3::xxh3_64;

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

/// A key of a sketch: the band in the top byte, 32 bits of MinHash below, and in the last 24 bits a
/// hash of the document's id, so that those with the same MinHash sort in an order that has nothing
/// to do with the corpus' order.
pub(crate) fn key(band: usize, minhash: u64, id: Id) -> u64 {
    let member = xxh3_64(&id.0.to_le_bytes());
    ((band as u64) << 56) | ((minhash & 0xffff_ffff) << MEMBER) | (member >> (64 - MEMBER))
}

/// Bits of a key that tell the documents of one band and MinHash apart.
const MEMBER: u32 = 24;

/// A key of a sketch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BandRow {
    /// The key, as [`crate::Sketch::keys`] has it.
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

/// The part of a key in which documents meet: band and MinHash.
pub fn meeting(key: u64) -> u64 {
    key >> MEMBER
}

/// Sketches with a key in common up to which all pairs are compared.
const ALL: usize = 16;

/// Turns sorted keys into pairs.
///
/// Of the sketches that meet in a key the first sixteen are all paired with each other; every later
/// one with the first one and with the one before it. So a key that a hundred thousand pages have in
/// common costs two comparisons each. Earlier datasets come first, and what a sketch is paired with
/// depends only on those before it: later datasets change nothing about earlier ones.
#[derive(Debug, Default)]
pub struct Pairs {
    key: Option<u64>,
    group: Vec<Place>,
    last: Option<Place>,
}

impl Pairs {
    /// Takes the next key and emits pairs. Keys come sorted by [`meeting`], dataset and key.
    pub fn push(&mut self, key: u64, place: Place, mut emit: impl FnMut(PairRow)) {
        if self.key != Some(meeting(key)) {
            self.key = Some(meeting(key));
            self.group.clear();
        }
        let mut pair = |other: Place| {
            let (first, second) = (place.min(other), place.max(other));
            if second.dataset() == PRESENT {
                emit(PairRow { first, second });
            }
        };
        if self.group.len() < ALL {
            self.group.iter().copied().for_each(&mut pair);
            self.group.push(place);
        } else {
            self.group.first().copied().into_iter().chain(self.last).for_each(&mut pair);
        }
        self.last = Some(place);
    }
}
