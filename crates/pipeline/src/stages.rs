//! The stages of a config, ready to work, and what each does to one record.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use scutch_dataset::{Model, Rejected};
use scutch_decode::{Clean, Decoder, Hints};
use scutch_dedup::{Exact, Mutable, Near};
use scutch_document::{Document, DocumentStage, Id, Origin, Rejection, Verdict};
use scutch_ingest::{Body, Kind, Record};
use scutch_repair::{Lexicon, Repair};
use scutch_strip::{RepeatedLine, SiteLines, Strip};

use crate::clock::{Clock, Work};
use crate::config::{Config, ConfigError, Stage};
use crate::entry::{Entry, reject};

/// The stages that a config asks for.
pub struct Stages {
    /// Bytes to text; a run cannot do without it.
    pub decoder: Decoder,
    /// Mojibake, entities, normalisation.
    pub clean: Option<Clean>,
    /// Exact copies.
    pub exact: Option<Exact>,
    /// Lines repeated over the pages of a site.
    pub lines: Option<SiteLines>,
    /// Line rules.
    pub strip: Option<Strip>,
    /// Near copies.
    pub near: Option<Near>,
    /// Is it spun? And if so, the repair.
    pub repair: Option<Repair>,
    /// The words that a spinner changes or writes, for near copies.
    pub mutable: Option<Arc<Mutable>>,
    /// The models, lexicons and lists in use: files of the user, and what ships.
    pub models: Vec<Model>,
    pub(crate) clock: Clock,
}

