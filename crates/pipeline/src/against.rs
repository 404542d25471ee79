//! Earlier datasets, whose documents are not to be published again.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use scutch_dataset::{Dataset, DocumentRow, Manifest, Model, Table};
use scutch_dedup::{Mutable, Near, PRESENT, Sketch};
use scutch_document::{Document, Id};

use crate::config::ConfigError;
use crate::near::{Earlier, Sketches};
use crate::source::hash;
use crate::spill::SpillError;
use crate::spill::packed::Packed;
use crate::{Error, exact};

/// The folder of a dataset that holds what a later run needs.
pub(crate) const INDEX: &str = "index";

/// An earlier dataset.
#[derive(Debug, Clone)]
pub(crate) struct Against {
    pub(crate) name: Arc<str>,
    dataset: Dataset,
    index: PathBuf,
}

impl Against {
    /// Opens the datasets, in the order in which they were published.
    pub(crate) fn open(datasets: &[PathBuf]) -> Result<Vec<Self>, Error> {
        if datasets.len() >= usize::from(PRESENT) {
            return Err(ConfigError("--against: too many datasets".into()).into());
        }
        let mut opened: Vec<Self> = Vec::new();
        for path in datasets {
            let dataset = Dataset::open(path)?;
            let name = match path.canonicalize() {
                Ok(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
                Err(source) => return Err(Error::Io { path: path.clone(), source }),
            };
            let name: Arc<str> = name.unwrap_or_default().into();
            if opened.iter().any(|other| other.name == name) {
                return Err(ConfigError(format!(
                    "--against names two datasets called `{name}`: `duplicate_of` could not tell \
                     them apart; rename one"
                ))
                .into());
            }
            check(path, dataset.manifest())?;
            opened.push(Self { name, dataset, index: path.join(INDEX) });
        }
        Ok(opened)
    }

    /// Its name and the checksum of its manifest, for the manifest of the new dataset.
    pub(crate) fn model(&self) -> Model {
        let blake3 = self.dataset.manifest().checksum.clone();
        Model { name: format!("against/{}", self.name), blake3 }
    }

    /// Its near-duplicate index, for stages that make sketches.
    pub(crate) fn near(&self, near: &Near, mutable: &Arc<Mutable>) -> Result<Earlier, Error> {
        self.has_index()?;
        let texts = Texts {
            dataset: self.dataset.clone(),
            near: near.clone(),
            mutable: Arc::clone(mutable),
        };
        let config = near.config();
        Earlier::open(&self.name, &self.index, config, Box::new(texts)).map_err(|e| self.refused(e))
    }

    /// The hashes of its documents, for finding exact copies.
    pub(crate) fn exact(&self) -> Result<Packed, Error> {
        self.has_index()?;
        Packed::open(&self.index.join(exact::KEYS), exact::KIND).map_err(|e| self.refused(e))
    }

    /// The ids of the documents in these rows, which rise.
    pub(crate) fn ids(&self, rows: &[u64]) -> Result<Vec<Id>, Error> {
        let ids = self.dataset.ids_at(rows)?;
        if ids.len() == rows.len() {
            Ok(ids)
        } else {
            Err(Error::Damaged(self.index.clone(), "it names rows that `documents` does not have"))
        }
    }

    /// Says what to do about an index that is whole but not what this run can use.
    fn refused(&self, error: SpillError) -> Error {
        let what = match error {
            SpillError::Kind { path, expected } => {
                format!("{} does not hold {expected}", path.display())
            }
            SpillError::Io { path, source } if source.kind() == ErrorKind::NotFound => {
                format!("there is no {}", path.display())
            }
            error => return error.into(),
        };
        ConfigError(format!(
            "--against: {what}: the index of {} was made by another version of this program or with \
             other settings; build that dataset again",
            self.name
        ))
        .into()
    }

    fn has_index(&self) -> Result<(), Error> {
        if self.index.is_dir() {
            return Ok(());
        }
        let message = format!(
            "{} has no index: it was made without the dedup stage, so --against cannot use it",
            self.name
        );
        Err(ConfigError(message).into())
    }
}

/// The texts of an earlier dataset, from which sketches are made again.
struct Texts {
    dataset: Dataset,
    near: Near,
    mutable: Arc<Mutable>,
}

impl Sketches for Texts {
    fn sketches(&self, rows: &[u64]) -> std::io::Result<Vec<(Id, Sketch)>> {
        // Keys were drawn before the repair.
        let rows = self.dataset.before("repair", rows.to_vec()).map_err(std::io::Error::other)?;
        let sketch = |row: DocumentRow| {
            let id = row.origin.id;
            let mut document = Document::new(row.origin, row.text);
            document.signals.extend(row.spun_score.map(|score| ("spun_score", score)));
            (id, self.near.sketch(&document, &self.mutable))
        };
        Ok(rows.into_par_iter().map(sketch).collect())
    }
}

/// Compares what a run reads of an earlier dataset with its manifest. It reads only parts, and must not
/// take damage for documents that are new: the index is hashed, of the documents the sizes are compared.
fn check(dataset: &Path, manifest: &Manifest) -> Result<(), Error> {
    for output in &manifest.outputs {
        let path = dataset.join(&output.path);
        let is_as_it_was = match output.path.split('/').next() {
            Some(INDEX) => hash(&path).map(|(_, blake3)| blake3 == output.blake3),
            Some(folder) if folder == Table::Documents.name() => {
                path.metadata().map(|now| now.len() == output.bytes)
            }
            _ => continue,
        };
        match is_as_it_was {
            Ok(true) => {}
            Ok(false) => return Err(Error::Damaged(path, "its bytes have changed")),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(Error::Damaged(path, "it is missing"));
            }
            Err(source) => return Err(Error::Io { path, source }),
        }
    }
    Ok(())
}

/// Puts the files of `from` into `to` without copying their bytes, where the file system can.
pub(crate) fn place(from: &Path, to: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(to).map_err(Error::io(to))?;
    let mut files: Vec<PathBuf> = std::fs::read_dir(from)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .map_err(Error::io(from))?;
    files.sort();
    for file in files {
        let target = to.join(file.file_name().unwrap_or_default());
        if std::fs::hard_link(&file, &target).is_err() {
            std::fs::copy(&file, &target).map_err(Error::io(&target))?;
        }
    }
    Ok(())
}
