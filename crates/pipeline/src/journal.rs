//! What an interrupted run leaves behind, so that `--resume` goes on to the same bytes.

use std::fs::{File, TryLockError};
use std::path::Path;

use scutch_dataset::Input;
use serde::{Deserialize, Serialize};

use crate::Error;

/// The passes that are done, and what they found out beside their spill files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Journal {
    /// BLAKE3 of everything that decides the outcome: code, config, models, names and sizes of the inputs.
    pub(crate) plan: String,
    /// Passes that are done.
    pub(crate) passes: u32,
    /// What came in.
    pub(crate) inputs: Vec<Input>,
}

const NAME: &str = "journal.json";

impl Journal {
    /// Writes the journal: beside its place first, so that it is whole or not there.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), Error> {
        let path = dir.join(NAME);
        let new = dir.join("journal.new");
        let bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::Io { path: new.clone(), source: error.into() })?;
        std::fs::write(&new, bytes).map_err(Error::io(&new))?;
        std::fs::rename(&new, &path).map_err(Error::io(&path))
    }

    /// Keeps `dir` for this run alone, as long as the file that comes back is open.
    pub(crate) fn lock(dir: &Path) -> Result<File, Error> {
        let path = dir.join("lock");
        let lock = File::create(&path).map_err(Error::io(&path))?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => Err(Error::Busy(dir.to_owned())),
            // A file system without locks is no reason not to work on it.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(lock),
        }
    }

    /// Reads the journal of an interrupted run of the same plan.
    pub(crate) fn read(dir: &Path, plan: &str) -> Result<Self, Error> {
        let path = dir.join(NAME);
        let bytes = std::fs::read(&path)
            .map_err(|_| Error::CannotResume(format!("{} has no {NAME}", dir.display())))?;
        let journal: Self = serde_json::from_slice(&bytes)
            .map_err(|error| Error::CannotResume(format!("{}: {error}", path.display())))?;
        if journal.plan != plan {
            return Err(Error::CannotResume(format!(
                "{} is of a run with other inputs, config or code",
                dir.display()
            )));
        }
        Ok(journal)
    }
}
