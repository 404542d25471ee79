use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::DataType;
use scutch_document::{Edit, Id, Origin, Rejection};

use crate::batches::Columns;
use crate::{Error, Table};

/// A record that is not to be in the clean documents.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejected {
    /// Where it came from.
    pub origin: Origin,
    /// Why it is rejected.
    pub rejection: Rejection,
    /// The decoded text, before any edit, when the record became text.
    pub text: Option<String>,
    /// The record's bytes, when it did not.
    pub raw: Option<Vec<u8>>,
    /// Name of the encoding that its bytes were in.
    pub encoding: Option<String>,
}

/// A row of `documents/`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DocumentRow {
    /// Where it came from.
    pub origin: Origin,
    /// The clean text.
    pub text: String,
    /// Name of the encoding that its bytes were in.
    pub encoding: Option<String>,
    /// Language code.
    pub language: Option<String>,
    /// Unicode scalar values of the text.
    pub n_chars: u64,
    /// Words of the text, by white space.
    pub n_words: u64,
    /// Edits, flags included.
    pub n_edits: u64,
    /// How spun the text is, in nats a word.
    pub spun_score: Option<f64>,
    /// Its near-duplicate group.
    pub cluster: Option<Id>,
    /// Records in that group.
    pub cluster_size: Option<u32>,
    /// Quality signals (`q_*`).
    pub signals: BTreeMap<String, f64>,
}

/// A row of `rejected/`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RejectedRow {
    /// Where it came from.
    pub origin: Origin,
    /// The stage that rejected it.
    pub stage: String,
    /// The reason to group by.
    pub reason: String,
    /// One line for a person.
    pub detail: String,
    /// What it is a copy of: an id, or `dataset:id`. Only an exact copy's may be no kept document but a
    /// near copy, whose own row leads on.
    pub duplicate_of: Option<String>,
    /// How alike the two are, 0 to 1.
    pub similarity: Option<f32>,
    /// The decoded text, before any edit.
    pub text: Option<String>,
    /// The record's bytes, when it did not become text.
    pub raw: Option<Vec<u8>>,
    /// Name of the encoding that its bytes were in.
    pub encoding: Option<String>,
}

/// A row of `edits/`.
#[derive(Debug, Clone, PartialEq)]
pub struct EditRow {
    /// The document.
    pub id: Id,
    /// The edit's place among the document's edits, counted from 0.
    pub seq: u64,
    /// The edit.
    pub edit: Edit,
}

/// A row of `clusters/`: one record of a near-duplicate group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusterRow {
    /// The record.
    pub id: Id,
    /// The group, named by one of its records.
    pub cluster: Id,
    /// Whether this record is the one that stays.
    pub kept: bool,
    /// How alike it is to the one that stays, 0 to 1.
    pub similarity: Option<f32>,
}

/// A row that a [`crate::Dataset`] can stream.
pub trait TableRow: Sized {
    /// The table that it is a row of.
    const TABLE: Table;

    /// Reads all rows of a batch, which came from the file at `path`.
    ///
    /// # Errors
    /// When a column is missing or of another type.
    fn read(batch: &RecordBatch, path: &Path) -> Result<Vec<Self>, Error>;
}

fn origins(columns: &Columns<'_>) -> Result<Vec<Origin>, Error> {
    let ids = columns.ids("id")?;
    let source = columns.text("source")?;
    let record = columns.ints("record")?;
    let source_id = columns.text("source_id")?;
    let url = columns.text("url")?;
    let meta = columns.text("meta")?;
    Ok(ids
        .into_iter()
        .enumerate()
        .map(|(i, id)| Origin {
            id,
            source: source.value(i).into(),
            record: record.value(i) as u64,
            source_id: optional(source_id, i),
            url: optional(url, i),
            meta: optional(meta, i),
        })
        .collect())
}

fn optional(column: &arrow::array::StringArray, i: usize) -> Option<String> {
    column.is_valid(i).then(|| column.value(i).to_owned())
}

impl TableRow for DocumentRow {
    const TABLE: Table = Table::Documents;

