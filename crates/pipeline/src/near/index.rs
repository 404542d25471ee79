//! What a later run needs to find copies of this dataset's documents: the keys of the published ones.
//!
//! `near.keys` holds the sorted keys, with at most [`PAIRED`] documents each: a first record with
//! the settings, then blocks of a count (u32), the first key (u64), the parameter of Rice's code (u8)
//! and, bit by bit, each key's distance from the one before it and the document's row in `documents/`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use scutch_dedup::{Config, KEY_BITS, PAIRED, Sketch};
use scutch_document::Id;

use super::packed::{Packer, Unpacker};
use crate::bits::Bits;
use crate::spill::SpillError;
use crate::spill::blob::{Blob, BlobWriter};

/// The keys.
pub(super) const KEYS: &str = "near.keys";
/// Keys of a block, at most.
const BLOCK: usize = 4096;
/// Bytes before a block's bits.
const HEAD: usize = 13;

/// Sketches of an earlier dataset's documents, made again from its texts.
pub trait Sketches: Send + Sync {
    /// The documents in these rows of `documents/`, which rise: their ids, and sketches of their
    /// texts as they were when the dataset's keys were drawn.
    ///
    /// # Errors
    /// When the dataset cannot be read.
    fn sketches(&self, rows: &[u64]) -> std::io::Result<Vec<(Id, Sketch)>>;
}

/// An earlier dataset, to find copies of what it holds.
pub struct Earlier {
    pub(super) name: Arc<str>,
    dir: PathBuf,
    sketches: Box<dyn Sketches>,
}

impl Earlier {
    /// Opens the near part of the index in `dir`, of the dataset that findings call `name`.
    ///
    /// # Errors
    /// When it cannot be read, is no such index, or its keys were drawn otherwise.
    pub fn open(
        name: &str,
        dir: &Path,
        config: &Config,
        sketches: Box<dyn Sketches>,
    ) -> Result<Self, SpillError> {
        let earlier = Self { name: name.into(), dir: dir.to_owned(), sketches };
        earlier.keys(config).map(|_| earlier)
    }

    /// Its keys, in order.
    pub(super) fn keys(&self, config: &Config) -> Result<KeyReader, SpillError> {
        KeyReader::open(&self.dir.join(KEYS), config)
    }

    /// Sketches of the documents in these rows, which rise.
    pub(super) fn sketches(&self, rows: &[u32]) -> Result<Vec<(Id, Sketch)>, SpillError> {
        let places: Vec<u64> = rows.iter().copied().map(u64::from).collect();
        let found = self.sketches.sketches(&places).map_err(SpillError::io(&self.dir))?;
        if found.len() != rows.len() {
            let expected = "as many documents as its index has".to_owned();
            return Err(SpillError::Kind { path: self.dir.clone(), expected });
        }
        Ok(found)
    }
}

/// Writes the index: of the keys that a pass left in the folder `spill`, those of the published
/// documents, which are the rows of `documents/` in their order.
///
/// # Errors
/// When the disk is full or fails, or the keys are damaged.
pub fn write_index(
    spill: &Path,
    index: &Path,
    config: &Config,
    published: &Bits,
) -> Result<(), SpillError> {
    let mut keys = KeyReader::open(&spill.join(KEYS), config)?;
    let rows = published.ranks();
    let mut writer = KeyWriter::create(index, config, rows.len())?;
    let mut of_last = (0, 0);
    while let Some((key, number)) = keys.next()? {
        let Some(row) = rows.get(number.into()) else { continue };
        let (last, before) = of_last;
        of_last = (key, if last == key { before + 1 } else { 1 });
        if of_last.1 <= PAIRED {
            writer.push(key, row)?;
        }
    }
    writer.finish()
}

/// What two datasets must have in common for their keys to be compared.
fn settings(config: &Config) -> String {
    let (near, spin) = (config.near.key_shingle, config.spin.key_shingle);
    format!("near keys 2: {KEY_BITS} bits, shingles of {near} words, of {spin} spin-proof words")
}

/// Writes sorted keys.
pub(super) struct KeyWriter {
    blob: BlobWriter,
    block: Vec<(u64, u32)>,
    width: u32,
}

impl KeyWriter {
    /// Begins the file in `dir`, for so many documents.
    pub(super) fn create(dir: &Path, config: &Config, documents: u32) -> Result<Self, SpillError> {
        let mut blob = BlobWriter::create(&dir.join(KEYS))?;
        let width = u32::BITS - documents.leading_zeros();
        let mut head = vec![width as u8];
        head.extend_from_slice(settings(config).as_bytes());
        blob.append(&head)?;
        Ok(Self { blob, block: Vec::with_capacity(BLOCK), width })
    }

    /// Adds a document to a key.
    pub(super) fn push(&mut self, key: u64, number: u32) -> Result<(), SpillError> {
        self.block.push((key, number));
        if self.block.len() == BLOCK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), SpillError> {
        let (Some(first), Some(last)) = (self.block.first(), self.block.last()) else {
            return Ok(());
        };
        let mean = (last.0 - first.0) / self.block.len() as u64;
        let low = mean.max(1).ilog2();
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

    pub(super) fn finish(mut self) -> Result<(), SpillError> {
        self.flush()?;
        self.blob.close()
    }
}

/// Reads sorted keys.
pub(super) struct KeyReader {
    blob: Blob,
    offset: u64,
    width: u32,
    bytes: Vec<u8>,
    block: std::vec::IntoIter<(u64, u32)>,
}

impl KeyReader {
    fn open(path: &Path, config: &Config) -> Result<Self, SpillError> {
        let blob = Blob::open(path)?;
        let mut bytes = Vec::new();
        let offset = blob.next(0, &mut bytes)?;
        let settings = settings(config);
        match (offset, bytes.split_first()) {
            (Some(offset), Some((&width, found))) if found == settings.as_bytes() => Ok(Self {
                blob,
                offset,
                width: u32::from(width).min(u32::BITS),
                bytes,
                block: Vec::new().into_iter(),
            }),
            _ => Err(blob.is_no(&settings)),
        }
    }

    /// The next key and document, or none at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u64, u32)>, SpillError> {
        loop {
            if let Some(next) = self.block.next() {
                return Ok(Some(next));
            }
            let Some(offset) = self.blob.next(self.offset, &mut self.bytes)? else {
                return Ok(None);
            };
            self.offset = offset;
            let block = unpack(&self.bytes, self.width).ok_or_else(|| self.blob.is_no("keys"))?;
            self.block = block.into_iter();
        }
    }
}

fn unpack(bytes: &[u8], width: u32) -> Option<Vec<(u64, u32)>> {
    let (count, rest) = bytes.split_first_chunk()?;
    let (first, rest) = rest.split_first_chunk()?;
    let low = u32::from(*rest.first()?).min(KEY_BITS);
    let mut bits = Unpacker { bytes, at: 8 * HEAD };
    let mut key = u64::from_le_bytes(*first);
    let count = (u32::from_le_bytes(*count) as usize).min(BLOCK);
    let mut block = Vec::with_capacity(count);
    for _ in 0..count {
        key += bits.rice(low)?;
        block.push((key, bits.take(width)? as u32));
    }
    Some(block)
}
