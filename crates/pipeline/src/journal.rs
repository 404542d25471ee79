//! What an interrupted run leaves behind, so that `--resume` goes on to the same bytes.

use std::fs::{File, TryLockError};
use std::path::Path;

use scutch_dataset::Input;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::against::INDEX;

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
/// Where it is written first.
const NEW: &str = "journal.new";
const LOCK: &str = "lock";
/// The folder of the spill files.
pub(crate) const SPILL: &str = "spill";

impl Journal {
    /// Writes the journal: beside its place first, so that it is whole or not there.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), Error> {
        let path = dir.join(NAME);
        let new = dir.join(NEW);
        let bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::Io { path: new.clone(), source: error.into() })?;
        std::fs::write(&new, bytes).map_err(Error::io(&new))?;
        std::fs::rename(&new, &path).map_err(Error::io(&path))
    }

    /// Keeps `dir` for this run alone, as long as the file that comes back is open.
    pub(crate) fn lock(dir: &Path) -> Result<File, Error> {
        let path = dir.join(LOCK);
        let lock = File::create(&path).map_err(Error::io(&path))?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => Err(Error::Busy(dir.to_owned())),
            // A file system without locks is no reason not to work on it.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(lock),
        }
    }

    /// Nothing is done yet.
    pub(crate) fn new(plan: &str) -> Self {
        Self { plan: plan.to_owned(), passes: 0, inputs: Vec::new() }
    }

    /// Reads the journal of an interrupted run, to go on by `plan`. As long as no pass is done there
    /// is nothing to go on with, and any plan may begin.
    pub(crate) fn read(dir: &Path, plan: &str) -> Result<Self, Error> {
        let path = dir.join(NAME);
        let bytes = match std::fs::read(&path) {
            Err(_) if is_barely_begun(dir) => return Ok(Self::new(plan)),
            bytes => bytes
                .map_err(|_| Error::CannotResume(format!("{} has no {NAME}", dir.display())))?,
        };
        let journal: Self = serde_json::from_slice(&bytes)
            .map_err(|error| Error::CannotResume(format!("{}: {error}", path.display())))?;
        match (journal.plan == plan, journal.passes) {
            (true, _) => Ok(journal),
            (false, 0) => Ok(Self::new(plan)),
            (false, _) => Err(Error::CannotResume(format!(
                "{} is of a run with other inputs, config or code",
                dir.display()
            ))),
        }
    }
}

/// Whether `dir` holds nothing but what a run makes before its journal: the disk was full at once.
fn is_barely_begun(dir: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(dir) else { return false };
    let ours = [LOCK, NEW, INDEX, SPILL];
    entries.flatten().all(|entry| ours.iter().any(|name| entry.file_name() == *name))
}
