use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use scutch_document::Id;

use crate::{Dataset, Error, Manifest};

/// What two datasets do not have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The manifests differ in this part of what went in.
    Setting {
        /// Path of the value in the manifest, dotted.
        name: String,
        /// In the first dataset, as JSON; nothing when it is not there.
        a: String,
        /// In the second.
        b: String,
    },
    /// A record is only in the first dataset.
    OnlyInA {
        /// The record.
        id: Id,
        /// What became of it.
        fate: String,
    },
    /// A record is only in the second dataset.
    OnlyInB {
        /// The record.
        id: Id,
        /// What became of it.
        fate: String,
    },
    /// Something else became of a record.
    Fate {
        /// The record.
        id: Id,
        /// In the first dataset: `document`, or `rejected: stage/reason`.
        a: String,
        /// In the second.
        b: String,
    },
    /// A document's or rejected record's text differs.
    Text {
        /// The record.
        id: Id,
    },
    /// The texts are equal, but other columns differ.
    Columns {
        /// The record.
        id: Id,
        /// Their names.
        names: Vec<&'static str>,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting { name, a, b } => write!(f, "manifest\t{name}\t{a}\t{b}"),
            Self::OnlyInA { id, fate } => write!(f, "only in A\t{id}\t{fate}"),
            Self::OnlyInB { id, fate } => write!(f, "only in B\t{id}\t{fate}"),
            Self::Fate { id, a, b } => write!(f, "fate\t{id}\t{a}\t{b}"),
            Self::Text { id } => write!(f, "text\t{id}"),
            Self::Columns { id, names } => write!(f, "columns\t{id}\t{}", names.join(",")),
        }
    }
}

/// Records compared in one pass over both datasets: bounds the memory.
const PASS_RECORDS: u64 = 500_000;

/// Compares two datasets: the settings, then the records, sorted by id.
///
/// # Errors
/// When one of them is no dataset or is damaged.
pub fn diff(a: &Path, b: &Path, mut emit: impl FnMut(Difference)) -> Result<(), Error> {
    let (a, b) = (Dataset::open(a)?, Dataset::open(b)?);
    settings(a.manifest(), b.manifest(), &mut emit);

    // Ids are hashes: their upper bits cut them into passes of about equal size, in order.
    let passes = a.manifest().records().max(b.manifest().records()) / PASS_RECORDS + 1;
    for pass in 0..passes {
        let wanted = |id: Id| ((id.0 >> 96) as u64).saturating_mul(passes) >> 32 == pass;
        let mut records: BTreeMap<Id, [Option<State>; 2]> = BTreeMap::new();
        for (side, dataset) in [&a, &b].into_iter().enumerate() {
            states(dataset, wanted, |id, state| {
                records.entry(id).or_default()[side] = Some(state);
            })?;
        }
        for (id, states) in records {
            match states {
                [Some(a), Some(b)] if a == b => {}
                [Some(a), Some(b)] => emit(changed(id, a, b)),
                [Some(a), None] => emit(Difference::OnlyInA { id, fate: a.fate }),
                [None, b] => emit(Difference::OnlyInB { id, fate: b.unwrap_or_default().fate }),
            }
        }
    }
    Ok(())
}

/// What is compared of a record: its fate, and a hash of each column.
#[derive(PartialEq, Eq, Default)]
struct State {
    fate: String,
    text: [u8; 16],
    columns: Vec<(&'static str, [u8; 8])>,
}

impl State {
    fn new(fate: String, text: &str, columns: &[(&'static str, &dyn fmt::Debug)]) -> Self {
        let columns = columns.iter().map(|(name, value)| {
            let hash = blake3::hash(format!("{value:?}").as_bytes());
            (*name, *hash.as_bytes().first_chunk().expect("a hash has 32 bytes"))
        });
        let text = *blake3::hash(text.as_bytes()).as_bytes();
        let text = *text.first_chunk().expect("a hash has 32 bytes");
        Self { fate, text, columns: columns.collect() }
    }
}

/// The difference of two states that are not equal.
fn changed(id: Id, a: State, b: State) -> Difference {
    if a.fate != b.fate {
        return Difference::Fate { id, a: a.fate, b: b.fate };
    }
    if a.text != b.text {
        return Difference::Text { id };
    }
    let columns = a.columns.iter().zip(&b.columns);
    let names = columns.filter(|(a, b)| a != b).map(|(a, _)| a.0).collect();
    Difference::Columns { id, names }
}

fn states(
    dataset: &Dataset,
    wanted: impl Fn(Id) -> bool,
    mut emit: impl FnMut(Id, State),
) -> Result<(), Error> {
    for row in dataset.documents()? {
        let row = row?;
        let origin = &row.origin;
        if wanted(origin.id) {
            let columns: [(_, &dyn fmt::Debug); 11] = [
                ("source", &origin.source),
                ("record", &origin.record),
                ("source_id", &origin.source_id),
                ("url", &origin.url),
                ("encoding", &row.encoding),
                ("language", &row.language),
                ("n_edits", &row.n_edits),
                ("spun_score", &row.spun_score),
                ("cluster", &(row.cluster, row.cluster_size)),
                ("q_*", &row.signals),
                ("meta", &origin.meta),
            ];
            emit(origin.id, State::new("document".to_owned(), &row.text, &columns));
        }
    }
    for row in dataset.rejected()? {
        let row = row?;
        let origin = &row.origin;
        if wanted(origin.id) {
            let columns: [(_, &dyn fmt::Debug); 10] = [
                ("source", &origin.source),
                ("record", &origin.record),
                ("source_id", &origin.source_id),
                ("url", &origin.url),
                ("encoding", &row.encoding),
                ("detail", &row.detail),
                ("duplicate_of", &row.duplicate_of),
                ("similarity", &row.similarity),
                ("raw", &row.raw),
                ("meta", &origin.meta),
            ];
            let fate = format!("rejected: {}/{}", row.stage, row.reason);
            let text = row.text.as_deref().unwrap_or_default();
            emit(origin.id, State::new(fate, text, &columns));
        }
    }
    Ok(())
}

/// Compares what went in: everything of the manifests but the counts and the outputs.
fn settings(a: &Manifest, b: &Manifest, emit: &mut impl FnMut(Difference)) {
    let (a, b) = (flat(a), flat(b));
    let mut names: Vec<&String> = a.keys().chain(b.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let (a, b) = (a.get(name), b.get(name));
        if a != b {
            let value = |value: Option<&String>| value.cloned().unwrap_or_default();
            emit(Difference::Setting { name: name.clone(), a: value(a), b: value(b) });
        }
    }
}

/// Every value under its dotted path.
fn flat(manifest: &Manifest) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    out.insert("format".to_owned(), manifest.format.to_string());
    out.insert("scutch".to_owned(), manifest.scutch.clone());
    for (name, version) in &manifest.versions {
        out.insert(format!("versions.{name}"), version.clone());
    }
    for model in &manifest.models {
        out.insert(format!("models.{}", model.name), model.blake3.clone());
    }
    for input in &manifest.inputs {
        out.insert(format!("inputs.{}", input.name), input.blake3.clone());
    }
    flatten("config".to_owned(), &manifest.config, &mut out);
    out
}

fn flatten(name: String, value: &serde_json::Value, out: &mut BTreeMap<String, String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (field, value) in fields {
                flatten(format!("{name}.{field}"), value, out);
            }
        }
        other => {
            out.insert(name, other.to_string());
        }
    }
}
