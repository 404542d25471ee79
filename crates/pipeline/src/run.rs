//! A run: up to three passes over the records, with a corpus stage's decision between two of them.
//!
//! ```text
//! read:   records -> decode, clean                        -> exact rows, site lines   | spill
//! strip:  spill + findings -> exact copies out, strip, gate -> near-duplicate sketches | spill
//! write:  spill + findings -> near copies out, repair      -> dataset
//! ```
//! A barrier whose corpus stages are switched off is not there: its two passes are one.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use scutch_dataset::{Counts, Dataset, Input, MANIFEST, Model};
use scutch_ingest::Source;
use scutch_strip::RepeatedLine;

use crate::against::{self, Against, INDEX};
use crate::config::{Config, ConfigError};
use crate::entry::Codec;
use crate::exact::ExactCopy;
use crate::journal::{Journal, SPILL};
use crate::near::{Earlier, NearFinding};
use crate::ordered::{BatchSize, map_ordered};
use crate::progress::Progress;
use crate::sink::Sink;
use crate::source::Reading;
use crate::spill::blob::Blob;
use crate::stages::Stages;
use crate::work::{Item, Until};
use crate::{Error, manifest};

/// What a run is asked to do, beside its config. None of it shows in the dataset but the input.
#[derive(Debug, Clone)]
pub struct Request {
    /// Files, folders and globs.
    pub inputs: Vec<PathBuf>,
    /// The dataset's folder; must not exist.
    pub output: PathBuf,
    /// Earlier datasets whose documents are not to be published again.
    pub against: Vec<PathBuf>,
    /// Worker threads.
    pub threads: usize,
    /// Memory to stay within, in bytes: buffers are cut to it. Models and one record of the largest
    /// size that the config lets through come on top.
    pub memory: u64,
    /// Go on where an interrupted run of the same plan stopped.
    pub resume: bool,
}

/// What came out of a run.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Input records.
    pub records: u64,
    /// Bytes of input files.
    pub input_bytes: u64,
    /// Bytes of text in the clean documents.
    pub text_bytes: u64,
    /// Documents, rejected records and edits.
    pub counts: Counts,
    /// Worker time by stage.
    pub time: Vec<(&'static str, Duration)>,
}

/// Runs the plan: reads the inputs, and publishes the dataset at `request.output`.
///
/// # Errors
/// See [`Error`]. Nothing is at `request.output` then; what was done so far waits for `resume`
/// beside it, in `OUTPUT.partial`.
pub fn run(
    config: &Config,
    request: &Request,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Summary, Error> {
    if request.output.symlink_metadata().is_ok() {
        return Err(Error::Exists(request.output.clone()));
    }
    let sources = scutch_ingest::discover(&request.inputs)?;
    no_dataset(&sources)?;
    apart(&request.output, &request.inputs)?;
    let stages = Stages::new(config)?;
    let against = Against::open(&request.against)?;
    if !against.is_empty() && stages.exact.is_none() && stages.near.is_none() {
        return Err(ConfigError("--against needs the dedup stage".to_owned()).into());
    }
    // An index that cannot be used is refused before hours are spent.
    near_indexes(&stages, &against)?;
    if stages.exact.is_some() {
        against.iter().try_for_each(|earlier| earlier.exact().map(drop))?;
    }
    let models: Vec<_> = against.iter().map(Against::model).collect();
    let plan = manifest::plan_hash(config, &stages, &sources, &models)?;

    let partial = beside(&request.output);
    let spill = partial.join(SPILL);
    if let Some(folder) = partial.parent() {
        std::fs::create_dir_all(folder).map_err(Error::io(folder))?;
    }
    // Of two runs that begin at once, one makes the folder.
    let begun = match std::fs::create_dir(&partial) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => true,
        made => made.map(|()| false).map_err(Error::io(&partial))?,
    };
    let _lock = Journal::lock(&partial)?;
    // The other one may have published since this one began.
    if request.output.symlink_metadata().is_ok() {
        if !begun {
            std::fs::remove_dir_all(&partial).map_err(Error::io(&partial))?;
        }
        return Err(Error::Exists(request.output.clone()));
    }
    if begun && !request.resume {
        return Err(Error::Partial(partial));
    }
    let journal = if begun { Journal::read(&partial, &plan)? } else { Journal::new(&plan) };
    let index = partial.join(INDEX);
    for folder in [&spill, &index] {
        std::fs::create_dir_all(folder).map_err(Error::io(folder))?;
    }
    journal.write(&partial)?;

    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(request.threads)
        .thread_name(|n| format!("scutch-{n}"))
        .build()
        .map_err(|error| Error::Io {
            path: partial.clone(),
            source: std::io::Error::other(error),
        })?;
    let run = Run {
        config,
        codec: Codec::new(stages.signals(), vec!["ingest", "decode", "dedup", "strip", "repair"]),
        pool,
        progress,
        stop,
        datasets: against.iter().map(|earlier| Arc::clone(&earlier.name)).collect(),
        against,
        spill,
        index,
        partial,
        memory: usize::try_from(request.memory).unwrap_or(usize::MAX),
        stages,
    };
    let summary = run.passes(&sources, journal)?;
    scutch_dataset::publish(&run.partial.join("dataset"), &request.output)?;
    std::fs::remove_dir_all(&run.partial).map_err(Error::io(&run.partial))?;
    Ok(Summary { time: run.stages.clock.read(), ..summary })
}

