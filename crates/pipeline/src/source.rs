//! The first pass' source: all records of all inputs, in order.

use std::path::Path;
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
    open: Option<(Records, Input)>,
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
            if let Some((records, input)) = &mut self.open {
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
                let (_, input) = self.open.take().expect("it is open");
                self.inputs.lock().unwrap_or_else(|lock| lock.into_inner()).push(input);
            }
            let Some((source, rest)) = self.sources.split_first() else { return Ok(None) };
            self.sources = rest;
            let (bytes, blake3) = hash(&source.path)?;
            let records = scutch_ingest::open(source, self.config)?;
            let input = Input { name: source.name.to_string(), bytes, blake3, records: 0 };
            self.open = Some((records, input));
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

/// A file's size and BLAKE3.
pub(crate) fn hash(path: &Path) -> Result<(u64, String), Error> {
    let mut hasher = blake3::Hasher::new();
    let file = std::fs::File::open(path).map_err(Error::io(path))?;
    hasher.update_reader(file).map_err(Error::io(path))?;
    Ok((hasher.count(), hasher.finalize().to_hex().to_string()))
}
