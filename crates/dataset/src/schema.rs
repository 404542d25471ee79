use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

/// One of the dataset's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// The clean documents.
    Documents,
    /// Every other record.
    Rejected,
    /// The documents' edits, in the documents' order.
    Edits,
    /// Near-duplicate groups.
    Clusters,
}

/// A column: its name, its type, whether it may be null, and what it says to whoever reads the card.
#[derive(Debug, Clone)]
struct Column {
    name: &'static str,
    kind: DataType,
    may_be_null: bool,
    what: &'static str,
}

/// A column that has a value in every row.
const fn must(name: &'static str, kind: DataType, what: &'static str) -> Column {
    Column { name, kind, may_be_null: false, what }
}

/// A column that may be null.
const fn may(name: &'static str, kind: DataType, what: &'static str) -> Column {
    Column { name, kind, may_be_null: true, what }
}

use DataType::{Binary, Boolean, Float32, Float64, Int64, Utf8};

/// Where a record came from: the first columns of `documents` and `rejected`.
const ORIGIN: [Column; 5] = [
    must("id", Utf8, "the same record of the same source has the same id in every build"),
    must("source", Utf8, "the input file: its path below the input that named it"),
    must("record", Int64, "the record's place in that file, counted from 0"),
    may("source_id", Utf8, "the id that the record itself carried"),
    may("url", Utf8, "the page's address"),
];

const META: Column = may("meta", Utf8, "the record's other fields, as a JSON object");

const DOCUMENTS: [Column; 9] = [
    must("text", Utf8, "the clean text"),
    may("encoding", Utf8, "the encoding that its bytes were in, by its WHATWG or IANA name"),
    may("language", Utf8, "ISO 639-1 code (639-3 where there is none); null when not sure"),
    must("n_chars", Int64, "Unicode characters of the text"),
    must("n_words", Int64, "words of the text, by white space"),
    must("n_edits", Int64, "its rows in `edits`, flags included"),
    may(
        "spun_score",
        Float64,
        "how spun the text was, in nats a word: from `repair.gate.spun` on it was repaired",
    ),
    may("cluster", Utf8, "its group in `clusters`, named by the id of the record that is kept"),
    may("cluster_size", Int64, "records in that group"),
];

const REJECTED: [Column; 8] = [
    must("stage", Utf8, "the stage that rejected it"),
    must("reason", Utf8, "why, in a word to group by"),
    must("detail", Utf8, "why, in a line, with the place in the file"),
    may("duplicate_of", Utf8, "what it is a copy of: an id, or `dataset:id` of an earlier dataset"),
    may("similarity", Float32, "how alike the two are, 0 to 1"),
    may("text", Utf8, "the decoded text before any edit, when it became text"),
    may("raw", Binary, "the record's bytes, when it did not"),
    may("encoding", Utf8, "the encoding that its bytes were in"),
];

const EDITS: [Column; 9] = [
    must("id", Utf8, "the document"),
    must("seq", Int64, "the edit's place among the document's edits, counted from 0"),
    must("stage", Utf8, "the stage that made it"),
    must("rule", Utf8, "the rule that called for it"),
    must("start", Int64, "first byte of the span, in the text that the stage was given (UTF-8)"),
    must("end", Int64, "the byte after the span"),
    must("before", Utf8, "what stood there"),
    must("after", Utf8, "what stands there now; the same as `before` where it only flags a place"),
    must("score", Float32, "how sure the rule was, on a scale of its own"),
];

const CLUSTERS: [Column; 4] = [
    must("id", Utf8, "the record"),
    must("cluster", Utf8, "its group, named by the id of the record that is kept"),
    must("kept", Boolean, "whether it is that one"),
    may("similarity", Float32, "how alike the two are, 0 to 1"),
];

impl Table {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Documents, Self::Rejected, Self::Edits, Self::Clusters];

    /// The name of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Documents => "documents",
            Self::Rejected => "rejected",
            Self::Edits => "edits",
            Self::Clusters => "clusters",
        }
    }

    /// Its columns but the signals, in order.
    fn columns(self) -> Vec<Column> {
        match self {
            Self::Documents => [&ORIGIN[..], &DOCUMENTS, &[META]].concat(),
            Self::Rejected => [&ORIGIN[..], &REJECTED, &[META]].concat(),
            Self::Edits => EDITS.to_vec(),
            Self::Clusters => CLUSTERS.to_vec(),
        }
    }

    /// Its columns: plain types only, which every Parquet reader knows. Signals stand before `meta`.
    pub(crate) fn schema(self, signals: &[&str]) -> SchemaRef {
        let field =
            |column: &Column| Field::new(column.name, column.kind.clone(), column.may_be_null);
        let mut fields: Vec<Field> = self.columns().iter().map(field).collect();
        if self == Self::Documents {
            let at = fields.len() - 1;
            fields.splice(at..at, signals.iter().map(|name| Field::new(*name, Float64, true)));
        }
        Arc::new(Schema::new(fields))
    }

    /// What a column says, for people.
    pub(crate) fn describe(self, column: &str) -> String {
        match self.columns().into_iter().find(|known| known.name == column) {
            Some(known) => known.what.to_owned(),
            None => {
                format!("quality signal: {}", column.trim_start_matches("q_").replace('_', " "))
            }
        }
    }
}

/// Columns whose values seldom repeat: no dictionary, which would only cost memory.
pub(crate) const UNIQUE: [&str; 6] = ["text", "raw", "meta", "url", "source_id", "detail"];
