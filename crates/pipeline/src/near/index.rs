//! What a later run needs to find copies of this dataset's documents: the keys of the published ones.
//!
//! `near.keys` holds those under which they are posted, packed, with the rows of at most [`PAIRED`]
//! documents for each.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use scutch_dedup::{Config, KEY_BITS, PAIRED, Sketch};
use scutch_document::Id;

use crate::bits::Bits;
use crate::spill::SpillError;
use crate::spill::packed::{Packed, PackedWriter};

/// The keys.
const KEYS: &str = "near.keys";

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
    pub(super) fn keys(&self, config: &Config) -> Result<Packed, SpillError> {
        Packed::open(&self.dir.join(KEYS), &settings(config))
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

/// Begins the file of a corpus' keys in the folder `spill`, for so many documents.
pub(super) fn keep_keys(
    spill: &Path,
    config: &Config,
    documents: u32,
) -> Result<PackedWriter, SpillError> {
    PackedWriter::create(&spill.join(KEYS), &settings(config), documents)
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
    let mut keys = Packed::open(&spill.join(KEYS), &settings(config))?;
    let rows = published.ranks();
    let mut writer = PackedWriter::create(&index.join(KEYS), &settings(config), rows.len())?;
    let mut of_last = (0, 0);
    while let Some((key, number)) = keys.next_key()? {
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
    format!("near keys 4: {KEY_BITS} bits, shingles of {near} words, of {spin} spin-proof words")
}
