//! The first pass' source: all records of all inputs, in order.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use scutch_dataset::Input;
use scutch_ingest::{Record, Records, Source};

use crate::Error;
use crate::progress::Progress;

/// Reads the sources one after the other; what each held is added to `inputs`.
pub(crate) struct Reading<'a> {
    sources: &'a [Source],
    config: &'a scutch_ingest::Config,
    progress: &'a dyn Progress,
    inputs: &'a Mutex<Vec<Input>>,
    open: Option<(Records, Input, Stamp)>,
    position: u64,
    ordinal: u64,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(
        sources: &'a [Source],
        config: &'a scutch_ingest::Config,
        progress: &'a dyn Progress,
        inputs: &'a Mutex<Vec<Input>>,
    ) -> Self {
        Self { sources, config, progress, inputs, open: None, position: 0, ordinal: 0 }
    }

    fn advance(&mut self) -> Result<Option<(u64, Record)>, Error> {
        loop {
            if let Some((records, input, _)) = &mut self.open {
                let next = records.next().transpose()?;
                let position = Records::position(records);
                let read = position.saturating_sub(self.position);
                self.position = position;
                self.progress.advance(read, u64::from(next.is_some()));
                if let Some(record) = next {
                    let ordinal = self.ordinal;
                    self.ordinal += 1;
                    input.records += 1;
                    return Ok(Some((ordinal, record)));
                }
                let (_, input, before) = self.open.take().expect("it is open");
                before.still_holds()?;
                self.inputs.lock().unwrap_or_else(|lock| lock.into_inner()).push(input);
            }
            let Some((source, rest)) = self.sources.split_first() else { return Ok(None) };
            self.sources = rest;
            let path = &source.path;
            let stamp = Stamp::of(path)?;
            let unreadable = |source| scutch_ingest::Error::Read { path: path.clone(), source };
            let (bytes, blake3) = hash(path).map_err(unreadable)?;
            let records = scutch_ingest::open(source, self.config)?;
            let input = Input { name: source.name.to_string(), bytes, blake3, records: 0 };
            self.open = Some((records, input, stamp));
            self.position = 0;
        }
    }
}

impl Iterator for Reading<'_> {
    type Item = Result<(u64, Record), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance().transpose()
    }
}

/// What the system says of a file before it is read. It is read twice, for its checksum and for its
/// records, and what the manifest says of it must be true of both.
struct Stamp {
    path: PathBuf,
    before: Metadata,
}

impl Stamp {
    fn of(path: &Path) -> Result<Self, Error> {
        let before = std::fs::metadata(path).map_err(Error::io(path))?;
        Ok(Self { path: path.to_owned(), before })
    }

    /// Whether size and time of change are what they were; a system without times still tells sizes.
    fn still_holds(&self) -> Result<(), Error> {
        let now = Self::of(&self.path)?.before;
        let same =
            now.len() == self.before.len() && now.modified().ok() == self.before.modified().ok();
        if same { Ok(()) } else { Err(Error::Changed(self.path.clone())) }
    }
}

/// A file's size and BLAKE3.
pub(crate) fn hash(path: &Path) -> std::io::Result<(u64, String)> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(std::fs::File::open(path)?)?;
    Ok((hasher.count(), hasher.finalize().to_hex().to_string()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::Quiet;

    #[test]
    fn a_file_that_is_written_to_while_it_is_read_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        std::fs::write(&path, "{\"text\":\"a\"}\n").unwrap();
        let sources = scutch_ingest::discover(std::slice::from_ref(&path)).unwrap();
        let (config, inputs) = (scutch_ingest::Config::default(), Mutex::default());
        let whole: Vec<_> = Reading::new(&sources, &config, &Quiet, &inputs).collect();
        assert!(matches!(whole[..], [Ok(_)]) && inputs.lock().unwrap().len() == 1);

        let mut reading = Reading::new(&sources, &config, &Quiet, &inputs);
        assert!(reading.next().unwrap().is_ok());
        let mut file = std::fs::File::options().append(true).open(&path).unwrap();
        file.write_all(b"{\"text\":\"b\"}\n").unwrap();
        let error = reading.find_map(Result::err).unwrap();
        assert!(
            matches!(&error, Error::Changed(changed) if changed.ends_with("a.jsonl")),
            "{error}"
        );
    }
}
