//! What does not fit in memory goes to disk, and comes back checked.
//!
//! Two kinds of file: [`rows`], rows of fixed size, read in order; and [`blob`], records of any size
//! that are read in order or by their offset. [`sort`] makes the first out of unsorted rows in
//! bounded memory, [`parts`] deals rows out to partitions in the second, and [`packed`] packs sorted
//! keys into it, which a dataset's `index/` is made of. Everything written carries an xxh3 checksum
//! that is seeded with its place in the file, so that a flipped byte, a block that moved and a
//! clipped end are errors that name the file and the place.

use std::io;
use std::path::{Path, PathBuf};

use scutch_dataset::hint;

pub mod blob;
pub mod packed;
pub mod parts;
mod rice;
pub mod rows;
pub mod sort;

/// A spill file that could not be written, read or believed.
#[derive(Debug, thiserror::Error)]
pub enum SpillError {
    /// The system refused: a full disk, most often.
    #[error("{}: {source}{}", path.display(), hint(source))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file does not hold what was written to it.
    #[error("{}: block {block} (byte {offset}) is damaged: {what}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The block's number, or the record's, counted from 0.
        block: u64,
        /// Where it begins in the file.
        offset: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The file is whole, but something else than was asked for.
    #[error("{}: not a file of {expected}", path.display())]
    Kind {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: String,
    },
}

impl SpillError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Io { path, source }
    }
}

#[cfg(test)]
mod tests;
