use std::hash::{BuildHasherDefault, Hasher};

/// For maps whose keys are hashes, or nearly so: one multiplication spreads them.
pub(crate) type Hashed = BuildHasherDefault<Spread>;

#[derive(Debug, Default)]
pub(crate) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(self.0.rotate_left(8) ^ u64::from(byte));
        }
    }

    fn write_u32(&mut self, key: u32) {
        self.write_u64(u64::from(key));
    }

    fn write_u64(&mut self, key: u64) {
        let key = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // The table looks at the lowest bits and at the highest.
        self.0 = key ^ key >> 32;
    }
}
