use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use scutch_dataset::hint;

use crate::config::ConfigError;
use crate::spill::SpillError;

/// Why a run ended without a dataset. A bad record is none of these: it is a row in `rejected`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The config or the command asks for what cannot be done: its author must act.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The input cannot be read.
    #[error(transparent)]
    Ingest(#[from] scutch_ingest::Error),
    /// The dataset cannot be written or read.
    #[error(transparent)]
    Dataset(#[from] scutch_dataset::Error),
    /// A spill file cannot be written, read or believed.
    #[error("spill file {0}{hint}", hint = anew(.0))]
    File(#[from] SpillError),
    /// A spilled record cannot be read back.
    #[error("a spill file is damaged: {0}{hint}", hint = ANEW)]
    Spill(String),
    /// A file of an earlier dataset is not as its manifest says.
    #[error("{0} is damaged: {1}; build that dataset again, or fetch it again")]
    Damaged(PathBuf, &'static str),
    /// Another run is at work on the same target.
    #[error("another run works in {0}: wait for it, or choose another --output")]
    Busy(PathBuf),
    /// An input was written to during the run.
    #[error("{0} changed while it was read: wait until it is whole, and go on with --resume")]
    Changed(PathBuf),
    /// The system refused.
    #[error("{path}: {source}{}", hint(source))]
    Io {
        /// On this file or folder.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// The target exists already.
    #[error("{0} exists already: choose another --output, or remove it")]
    Exists(PathBuf),
    /// An earlier run was interrupted.
    #[error("an interrupted run left {0}: go on with --resume, or remove it")]
    Partial(PathBuf),
    /// There is nothing to go on with.
    #[error("cannot resume: {0}; remove that folder, and run without --resume")]
    CannotResume(String),
    /// Somebody pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

/// What to do about a spill file that cannot be believed.
const ANEW: &str = "; remove the .partial folder, and run it again without --resume";

fn anew(error: &SpillError) -> &'static str {
    match error {
        SpillError::Io { source, .. } if source.kind() != ErrorKind::NotFound => "",
        _ => ANEW,
    }
}

impl Error {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    /// Whether the command or the config must change, not the world.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Config(_))
    }
}
