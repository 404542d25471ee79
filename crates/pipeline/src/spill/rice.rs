//! Bits packed without gaps, the lowest first, and numbers in Rice's code (Golomb 1966, Rice 1979).

/// Packs bits.
#[derive(Default)]
pub(super) struct Packer {
    pub(super) bytes: Vec<u8>,
    /// Less than a byte, and how much.
    rest: u64,
    held: u32,
}

impl Packer {
    /// The lowest `width` bits of `value`; the others are 0, and `width` at most 56.
    pub(super) fn push(&mut self, value: u64, width: u32) {
        self.rest |= value << self.held;
        self.held += width;
        while self.held >= 8 {
            self.bytes.push(self.rest as u8);
            self.rest >>= 8;
            self.held -= 8;
        }
    }

    /// A number: `value >> low` zeros, a one, and the `low` lowest bits; `low` is at most 56.
    pub(super) fn rice(&mut self, value: u64, low: u32) {
        (0..value >> low).for_each(|_| self.push(0, 1));
        self.push(1, 1);
        self.push(value & ((1 << low) - 1), low);
    }

    /// Fills the last byte up.
    pub(super) fn end(&mut self) {
        let fill = self.held.next_multiple_of(8) - self.held;
        self.push(0, fill);
    }
}

/// Unpacks what a [`Packer`] packed; none where that cannot be.
pub(super) struct Unpacker<'a> {
    pub(super) bytes: &'a [u8],
    /// Bits that were taken.
    pub(super) at: usize,
}

impl Unpacker<'_> {
    pub(super) fn take(&mut self, width: u32) -> Option<u64> {
        let from = self.at / 8;
        let mut eight = [0; 8];
        let rest = self.bytes.get(from..)?;
        let whole = rest.len().min(8);
        eight[..whole].copy_from_slice(&rest[..whole]);
        let bits = u64::from_le_bytes(eight) >> (self.at % 8);
        self.at += width as usize;
        (self.at <= 8 * self.bytes.len()).then_some(bits & ((1 << width) - 1))
    }

    pub(super) fn rice(&mut self, low: u32) -> Option<u64> {
        let mut high = 0u64;
        while self.take(1)? == 0 {
            high += 1;
        }
        Some((high << low) | self.take(low)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Packer, Unpacker};

    proptest! {
        #[test]
        fn numbers_come_back(rows in prop::collection::vec((0u64..100_000, any::<u32>()), 0..200), low in 6u32..57) {
            let mut packer = Packer::default();
            for &(a, b) in &rows {
                packer.rice(a, low);
                packer.push(b.into(), 32);
            }
            packer.end();
            let mut bits = Unpacker { bytes: &packer.bytes, at: 0 };
            for &(a, b) in &rows {
                prop_assert_eq!(bits.rice(low), Some(a));
                prop_assert_eq!(bits.take(32), Some(b.into()));
            }
            // Less than a byte is left, and nothing after that.
            prop_assert!(8 * packer.bytes.len() - bits.at < 8);
            prop_assert_eq!(bits.take(8), None);
        }
    }
}
