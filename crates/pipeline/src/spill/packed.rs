//! Sorted keys, each with the number of a document, packed: what an index is made of.
//!
//! A [`Blob`] whose first record has the bits of a number (u8) and says what the keys are. The others
//! are blocks: a count (u32), the first key (u64), the parameter of Rice's code (u8) and, bit by bit,
//! each key's distance from the one before it and its number.

use std::path::Path;
use std::vec;

use super::SpillError;
use super::blob::{Blob, BlobWriter};
use super::rice::{Packer, Unpacker};

/// Keys of a block, at most.
const BLOCK: usize = 4096;
/// Bytes before a block's bits.
const HEAD: usize = 13;
/// Parameter of Rice's code, at most.
const LOW: u32 = 56;

/// Writes sorted keys.
pub struct PackedWriter {
    blob: BlobWriter,
    block: Vec<(u64, u32)>,
    width: u32,
}

impl PackedWriter {
    /// Begins the file `path`, for numbers below `numbers`; `kind` says what its keys are.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(path: &Path, kind: &str, numbers: u32) -> Result<Self, SpillError> {
        let mut blob = BlobWriter::create(path)?;
        let width = u32::BITS - numbers.leading_zeros();
        let mut head = vec![width as u8];
        head.extend_from_slice(kind.as_bytes());
        blob.append(&head)?;
        Ok(Self { blob, block: Vec::with_capacity(BLOCK), width })
    }

    /// Adds a key, no smaller than the one before it, and its number.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn push(&mut self, key: u64, number: u32) -> Result<(), SpillError> {
        self.block.push((key, number));
        if self.block.len() == BLOCK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), SpillError> {
        let (Some(first), Some(last)) = (self.block.first(), self.block.last()) else {
            return Ok(());
        };
        let mean = (last.0 - first.0) / self.block.len() as u64;
        let low = mean.max(1).ilog2().min(LOW);
        let mut packer = Packer::default();
        packer.bytes.extend_from_slice(&(self.block.len() as u32).to_le_bytes());
        packer.bytes.extend_from_slice(&first.0.to_le_bytes());
        packer.bytes.push(low as u8);
        let mut before = first.0;
        for &(key, number) in &self.block {
            packer.rice(key - before, low);
            packer.push(number.into(), self.width);
            before = key;
        }
        packer.end();
        self.block.clear();
        self.blob.append(&packer.bytes).map(drop)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn finish(mut self) -> Result<(), SpillError> {
        self.flush()?;
        self.blob.close()
    }
}

/// Reads sorted keys.
pub struct Packed {
    blob: Blob,
    offset: u64,
    width: u32,
    bytes: Vec<u8>,
    block: vec::IntoIter<(u64, u32)>,
}

impl Packed {
    /// Opens a file that a [`PackedWriter`] of the same kind ended.
    ///
    /// # Errors
    /// When it cannot be read, or holds other keys.
    pub fn open(path: &Path, kind: &str) -> Result<Self, SpillError> {
        let blob = Blob::open(path)?;
        let mut bytes = Vec::new();
        let offset = blob.next(0, &mut bytes)?;
        match (offset, bytes.split_first()) {
            (Some(offset), Some((&width, found))) if found == kind.as_bytes() => Ok(Self {
                blob,
                offset,
                width: u32::from(width).min(u32::BITS),
                bytes,
                block: Vec::new().into_iter(),
            }),
            _ => Err(blob.is_no(kind)),
        }
    }

    /// The next key and its number, or none at the end.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn next_key(&mut self) -> Result<Option<(u64, u32)>, SpillError> {
        Ok(if self.load()? { self.block.next() } else { None })
    }

    /// Skips the keys before `key` and hands out its numbers. Keys are asked for in rising order.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn numbers(&mut self, key: u64, mut take: impl FnMut(u32)) -> Result<(), SpillError> {
        while self.load()? {
            while let Some(&(at, number)) = self.block.as_slice().first() {
                if at > key {
                    return Ok(());
                }
                if at == key {
                    take(number);
                }
                self.block.next();
            }
        }
        Ok(())
    }

    /// Sees to it that the block has more, if the file has.
    fn load(&mut self) -> Result<bool, SpillError> {
        while self.block.as_slice().is_empty() {
            let Some(offset) = self.blob.next(self.offset, &mut self.bytes)? else {
                return Ok(false);
            };
            self.offset = offset;
            let block = unpack(&self.bytes, self.width).ok_or_else(|| self.blob.is_no("keys"))?;
            self.block = block.into_iter();
        }
        Ok(true)
    }
}

fn unpack(bytes: &[u8], width: u32) -> Option<Vec<(u64, u32)>> {
    let (count, rest) = bytes.split_first_chunk()?;
    let (first, rest) = rest.split_first_chunk()?;
    let low = u32::from(*rest.first()?).min(LOW);
    let mut bits = Unpacker { bytes, at: 8 * HEAD };
    let mut key = u64::from_le_bytes(*first);
    let count = (u32::from_le_bytes(*count) as usize).min(BLOCK);
    let mut block = Vec::with_capacity(count);
    for _ in 0..count {
        key = key.checked_add(bits.rice(low)?)?;
        block.push((key, bits.take(width)? as u32));
    }
    Some(block)
}
