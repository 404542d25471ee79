use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use crate::batches::{Batches, Columns, Select};
use crate::manifest::{MANIFEST, Manifest};
use crate::{Dataset, Error, Table, files};

/// Something in a dataset that is not as its manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file or folder, below the dataset.
    pub path: String,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// Documents whose edits do not undo, after which the rest is not looked at.
const UNDO_PROBLEMS: usize = 20;

/// Checks a dataset against its manifest: files missing, extra or changed, counts that do not add
/// up, documents whose edits do not give back their decoded text. No problem, no item.
///
/// # Errors
/// When the folder is no dataset or cannot be read.
pub fn verify(dir: &Path) -> Result<Vec<Problem>, Error> {
    let mut problems = Vec::new();
    let mut found = |path: &str, message: String| {
        problems.push(Problem { path: path.to_owned(), message });
    };
    let manifest = match Manifest::read(dir) {
        Ok(manifest) => manifest,
        Err(Error::Damaged { message, .. }) => {
            found(MANIFEST, message);
            return Ok(problems);
        }
        Err(error) => return Err(error),
    };

    let mut present: BTreeMap<_, _> = files::list(dir)?.into_iter().collect();
    present.remove(MANIFEST);
    let mut damaged = BTreeSet::new();
    for output in &manifest.outputs {
        let message = match present.remove(&output.path) {
            None => "missing".to_owned(),
            Some(file) => {
                let digest = files::digest(&file)?;
                if digest.bytes != output.bytes {
                    format!("{} bytes instead of {}", digest.bytes, output.bytes)
                } else if digest.blake3 != output.blake3 {
                    "its bytes have changed".to_owned()
                } else {
                    continue;
                }
            }
        };
        found(&output.path, message);
        damaged.insert(output.path.split('/').next().unwrap_or_default().to_owned());
    }
    for path in present.into_keys() {
        found(&path, "not in the manifest".to_owned());
        damaged.insert(path.split('/').next().unwrap_or_default().to_owned());
    }

    let counts = &manifest.counts;
    let rejected = counts.rejected_total();
    if counts.documents + rejected != manifest.records() {
        let message = format!(
            "{} documents and {rejected} rejected records from {} input records",
            counts.documents,
            manifest.records(),
        );
        found(MANIFEST, message);
    }
    let promised = [counts.documents, rejected, counts.edits_total(), counts.clustered];
    for (table, promised) in Table::ALL.into_iter().zip(promised) {
        let prefix = format!("{}/", table.name());
        let parts = manifest.outputs.iter().filter(|output| output.path.starts_with(&prefix));
        let rows: u64 = parts.filter_map(|output| output.rows).sum();
        if rows != promised {
            found(table.name(), format!("{rows} rows, but the counts say {promised}"));
        }
    }

    // What is damaged on the outside has been named; its inside cannot be trusted.
    if ["documents", "edits"].iter().all(|table| !damaged.contains(*table)) {
        undo_all(dir, manifest.counts.edits_total(), &mut found)?;
    }
    Ok(problems)
}

fn undo_all(dir: &Path, edits: u64, found: &mut impl FnMut(&str, String)) -> Result<(), Error> {
    let mut claimed = 0;
    for batch in Batches::open(dir, Table::Documents, Some(vec!["n_edits"]), Select::All)? {
        let batch = batch?;
        let columns = Columns { batch: &batch, path: dir };
        claimed += columns.ints("n_edits")?.values().iter().sum::<i64>();
    }
    if claimed as u64 != edits {
        found("documents", format!("n_edits sums up to {claimed}, but there are {edits} edits"));
    }
    let mut restored = Dataset::unsealed(dir).restore_documents()?;
    for error in restored.by_ref().filter_map(Result::err).take(UNDO_PROBLEMS) {
        found("documents", error.to_string());
    }
    Ok(())
}
