use std::fs;
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::files::{self, Digest};
use crate::manifest::{MANIFEST, Manifest, Output};
use crate::{Error, card, croissant, report};

const REPORT: &str = "report.html";
const CARD: &str = "README.md";
const CROISSANT: &str = "croissant.json";

/// Completes the dataset in `dir`, whose tables are written: report, card, Croissant metadata and,
/// last of all, the manifest, which names every file below `dir` with its hash. Sealing again gives
/// the same bytes.
///
/// # Errors
/// When documents and rejected records do not add up to the inputs' records, or a file cannot be
/// read or written.
pub fn seal(dir: &Path, manifest: Manifest) -> Result<(), Error> {
    let counts = &manifest.counts;
    let (records, rejected) = (manifest.records(), counts.rejected_total());
    if counts.documents + rejected != records {
        return Err(Error::Counts { records, documents: counts.documents, rejected });
    }
    let mut data = Vec::new();
    let described = |path: &str| path == MANIFEST || [REPORT, CARD, CROISSANT].contains(&path);
    for (path, file) in files::list(dir)?.into_iter().filter(|(path, _)| !described(path)) {
        data.push((file_of(path, &file)?, file));
    }
    let report = report::render(dir, &manifest)?;
    let card = card::render(dir, &manifest)?;
    let croissant = croissant::render(dir, data.iter().map(|(file, _)| file))?;
    let mut outputs: Vec<Output> = data.into_iter().map(|(file, _)| file.output).collect();
    for (name, text) in [(REPORT, report), (CARD, card), (CROISSANT, croissant)] {
        let path = dir.join(name);
        files::write(&path, text.as_bytes())?;
        outputs.push(file_of(name.to_owned(), &path)?.output);
    }
    outputs.sort_by(|a, b| a.path.cmp(&b.path));

    let path = dir.join(MANIFEST);
    let bytes = manifest.seal(outputs).map_err(|error| Error::write(&path)(error.into()))?;
    files::write(&path, &bytes)?;
    files::sync_folder(dir)
}

/// Puts the sealed dataset `work` in its place: from then on it is there, whole.
///
/// # Errors
/// When `target` exists, or `work` cannot be renamed to it.
pub fn publish(work: &Path, target: &Path) -> Result<(), Error> {
    if target.symlink_metadata().is_ok() {
        return Err(Error::Exists { path: target.to_owned() });
    }
    fs::rename(work, target).map_err(Error::write(target))?;
    match target.parent() {
        Some(parent) if parent != Path::new("") => files::sync_folder(parent),
        _ => files::sync_folder(Path::new(".")),
    }
}

/// A file of the dataset, with the hash that Croissant wants besides.
pub(crate) struct Sealed {
    pub(crate) output: Output,
    pub(crate) sha256: String,
}

fn file_of(path: String, file: &Path) -> Result<Sealed, Error> {
    let Digest { bytes, blake3, sha256 } = files::digest(file)?;
    let rows = if path.ends_with(".parquet") { Some(rows(file)?) } else { None };
    Ok(Sealed { output: Output { path, bytes, rows, blake3 }, sha256 })
}

/// Rows of a Parquet file, from its footer.
fn rows(path: &Path) -> Result<u64, Error> {
    let file = fs::File::open(path).map_err(Error::read(path))?;
    let reader = SerializedFileReader::new(file).map_err(Error::read_parquet(path))?;
    Ok(reader.metadata().file_metadata().num_rows() as u64)
}
