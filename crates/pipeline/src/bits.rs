//! A bit a record.

use std::path::Path;

use crate::spill::SpillError;
use crate::spill::blob::{Blob, BlobWriter};

/// Bytes of a record of the file, at most.
const RECORD: usize = 64 << 10;

/// One bit a record.
#[derive(Debug, Default)]
pub struct Bits(Vec<u64>);

impl Bits {
    /// Sets the bit at `at`.
    pub fn set(&mut self, at: u64) {
        let word = (at / 64) as usize;
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (at % 64);
    }

    /// The bit at `at`.
    pub fn get(&self, at: u64) -> bool {
        self.0.get((at / 64) as usize).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    /// How many bits before each of `places`, which rise, are set.
    pub fn ranks(&self, places: &[u32]) -> Vec<u64> {
        let (mut word, mut before) = (0, 0);
        let ones = |word: usize| self.0.get(word).map_or(0, |bits| u64::from(bits.count_ones()));
        let ranks = places.iter().map(|&place| {
            while word < place as usize / 64 {
                before += ones(word);
                word += 1;
            }
            let bits = self.0.get(word).map_or(0, |bits| bits & ((1 << (place % 64)) - 1));
            before + u64::from(bits.count_ones())
        });
        ranks.collect()
    }

    /// Writes the bits to a new file.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn write(&self, path: &Path) -> Result<(), SpillError> {
        let mut blob = BlobWriter::create(path)?;
        for words in self.0.chunks(RECORD / 8) {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            blob.append(&bytes)?;
        }
        blob.close()
    }

    /// Reads what [`Self::write`] wrote.
    ///
    /// # Errors
    /// When the file cannot be read or is damaged.
    pub fn read(path: &Path) -> Result<Self, SpillError> {
        let blob = Blob::open(path)?;
        let (mut bits, mut bytes) = (Vec::new(), Vec::new());
        let mut records = blob.records()?;
        while records.next_into(&mut bytes)?.is_some() {
            bits.extend(bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)));
        }
        Ok(Self(bits))
    }
}