impl Stages {
    /// Builds the stages and reads the rule files, lexicons and models that the config names.
    ///
    /// # Errors
    /// When such a file cannot be read or does not parse.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let on = |stage| config.stages.contains(&stage);
        let mut models = embedded(config);
        let strip = if on(Stage::Strip) {
            let rules = config
                .strip
                .rules
                .iter()
                .map(|path| read_text(path, "rules", &mut models))
                .collect::<Result<Vec<_>, _>>()?;
            Some(Strip::new(&config.strip, &rules).map_err(unusable)?)
        } else {
            None
        };
        // The near stage needs the lexicon too: it looks at the words that a spinner leaves alone.
        let lexicon = if on(Stage::Repair) || (on(Stage::Dedup) && config.dedup.near.enabled) {
            Some(Arc::new(lexicon(config, &mut models)?))
        } else {
            None
        };
        let near = on(Stage::Dedup) && config.dedup.near.enabled;
        let mutable = lexicon.clone().filter(|_| near);
        let mutable =
            mutable.map(|lexicon| Arc::new(Mutable::new(move |word| lexicon.is_mutable(word))));
        let repair = match &lexicon {
            Some(lexicon) if on(Stage::Repair) => {
                let model = Arc::new(model(config, &mut models)?);
                Some(Repair::new(&config.repair, Arc::clone(lexicon), model))
            }
            _ => None,
        };
        Ok(Self {
            decoder: Decoder::new(&config.decode),
            clean: on(Stage::Decode).then(|| Clean::new(&config.decode)),
            exact: (on(Stage::Dedup) && config.dedup.exact).then(|| Exact::new(&config.dedup)),
            lines: strip.as_ref().map(|_| SiteLines::new(&config.strip)),
            strip,
            near: near.then(|| Near::new(&config.dedup)),
            repair,
            mutable,
            models,
            clock: Clock::default(),
        })
    }

    /// The quality signals (`q_…`) that these stages publish, in the order of their columns.
    pub fn quality_signals(&self) -> Vec<&'static str> {
        self.signals().into_iter().filter(|name| name.starts_with("q_")).collect()
    }

    /// All signals that these stages may set.
    pub(crate) fn signals(&self) -> Vec<&'static str> {
        let stages = [
            self.clean.as_ref().map(|stage| stage as &dyn DocumentStage),
            self.strip.as_ref().map(|stage| stage as &dyn DocumentStage),
            self.repair.as_ref().map(|stage| stage.gate() as &dyn DocumentStage),
            self.repair.as_ref().map(|stage| stage as &dyn DocumentStage),
        ];
        let mut names: Vec<_> =
            stages.into_iter().flatten().flat_map(|stage| stage.signals()).copied().collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Decodes a record and cleans its text.
    pub(crate) fn read(&self, record: Record) -> Entry {
        let origin = Origin {
            id: identity(&record.source, record.number),
            source: record.source,
            record: record.number,
            source_id: record.source_id,
            url: record.url,
            meta: record.meta,
        };
        let rejected = |origin, rejection, raw, encoding| {
            Entry::Rejected(Rejected { origin, rejection, text: None, raw: Some(raw), encoding })
        };
        let (text, encoding) = match record.body {
            Body::Broken { reason, detail, raw } => {
                return rejected(origin, Rejection::new("ingest", reason, detail), raw, None);
            }
            Body::Text(text) => (text, "UTF-8"),
            Body::Bytes { bytes, kind, charset } => {
                let html = kind == Kind::Html;
                let tld = origin.url.as_deref().and_then(top_level_domain);
                // Plain files may be XML or HTML as well: what they declare is a hint, no more.
                let hints = Hints { charset: charset.as_deref(), html: true, tld: tld.as_deref() };
                let decoded = self.clock.time(Work::Decode, || {
                    guarded("decode", || self.decoder.decode(&bytes, &hints)).and_then(|it| it)
                });
                match decoded {
                    Err(rejection) => return rejected(origin, rejection, bytes, None),
                    Ok(decoded) if html => {
                        let lines = self.clock.time(Work::Decode, || {
                            guarded("ingest", || scutch_ingest::html_to_text(&decoded.text))
                        });
                        match lines {
                            Ok(text) => (text, decoded.detection.encoding),
                            Err(rejection) => return rejected(origin, rejection, bytes, None),
                        }
                    }
                    Ok(decoded) => (decoded.text, decoded.detection.encoding),
                }
            }
        };
        let mut document = Document::new(origin, text);
        document.encoding = Some(encoding.to_owned());
        if let Some(clean) = &self.clean
            && let Err(rejection) = self.apply(clean, Work::Clean, &mut document)
        {
            return Entry::Rejected(reject(document, rejection));
        }
        if document.text().trim().is_empty() {
            let rejection = Rejection::new("ingest", "empty", "the record holds no text");
            return Entry::Rejected(reject(document, rejection));
        }
        let language = self
            .clock
            .time(Work::Decode, || guarded("decode", || scutch_decode::language(document.text())));
        document.language = language.ok().flatten().map(str::to_owned);
        Entry::Document(document)
    }

    /// Strips a document, with what is known of its lines from the whole corpus, and scores it.
    pub(crate) fn strip(&self, mut document: Document, repeated: &[RepeatedLine]) -> Entry {
        if let Some(strip) = &self.strip {
            let verdict = self
                .clock
                .time(Work::Strip, || guarded("strip", || strip.judge_with(&document, repeated)));
            if let Err(rejection) = settle("strip", verdict, &mut document) {
                return Entry::Rejected(reject(document, rejection));
            }
        }
        if let Some(repair) = &self.repair
            && let Err(rejection) = self.apply(repair.gate(), Work::Gate, &mut document)
        {
            return Entry::Rejected(reject(document, rejection));
        }
        Entry::Document(document)
    }

    /// Repairs a document.
    pub(crate) fn repair(&self, mut document: Document) -> Entry {
        if let Some(repair) = &self.repair
            && let Err(rejection) = self.apply(repair, Work::Repair, &mut document)
        {
            return Entry::Rejected(reject(document, rejection));
        }
        Entry::Document(document)
    }

    /// Runs one document stage alone, as the Unix filters do.
    ///
    /// # Errors
    /// The rejection, when the stage does not want the document.
    pub fn filter(&self, stage: Stage, document: &mut Document) -> Result<(), Rejection> {
        match stage {
            Stage::Decode => {
                self.clean.as_ref().map_or(Ok(()), |it| self.apply(it, Work::Clean, document))
            }
            Stage::Strip => {
                self.strip.as_ref().map_or(Ok(()), |it| self.apply(it, Work::Strip, document))
            }
            Stage::Repair => {
                self.repair.as_ref().map_or(Ok(()), |it| self.apply(it, Work::Repair, document))
            }
            Stage::Dedup => Ok(()),
        }
    }

    fn apply(
        &self,
        stage: &dyn DocumentStage,
        work: Work,
        document: &mut Document,
    ) -> Result<(), Rejection> {
        let verdict = self.clock.time(work, || guarded(stage.name(), || stage.judge(document)));
        settle(stage.name(), verdict, document)
    }
}

