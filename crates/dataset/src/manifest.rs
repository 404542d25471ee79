use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind::{NotADirectory, NotFound};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Counts, Error};

/// The manifest's file name.
pub const MANIFEST: &str = "manifest.json";

/// The layout that this program writes; it reads this one and all before it.
const FORMAT: u32 = 1;

/// What went in, what came out, and with what.
///
/// `format`, `scutch`, `outputs` and `checksum` are filled in when the dataset is sealed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// Version of the dataset's layout.
    pub format: u32,
    /// Version of the program.
    pub scutch: String,
    /// Versions of what shows in the output: Unicode, public suffixes, Parquet writer.
    pub versions: BTreeMap<String, String>,
    /// The settings, without those that do not show in the output (threads, memory, paths).
    pub config: serde_json::Value,
    /// Models, lexicons and lists.
    pub models: Vec<Model>,
    /// The files that were read, in order.
    pub inputs: Vec<Input>,
    /// What came out, by stage and reason or rule.
    pub counts: Counts,
    /// The dataset's files, sorted, without this one.
    pub outputs: Vec<Output>,
    /// BLAKE3 of the manifest's own bytes, with zeros in this place.
    pub checksum: String,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Input {
    /// Its path below the input that named it.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its BLAKE3.
    pub blake3: String,
    /// Records in it, rejected ones included.
    pub records: u64,
}

/// A model, lexicon or list that a stage used.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// Its BLAKE3.
    pub blake3: String,
}

/// A file of the dataset.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Output {
    /// Its path below the dataset, with `/` between folders.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its rows, when it is a part of a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Its BLAKE3.
    pub blake3: String,
}

impl Manifest {
    /// Records read.
    pub fn records(&self) -> u64 {
        self.inputs.iter().map(|input| input.records).sum()
    }

    /// Reads the manifest of the dataset in `dir`.
    ///
    /// # Errors
    /// When there is none, it cannot be understood, or its format is newer than this program.
    pub fn read(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(MANIFEST);
        let bytes = match fs::read(&path) {
            Err(error) if matches!(error.kind(), NotFound | NotADirectory) => {
                return Err(Error::NotDataset { path: dir.to_owned() });
            }
            other => other.map_err(Error::read(&path))?,
        };
        let manifest: Self =
            serde_json::from_slice(&bytes).map_err(|error| Error::damaged(&path, error))?;
        if manifest.format > FORMAT {
            return Err(Error::Format { path, found: manifest.format, known: FORMAT });
        }
        let blank = blank_checksum(&bytes, &manifest.checksum);
        if blank.is_none_or(|bytes| blake3::hash(&bytes).to_string() != manifest.checksum) {
            return Err(Error::damaged(&path, "its checksum does not match"));
        }
        Ok(manifest)
    }

    /// The manifest's file: pretty JSON that ends with its own checksum.
    pub(crate) fn seal(mut self, outputs: Vec<Output>) -> Result<Vec<u8>, serde_json::Error> {
        self.format = FORMAT;
        self.scutch = env!("CARGO_PKG_VERSION").to_owned();
        let writer = parquet::file::properties::DEFAULT_CREATED_BY;
        let writer = writer.rsplit(' ').next().unwrap_or(writer);
        self.versions.insert("parquet".to_owned(), writer.to_owned());
        self.outputs = outputs;
        self.checksum = ZEROS.to_owned();
        let mut bytes = serde_json::to_vec_pretty(&self)?;
        bytes.push(b'\n');
        let checksum = blake3::hash(&bytes).to_string();
        let at = bytes.len() - TAIL.len() - ZEROS.len();
        bytes[at..at + ZEROS.len()].copy_from_slice(checksum.as_bytes());
        Ok(bytes)
    }
}

const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// What follows the checksum, the manifest's last value.
const TAIL: &str = "\"\n}\n";

/// The manifest's bytes with zeros for its checksum; none when it does not stand at the end.
fn blank_checksum(bytes: &[u8], checksum: &str) -> Option<Vec<u8>> {
    let head = bytes.strip_suffix(TAIL.as_bytes())?.strip_suffix(checksum.as_bytes())?;
    Some([head, ZEROS.as_bytes(), TAIL.as_bytes()].concat())
}
