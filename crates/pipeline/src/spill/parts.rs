//! Rows of eight bytes, dealt out to partitions: more than memory holds, but each partition fits.
//!
//! The partitions share one [`Blob`]: a record is some rows of one of them.

use std::path::Path;

use super::SpillError;
use super::blob::{Blob, BlobWriter};

/// Rows that are held for a partition before they are written, at most.
const HELD: usize = 1 << 12;

/// Takes rows in any order.
pub struct PartsWriter {
    blob: BlobWriter,
    parts: Vec<Part>,
    room: usize,
    bytes: Vec<u8>,
}

#[derive(Default)]
struct Part {
    held: Vec<u64>,
    /// Its records.
    offsets: Vec<u64>,
    rows: usize,
}

impl PartsWriter {
    /// Begins the file `path` with so many partitions, holding `memory` bytes of rows.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(path: &Path, parts: usize, memory: usize) -> Result<Self, SpillError> {
        let room = (memory / 8 / parts.max(1)).clamp(64, HELD);
        Ok(Self {
            blob: BlobWriter::create(path)?,
            parts: std::iter::repeat_with(Part::default).take(parts).collect(),
            room,
            bytes: Vec::new(),
        })
    }

    /// Adds a row to a partition.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn push(&mut self, part: usize, row: u64) -> Result<(), SpillError> {
        let at = &mut self.parts[part];
        at.held.push(row);
        if at.held.len() == self.room { self.flush(part) } else { Ok(()) }
    }

    fn flush(&mut self, part: usize) -> Result<(), SpillError> {
        let part = &mut self.parts[part];
        self.bytes.clear();
        part.held.iter().for_each(|row| self.bytes.extend_from_slice(&row.to_le_bytes()));
        part.offsets.push(self.blob.append(&self.bytes)?);
        part.rows += part.held.len();
        part.held.clear();
        Ok(())
    }

    /// Ends the writing.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn finish(mut self) -> Result<Parts, SpillError> {
        for part in 0..self.parts.len() {
            self.flush(part)?;
            self.parts[part].held = Vec::new();
        }
        Ok(Parts { blob: self.blob.finish()?, parts: self.parts })
    }
}

/// The partitions.
pub struct Parts {
    blob: Blob,
    parts: Vec<Part>,
}

impl Parts {
    /// The rows of a partition, sorted.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn load(&self, part: usize) -> Result<Vec<u64>, SpillError> {
        let part = &self.parts[part];
        let mut rows = Vec::with_capacity(part.rows);
        let mut bytes = Vec::new();
        for &offset in &part.offsets {
            self.blob.read(offset, &mut bytes)?;
            rows.extend(bytes.as_chunks().0.iter().map(|row| u64::from_le_bytes(*row)));
        }
        rows.sort_unstable();
        Ok(rows)
    }
}