/// Carries out a stage's verdict.
fn settle(
    stage: &'static str,
    verdict: Result<Verdict, Rejection>,
    document: &mut Document,
) -> Result<(), Rejection> {
    match verdict? {
        Verdict::Reject(rejection) => Err(rejection),
        Verdict::Keep { edits, signals } => {
            let edited = !edits.is_empty();
            document
                .apply(stage, edits)
                .map_err(|error| Rejection::new(stage, "stage_failed", error.to_string()))?;
            document.signals.extend(signals);
            if edited && document.text().trim().is_empty() {
                return Err(Rejection::new(stage, "nothing_left", "every line was removed"));
            }
            Ok(())
        }
    }
}

/// A stage that panics on one record must not end the night: that record is rejected.
pub(crate) fn guarded<T>(stage: &'static str, job: impl FnOnce() -> T) -> Result<T, Rejection> {
    catch_unwind(AssertUnwindSafe(job)).map_err(|panic| {
        let said = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        Rejection::new(stage, "stage_failed", format!("please report this: {said}"))
    })
}

/// The same record of the same source has the same id in every build.
fn identity(source: &str, record: u64) -> Id {
    let mut key = Vec::with_capacity(source.len() + 9);
    key.extend_from_slice(source.as_bytes());
    key.push(0);
    key.extend_from_slice(&record.to_le_bytes());
    Id(xxhash_rust::xxh3::xxh3_128(&key))
}

/// The last label of the host in `url`.
fn top_level_domain(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    let label = host.trim_end_matches('.').rsplit('.').next()?;
    label
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        .then(|| label.to_ascii_lowercase())
        .filter(|label| !label.is_empty())
}

/// The tables, rules and models of the stages in use that ship inside the program.
fn embedded(config: &Config) -> Vec<Model> {
    let on = |stages: &[Stage]| stages.iter().any(|stage| config.stages.contains(stage));
    let mut models = Vec::new();
    let mut add = |name: &str, bytes: &[u8]| {
        models.push(Model {
            name: name.to_owned(),
            blake3: blake3::hash(bytes).to_hex().to_string(),
        });
    };
    // Bytes are decoded whatever the stages are.
    scutch_decode::EMBEDDED.iter().for_each(|(name, bytes)| add(name, bytes));
    if on(&[Stage::Strip]) {
        scutch_strip::EMBEDDED.iter().for_each(|(name, bytes)| add(name, bytes));
    }
    if on(&[Stage::Dedup, Stage::Repair]) {
        scutch_repair::embedded().for_each(|(name, bytes)| add(&name, bytes));
    }
    models
}

fn lexicon(config: &Config, models: &mut Vec<Model>) -> Result<Lexicon, ConfigError> {
    let files = config
        .repair
        .lexicon
        .iter()
        .map(|path| read_text(path, "lexicon", models))
        .collect::<Result<Vec<_>, _>>()?;
    Lexicon::english_with(&config.repair.families, &files).map_err(unusable)
}

fn model(config: &Config, models: &mut Vec<Model>) -> Result<scutch_repair::Model, ConfigError> {
    match &config.repair.model {
        None => Ok(scutch_repair::Model::english()),
        Some(path) => {
            let bytes = read(path, "model", models)?;
            scutch_repair::Model::from_bytes(&bytes)
                .map_err(|error| ConfigError(format!("{}: {error}", path.display())))
        }
    }
}

fn unusable(error: impl std::fmt::Display) -> ConfigError {
    ConfigError(error.to_string())
}

fn read(path: &Path, kind: &str, models: &mut Vec<Model>) -> Result<Vec<u8>, ConfigError> {
    let bytes = std::fs::read(path).map_err(|error| {
        ConfigError(format!("{}: cannot read this {kind} file: {error}", path.display()))
    })?;
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    models.push(Model {
        name: format!("{kind}/{name}"),
        blake3: blake3::hash(&bytes).to_hex().to_string(),
    });
    Ok(bytes)
}

fn read_text(
    path: &Path,
    kind: &str,
    models: &mut Vec<Model>,
) -> Result<(String, String), ConfigError> {
    let text = String::from_utf8(read(path, kind, models)?)
        .map_err(|_| ConfigError(format!("{}: not UTF-8", path.display())))?;
    Ok((path.display().to_string(), text))
}