    fn read(batch: &RecordBatch, path: &Path) -> Result<Vec<Self>, Error> {
        let columns = Columns { batch, path };
        let text = columns.text("text")?;
        let encoding = columns.text("encoding")?;
        let language = columns.text("language")?;
        let (n_chars, n_words) = (columns.ints("n_chars")?, columns.ints("n_words")?);
        let n_edits = columns.ints("n_edits")?;
        let spun_score = columns.doubles("spun_score")?;
        let cluster = columns.text("cluster")?;
        let cluster_size = columns.ints("cluster_size")?;
        let mut signals = Vec::new();
        for field in batch.schema_ref().fields() {
            if field.name().starts_with("q_") && *field.data_type() == DataType::Float64 {
                signals.push((field.name(), columns.doubles(field.name())?));
            }
        }
        let rows = origins(&columns)?.into_iter().enumerate().map(|(i, origin)| {
            Ok(Self {
                origin,
                text: text.value(i).to_owned(),
                encoding: optional(encoding, i),
                language: optional(language, i),
                n_chars: n_chars.value(i) as u64,
                n_words: n_words.value(i) as u64,
                n_edits: n_edits.value(i) as u64,
                spun_score: spun_score.is_valid(i).then(|| spun_score.value(i)),
                cluster: match cluster.is_valid(i) {
                    true => Some(columns.id(cluster.value(i))?),
                    false => None,
                },
                cluster_size: cluster_size.is_valid(i).then(|| cluster_size.value(i) as u32),
                signals: signals
                    .iter()
                    .filter(|(_, column)| column.is_valid(i))
                    .map(|(name, column)| ((*name).clone(), column.value(i)))
                    .collect(),
            })
        });
        rows.collect()
    }
}

impl TableRow for RejectedRow {
    const TABLE: Table = Table::Rejected;

    fn read(batch: &RecordBatch, path: &Path) -> Result<Vec<Self>, Error> {
        let columns = Columns { batch, path };
        let (stage, reason) = (columns.text("stage")?, columns.text("reason")?);
        let detail = columns.text("detail")?;
        let duplicate_of = columns.text("duplicate_of")?;
        let similarity = columns.singles("similarity")?;
        let text = columns.text("text")?;
        let raw = columns.bytes("raw")?;
        let encoding = columns.text("encoding")?;
        let rows = origins(&columns)?.into_iter().enumerate().map(|(i, origin)| Self {
            origin,
            stage: stage.value(i).to_owned(),
            reason: reason.value(i).to_owned(),
            detail: detail.value(i).to_owned(),
            duplicate_of: optional(duplicate_of, i),
            similarity: similarity.is_valid(i).then(|| similarity.value(i)),
            text: optional(text, i),
            raw: raw.is_valid(i).then(|| raw.value(i).to_owned()),
            encoding: optional(encoding, i),
        });
        Ok(rows.collect())
    }
}

impl TableRow for EditRow {
    const TABLE: Table = Table::Edits;

    fn read(batch: &RecordBatch, path: &Path) -> Result<Vec<Self>, Error> {
        let columns = Columns { batch, path };
        let seq = columns.ints("seq")?;
        let (stage, rule) = (columns.text("stage")?, columns.text("rule")?);
        let (start, end) = (columns.ints("start")?, columns.ints("end")?);
        let (before, after) = (columns.text("before")?, columns.text("after")?);
        let score = columns.singles("score")?;
        let rows = columns.ids("id")?.into_iter().enumerate().map(|(i, id)| Self {
            id,
            seq: seq.value(i) as u64,
            edit: Edit {
                stage: stage.value(i).to_owned().into(),
                rule: rule.value(i).to_owned().into(),
                start: start.value(i) as usize,
                end: end.value(i) as usize,
                before: before.value(i).to_owned(),
                after: after.value(i).to_owned(),
                score: score.value(i),
            },
        });
        Ok(rows.collect())
    }
}

impl TableRow for ClusterRow {
    const TABLE: Table = Table::Clusters;

    fn read(batch: &RecordBatch, path: &Path) -> Result<Vec<Self>, Error> {
        let columns = Columns { batch, path };
        let clusters = columns.ids("cluster")?;
        let kept = columns.bools("kept")?;
        let similarity = columns.singles("similarity")?;
        let rows = columns.ids("id")?.into_iter().zip(clusters).enumerate();
        let rows = rows.map(|(i, (id, cluster))| Self {
            id,
            cluster,
            kept: kept.value(i),
            similarity: similarity.is_valid(i).then(|| similarity.value(i)),
        });
        Ok(rows.collect())
    }
}
