use std::io;
use std::path::PathBuf;

/// What the machine, or whoever named the inputs, has to put right.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An input does not exist.
    #[error("{}: no such file or folder", path.display())]
    Missing {
        /// The input.
        path: PathBuf,
    },
    /// A link in a folder leads nowhere.
    #[error("{}: a link to a file that does not exist; remove it or restore the file", path.display())]
    Dangling {
        /// The link.
        path: PathBuf,
    },
    /// A file or folder cannot be looked at.
    #[error("{}: cannot be read: {source}; mend that, or move it elsewhere", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An input is a pipe, a socket or a device.
    #[error(
        "{}: not a regular file; only files and folders can be inputs: write the stream to a file first",
        path.display()
    )]
    NotAFile {
        /// The input.
        path: PathBuf,
    },
    /// A path that would go into the dataset is not UTF-8.
    #[error(
        "{}: the path is not valid UTF-8, so a dataset cannot name it; rename the file or folder",
        path.display()
    )]
    NotUtf8 {
        /// The path.
        path: PathBuf,
    },
    /// A glob cannot be understood.
    #[error("{pattern}: not a valid glob: {reason}")]
    Glob {
        /// The glob.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A folder or glob stands for no file at all.
    #[error("{}: no files there (hidden ones are read only when named themselves)", path.display())]
    Empty {
        /// The folder or glob.
        path: PathBuf,
    },
    /// Reading failed.
    #[error("{}: cannot be read: {source}; mend that, or move it elsewhere", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