/// Refuses an input with a dataset in it: its documents are pages, but its edits, its rejected records
/// and its report are not.
fn no_dataset(sources: &[Source]) -> Result<(), Error> {
    let manifests = sources.iter().filter(|source| source.path.ends_with(MANIFEST));
    let mut folders = manifests.filter_map(|source| source.path.parent());
    match folders.find(|folder| Dataset::open(*folder).is_ok()) {
        Some(dataset) => Err(ConfigError(format!(
            "--input takes in the dataset {0}: move it elsewhere, or name {0}/documents to read its \
             documents",
            dataset.display()
        ))
        .into()),
        None => Ok(()),
    }
}

/// Files of a dataset that a glob may match.
const IN_A_DATASET: [&str; 4] =
    [MANIFEST, "README.md", "report.html", "documents/part-00000.parquet"];

/// Refuses an output that the next run of the same inputs would take for pages, or within a dataset,
/// which would not be as its manifest says any more.
fn apart(output: &Path, inputs: &[PathBuf]) -> Result<(), Error> {
    // The folders on the way to the output may not be there yet.
    let mut above = output.ancestors().skip(1).map(|folder| match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    });
    let Some((folder, place)) =
        above.find_map(|folder| Some((folder, folder.canonicalize().ok()?)))
    else {
        return Ok(());
    };
    let target = place.join(output.strip_prefix(folder).unwrap_or(output));
    for input in inputs {
        for file in IN_A_DATASET {
            if scutch_ingest::stands_for(input, &target.join(file))? {
                return Err(ConfigError(format!(
                    "--output {} lies in the input {}: a later run would read it; choose another \
                     --output",
                    output.display(),
                    input.display()
                ))
                .into());
            }
        }
    }
    match place.ancestors().find(|folder| Dataset::open(*folder).is_ok()) {
        Some(dataset) => Err(ConfigError(format!(
            "--output {} lies in the dataset {}; choose another --output",
            output.display(),
            dataset.display()
        ))
        .into()),
        None => Ok(()),
    }
}

/// The near-duplicate indexes of the earlier datasets, when they are needed.
pub(crate) fn near_indexes(stages: &Stages, against: &[Against]) -> Result<Vec<Earlier>, Error> {
    match (&stages.near, &stages.mutable) {
        (Some(near), Some(mutable)) => against.iter().map(|one| one.near(near, mutable)).collect(),
        _ => Ok(Vec::new()),
    }
}

/// The folder that a run works in, beside its target.
fn beside(output: &Path) -> PathBuf {
    let mut name = output.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    output.with_file_name(name)
}

/// A run under way.
pub(crate) struct Run<'a> {
    pub(crate) config: &'a Config,
    pub(crate) stages: Stages,
    pub(crate) codec: Codec,
    pub(crate) pool: rayon::ThreadPool,
    pub(crate) progress: &'a dyn Progress,
    pub(crate) stop: &'a AtomicBool,
    pub(crate) against: Vec<Against>,
    /// Names of the earlier datasets that findings refer to, by their numbers.
    pub(crate) datasets: Vec<Arc<str>>,
    pub(crate) partial: PathBuf,
    pub(crate) spill: PathBuf,
    pub(crate) index: PathBuf,
    pub(crate) memory: usize,
}

