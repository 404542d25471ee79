//! What a pass does with one record.

use scutch_dedup::{ExactRow, Sketch};
use scutch_document::{CorpusStage, Document, Rejection};
use scutch_ingest::Body;
use scutch_strip::{LineRow, RepeatedLine};

use crate::Error;
use crate::clock::Work;
use crate::entry::{Entry, reject};
use crate::exact::ExactCopy;
use crate::near::NearFinding;
use crate::run::Run;
use crate::stages::guarded;

/// How far a record is taken in one pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Until {
    /// To the exact hashes and the lines of its site.
    Read,
    /// To the near-duplicate sketch.
    Stripped,
    /// To the dataset.
    Repaired,
}

/// A record that has been worked on: its entry or the entry's bytes, and what was observed of it.
pub(crate) struct Worked {
    pub(crate) ordinal: u64,
    pub(crate) entry: Entry,
    pub(crate) near: Option<NearFinding>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) exact: Vec<ExactRow>,
    pub(crate) lines: Vec<LineRow>,
    pub(crate) sketch: Option<Sketch>,
}

/// What a pass reads.
pub(crate) enum Item {
    /// From an input file.
    Record(u64, scutch_ingest::Record),
    /// From the first spill: with what is known of it from the whole corpus.
    Decoded(u64, Vec<u8>, Option<ExactCopy>, Vec<RepeatedLine>),
    /// From the second spill.
    Stripped(u64, Vec<u8>, Option<NearFinding>),
}

impl Item {
    /// Its size, to cut batches by.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Record(_, record) => match &record.body {
                Body::Text(text) => text.len(),
                Body::Bytes { bytes, .. } | Body::Broken { raw: bytes, .. } => bytes.len(),
            },
            Self::Decoded(_, bytes, ..) | Self::Stripped(_, bytes, _) => bytes.len(),
        }
    }
}

impl Run<'_> {
    /// Takes a record as far as `until`.
    pub(crate) fn work(&self, item: Item, until: Until) -> Result<Worked, Error> {
        let stages = &self.stages;
        let mut near = None;
        let (ordinal, entry) = match item {
            Item::Record(ordinal, record) => {
                let entry = stages.read(record);
                (ordinal, if until > Until::Read { self.strip(entry, None, &[]) } else { entry })
            }
            Item::Decoded(ordinal, bytes, exact, repeated) => {
                (ordinal, self.strip(self.codec.read(&bytes)?, exact, &repeated))
            }
            Item::Stripped(ordinal, bytes, finding) => {
                near = finding;
                (ordinal, self.codec.read(&bytes)?)
            }
        };
        let entry = match (entry, &near) {
            (Entry::Document(document), Some(finding)) if !finding.kept => {
                let rejection = finding.rejection();
                Entry::Rejected(reject(document, self.elsewhere(rejection, finding.dataset)))
            }
            (Entry::Document(document), _) if until == Until::Repaired => stages.repair(document),
            (entry, _) => entry,
        };
        let mut worked = Worked {
            ordinal,
            entry,
            near,
            bytes: Vec::new(),
            exact: Vec::new(),
            lines: Vec::new(),
            sketch: None,
        };
        if let Err(rejection) = self.observe(&mut worked, until)
            && let Entry::Document(document) = worked.entry
        {
            (worked.exact, worked.lines) = (Vec::new(), Vec::new());
            worked.entry = Entry::Rejected(reject(document, rejection));
        }
        if until < Until::Repaired {
            stages.clock.time(Work::Spill, || self.codec.write(&worked.entry, &mut worked.bytes));
        }
        Ok(worked)
    }

    /// Observes a document for the corpus stages at the end of the pass.
    fn observe(&self, worked: &mut Worked, until: Until) -> Result<(), Rejection> {
        let Entry::Document(document) = &worked.entry else { return Ok(()) };
        let (stages, ordinal) = (&self.stages, worked.ordinal);
        match until {
            Until::Read => {
                if let Some(exact) = &stages.exact {
                    let emit = &mut |row| worked.exact.push(row);
                    let job = || guarded("dedup", || exact.observe(ordinal, document, emit));
                    stages.clock.time(Work::Dedup, job)?;
                }
                if let Some(lines) = &stages.lines {
                    let emit = &mut |row| worked.lines.push(row);
                    let job = || guarded("strip", || lines.observe(ordinal, document, emit));
                    stages.clock.time(Work::Strip, job)?;
                }
            }
            Until::Stripped => worked.sketch = guarded("dedup", || self.sketch(document))?,
            Until::Repaired => {}
        }
        Ok(())
    }

    fn strip(&self, entry: Entry, exact: Option<ExactCopy>, repeated: &[RepeatedLine]) -> Entry {
        match (entry, exact) {
            (Entry::Document(document), Some(copy)) => {
                let rejection = Rejection::duplicate("dedup", "exact_copy", copy.winner, 1.0);
                Entry::Rejected(reject(document, self.elsewhere(rejection, copy.dataset)))
            }
            (Entry::Document(document), None) => self.stages.strip(document, repeated),
            (rejected, _) => rejected,
        }
    }

    /// Names the dataset in which the kept document lies, when it is an earlier one.
    fn elsewhere(&self, mut rejection: Rejection, dataset: u16) -> Rejection {
        if let Some(earlier) = self.datasets.get(usize::from(dataset)) {
            rejection.duplicate_of = rejection.duplicate_of.map(|id| format!("{earlier}:{id}"));
        }
        rejection
    }

    fn sketch(&self, document: &Document) -> Option<Sketch> {
        let (near, mutable) = (self.stages.near.as_ref()?, self.stages.mutable.as_ref()?);
        Some(self.stages.clock.time(Work::Dedup, || near.sketch(document, mutable)))
    }
}
