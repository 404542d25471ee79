use std::io;
use std::path::{Path, PathBuf};

use parquet::errors::ParquetError;
use scutch_document::{EditError, Id};

/// What can go wrong with a dataset. Each message names the file and who must act.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder cannot be written.
    #[error("{}: cannot write: {source}{}", path.display(), hint(source))]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file or folder cannot be read.
    #[error("{}: cannot read: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file does not hold what a dataset's file of that name holds.
    #[error("{}: damaged: {message}; build the dataset again or fetch it again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The folder is not a dataset.
    #[error("{}: not a dataset (no manifest.json)", path.display())]
    NotDataset {
        /// The folder.
        path: PathBuf,
    },
    /// The dataset's layout is newer than this program.
    #[error("{}: format {found} is newer than this program's ({known}); use a newer scutch", path.display())]
    Format {
        /// The manifest.
        path: PathBuf,
        /// The format that it names.
        found: u32,
        /// The newest format that is known here.
        known: u32,
    },
    /// The place where the dataset is to go is taken.
    #[error("{}: exists already; remove it or choose another --output", path.display())]
    Exists {
        /// The target.
        path: PathBuf,
    },
    /// A setting is out of range.
    #[error("{setting}: {message}")]
    Config {
        /// The setting's name.
        setting: &'static str,
        /// What it must be.
        message: String,
    },
    /// A value is too large for a Parquet file.
    #[error("document {id}: {column} has {bytes} bytes, more than a Parquet file can hold")]
    TooLarge {
        /// The record.
        id: Id,
        /// The column.
        column: String,
        /// Its size.
        bytes: usize,
    },
    /// A stage set a signal that has no column.
    #[error("signal {name} has no column: its stage does not list it")]
    Signal {
        /// The signal.
        name: String,
    },
    /// No record of the dataset has this id.
    #[error("{}: no record has the id {id}", path.display())]
    UnknownId {
        /// The dataset.
        path: PathBuf,
        /// The id.
        id: Id,
    },
    /// The record was rejected before it became text.
    #[error("record {id} was rejected before it became text; its raw bytes are in rejected/")]
    NoText {
        /// The record.
        id: Id,
    },
    /// A document's edits do not belong to its text.
    #[error("{}: the edits of document {id} cannot be undone: {source}", path.display())]
    Undo {
        /// The dataset.
        path: PathBuf,
        /// The document.
        id: Id,
        /// Why.
        source: EditError,
    },
    /// Documents and rejected records do not add up to the input.
    #[error(
        "{documents} documents and {rejected} rejected records came from {records} input records: \
         a record was lost or doubled; please report this bug"
    )]
    Counts {
        /// Records read.
        records: u64,
        /// Documents written.
        documents: u64,
        /// Rejected records written.
        rejected: u64,
    },
}

/// What to do about what the system said when something was written, where that is known.
pub fn hint(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free some space there, and go on with --resume"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; allow it, or choose another --output"
        }
        _ => "",
    }
}

impl Error {
    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Write { path: path.to_owned(), source }
    }

    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Read { path: path.to_owned(), source }
    }

    pub(crate) fn damaged(path: &Path, message: impl ToString) -> Self {
        Self::Damaged { path: path.to_owned(), message: message.to_string() }
    }

    /// An error of the Parquet writer: the file system's, whatever it is wrapped in.
    pub(crate) fn write_parquet(path: &Path) -> impl FnOnce(ParquetError) -> Self {
        move |error| Self::write(path)(into_io(error))
    }

    /// An error of the Parquet reader: the file system's, or the file is damaged.
    pub(crate) fn read_parquet(path: &Path) -> impl FnOnce(ParquetError) -> Self {
        move |error| Self::damaged(path, into_io(error))
    }
}

fn into_io(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(source) => io::Error::other(source),
        },
        other => io::Error::other(other),
    }
}