impl Run<'_> {
    fn passes(&self, sources: &[Source], mut journal: Journal) -> Result<Summary, Error> {
        let stages = &self.stages;
        let first = if stages.exact.is_some() || stages.lines.is_some() {
            Until::Read
        } else if stages.near.is_some() {
            Until::Stripped
        } else {
            Until::Repaired
        };
        let second = if stages.near.is_some() { Until::Stripped } else { Until::Repaired };

        if journal.passes < 1 || first == Until::Repaired {
            let inputs = Mutex::new(Vec::new());
            let total = sources.iter().map(|source| source.bytes).sum();
            self.progress.begin("read", total);
            let reading = Reading::new(sources, &self.config.input, self.progress, &inputs);
            let items =
                reading.map(|item| item.map(|(ordinal, record)| Item::Record(ordinal, record)));
            let summary = self.pass(items, first)?;
            journal.inputs = inputs.into_inner().unwrap_or_else(|lock| lock.into_inner());
            if let Some(summary) = summary {
                return self.seal(summary, journal.inputs);
            }
            journal.passes = 1;
            journal.write(&self.partial)?;
        }
        if first == Until::Read && (journal.passes < 2 || second == Until::Repaired) {
            let findings =
                self.found::<ExactCopy>("exact", stages.exact.is_some(), |copy| copy.ordinal)?;
            let repeated =
                self.found::<RepeatedLine>("lines", stages.lines.is_some(), |finding| {
                    finding.ordinal
                })?;
            let blob = Blob::open(&self.blob_path("decoded"))?;
            self.progress.begin("strip", blob.bytes());
            let mut joined = (findings, repeated);
            let items = self.unspill(&blob)?.map(move |item| {
                let (ordinal, bytes) = item?;
                let exact = joined.0.about(ordinal)?.pop();
                Ok(Item::Decoded(ordinal, bytes, exact, joined.1.about(ordinal)?))
            });
            if let Some(summary) = self.pass(items, second)? {
                return self.seal(summary, journal.inputs);
            }
            journal.passes = 2;
            journal.write(&self.partial)?;
            self.forget("decoded")?;
        }
        let mut findings =
            self.found::<NearFinding>("near", stages.near.is_some(), |finding| finding.ordinal)?;
        let blob = Blob::open(&self.blob_path("stripped"))?;
        self.progress.begin("write", blob.bytes());
        let items = self.unspill(&blob)?.map(move |item| {
            let (ordinal, bytes) = item?;
            Ok(Item::Stripped(ordinal, bytes, findings.about(ordinal)?.pop()))
        });
        let summary = self.pass(items, Until::Repaired)?.unwrap_or_default();
        self.seal(summary, journal.inputs)
    }

    /// Takes `items` as far as `until`. The summary is there when that is the dataset.
    fn pass(
        &self,
        items: impl Iterator<Item = Result<Item, Error>> + Send,
        until: Until,
    ) -> Result<Option<Summary>, Error> {
        // Four batches are under way, each in several shapes (bytes, text, edits, results).
        let batch = BatchSize { bytes: (self.memory / 64).clamp(64 << 10, 16 << 20), items: 4096 };
        let mut sink = Sink::open(self, until)?;
        map_ordered(
            &self.pool,
            batch,
            self.stop,
            items,
            Item::bytes,
            |item| self.work(item, until),
            |worked| sink.take(worked?),
        )?;
        self.progress.end();
        if self.stop.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        sink.finish()
    }

    pub(crate) fn blob_path(&self, name: &str) -> PathBuf {
        self.spill.join(format!("{name}.blob"))
    }

    fn forget(&self, name: &str) -> Result<(), Error> {
        let path = self.blob_path(name);
        std::fs::remove_file(&path).map_err(Error::io(&path))
    }

    /// The records of a spill file with their ordinals.
    fn unspill<'b>(
        &'b self,
        blob: &'b Blob,
    ) -> Result<impl Iterator<Item = Result<(u64, Vec<u8>), Error>> + Send + 'b, Error> {
        let mut records = blob.records()?;
        let mut ordinal = 0;
        Ok(std::iter::from_fn(move || {
            let mut record = Vec::new();
            match records.next_into(&mut record) {
                Ok(Some(_)) => {
                    self.progress.advance(record.len() as u64, 1);
                    ordinal += 1;
                    Some(Ok((ordinal - 1, record)))
                }
                Ok(None) => None,
                Err(error) => Some(Err(error.into())),
            }
        }))
    }

    fn models(&self) -> Vec<Model> {
        let against = self.against.iter().map(Against::model);
        self.stages.models.iter().cloned().chain(against).collect()
    }

    fn seal(&self, mut summary: Summary, inputs: Vec<Input>) -> Result<Summary, Error> {
        summary.records = inputs.iter().map(|input| input.records).sum();
        summary.input_bytes = inputs.iter().map(|input| input.bytes).sum();
        if self.stages.exact.is_some() || self.stages.near.is_some() {
            against::place(&self.index, &self.partial.join("dataset").join(INDEX))?;
        }
        let manifest = manifest::of(self.config, self.models(), inputs, summary.counts.clone())?;
        scutch_dataset::seal(&self.partial.join("dataset"), manifest)?;
        Ok(summary)
    }
}
