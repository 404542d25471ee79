//! Words of ASCII letters, as nearly all are: eight bytes at a time, in one register.

use super::Case;

/// A run of ASCII letters, read eight bytes at a time.
pub(super) struct Letters {
    /// What tells it from others, see [`key`](super::key).
    pub(super) key: u64,
    pub(super) count: usize,
    pub(super) case: Case,
}

impl Letters {
    /// Longer runs are no words.
    const MOST: usize = 32;

    /// The letters that `bytes` begin with; `None` where there is none, or [`Self::MOST`] or more.
    #[inline(always)]
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let first = Eight::read(bytes);
        if first.count == 8 {
            return Self::long(bytes, first);
        }
        let case = case_of_letters(first.capital, first.capitals, first.count);
        (first.count > 0).then_some(Self { key: first.lower, count: first.count, case })
    }

    fn long(bytes: &[u8], first: Eight) -> Option<Self> {
        let (mut key, mut count, mut capitals) = (first.lower, first.count, first.capitals);
        for at in (8..Self::MOST).step_by(8) {
            let eight = Eight::read(bytes.get(at..).unwrap_or_default());
            if eight.count > 0 {
                // Both factors are odd: neither can wipe out the other.
                let product = u128::from(key | 1) * u128::from(eight.lower ^ 0x9e37_79b9_7f4a_7c15);
                key = product as u64 ^ (product >> 64) as u64 ^ key.rotate_left(32);
            }
            count += eight.count;
            capitals += eight.capitals;
            if eight.count < 8 {
                let case = case_of_letters(first.capital, capitals, count);
                return Some(Self { key, count, case });
            }
        }
        None
    }
}

/// Up to eight letters.
struct Eight {
    /// In lower case, 0 after the last one.
    lower: u64,
    count: usize,
    /// How many are capitals, and whether the first one is.
    capitals: u32,
    capital: bool,
}

impl Eight {
    #[inline(always)]
    fn read(bytes: &[u8]) -> Self {
        const HIGH: u64 = 0x8080_8080_8080_8080;
        const ONES: u64 = 0x0101_0101_0101_0101;
        let found = match bytes.first_chunk::<8>() {
            Some(chunk) => u64::from_le_bytes(*chunk),
            None => bytes.iter().rev().fold(0, |sum, &byte| (sum << 8) | u64::from(byte)),
        };
        // The high bit of each byte tells whether it is a letter: no sum below carries over.
        let small = found | (0x20 * ONES);
        let seven = small & !HIGH;
        let from_a = seven + u64::from(0x80 - b'a') * ONES;
        let above_z = seven + u64::from(0x7f - b'z') * ONES;
        let letters = from_a & !above_z & !found & HIGH;
        let count = (!letters & HIGH).trailing_zeros() / 8;
        let inside = !u64::MAX.checked_shl(8 * count).unwrap_or(0);
        let capitals = inside & HIGH & !(found << 2);
        Self {
            lower: small & inside,
            count: count as usize,
            capitals: ((capitals >> 7).wrapping_mul(ONES) >> 56) as u32,
            capital: capitals & 0x80 != 0,
        }
    }
}

fn case_of_letters(first: bool, capitals: u32, count: usize) -> Case {
    match (first, capitals as usize) {
        (false, 0) => Case::Lower,
        (true, 1) => Case::Title,
        (true, capitals) if capitals == count => Case::Upper,
        _ => Case::Mixed,
    }
}
