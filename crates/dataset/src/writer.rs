use std::path::Path;

use scutch_document::{Document, Id, Origin};

use crate::counts::count;
use crate::rows::{ClusterRow, Rejected};
use crate::table::{TableWriter, Value};
use crate::{Counts, Error, Options, Table};

/// Writes a dataset's tables, row by row, in the caller's order.
///
/// Memory stays bounded by the size of a row group, and by the largest row.
pub struct Writer {
    signals: Vec<&'static str>,
    documents: TableWriter,
    rejected: TableWriter,
    edits: TableWriter,
    clusters: TableWriter,
    counts: Counts,
}

impl Writer {
    /// Begins the tables' folders below `dir`, a folder of the caller's.
    ///
    /// # Errors
    /// When a folder cannot be made (it exists already, or the disk refuses).
    pub fn create(dir: &Path, options: Options) -> Result<Self, Error> {
        Ok(Self {
            documents: TableWriter::create(dir, Table::Documents, &options)?,
            rejected: TableWriter::create(dir, Table::Rejected, &options)?,
            edits: TableWriter::create(dir, Table::Edits, &options)?,
            clusters: TableWriter::create(dir, Table::Clusters, &options)?,
            signals: options.signals,
            counts: Counts::default(),
        })
    }

    /// Appends a clean document and its edits; `cluster` is its near-duplicate group and the number
    /// of records in it.
    ///
    /// # Errors
    /// When a file cannot be written, a value is larger than a Parquet file can hold, or the
    /// document bears a signal that has no column.
    pub fn document(
        &mut self,
        document: &Document,
        cluster: Option<(Id, u32)>,
    ) -> Result<(), Error> {
        let signals = &document.signals;
        let known = |name: &&str| *name == "spun_score" || self.signals.contains(name);
        if let Some(name) = signals.keys().find(|name| !known(name)) {
            return Err(Error::Signal { name: (*name).to_owned() });
        }
        // A number that is none (0/0) is no measurement.
        let signal = |name: &str| match signals.get(name) {
            Some(value) if value.is_finite() => Value::Double(*value),
            _ => Value::Null,
        };
        let id = document.origin.id.to_string();
        let group = cluster.map(|(id, _)| id.to_string());
        let text = document.text();

        let mut row = Vec::with_capacity(16 + self.signals.len());
        row.extend(origin(&document.origin, &id));
        row.extend([
            Value::Text(text),
            Value::text(document.encoding.as_deref()),
            Value::text(document.language.as_deref()),
            Value::Int(text.chars().count() as i64),
            Value::Int(words(text)),
            Value::Int(document.edits().len() as i64),
            signal("spun_score"),
            Value::text(group.as_deref()),
            cluster.map_or(Value::Null, |(_, size)| Value::Int(i64::from(size))),
        ]);
        row.extend(self.signals.iter().map(|name| signal(name)));
        row.push(Value::text(document.origin.meta.as_deref()));
        check_size(document.origin.id, Table::Documents, &self.signals, &row)?;
        self.documents.push(&row)?;

        for (seq, edit) in document.edits().iter().enumerate() {
            let row = [
                Value::Text(&id),
                Value::Int(seq as i64),
                Value::Text(&edit.stage),
                Value::Text(&edit.rule),
                Value::Int(edit.start as i64),
                Value::Int(edit.end as i64),
                Value::Text(&edit.before),
                Value::Text(&edit.after),
                Value::Single(edit.score),
            ];
            check_size(document.origin.id, Table::Edits, &[], &row)?;
            self.edits.push(&row)?;
            count(&mut self.counts.edits, &edit.stage, &edit.rule);
        }
        self.counts.documents += 1;
        Ok(())
    }

    /// Appends a rejected record.
    ///
    /// # Errors
    /// When a file cannot be written, or a value is larger than a Parquet file can hold.
    pub fn reject(&mut self, rejected: &Rejected) -> Result<(), Error> {
        let Rejected { origin: from, rejection, text, raw, encoding } = rejected;
        let id = from.id.to_string();
        let mut row = Vec::with_capacity(14);
        row.extend(origin(from, &id));
        row.extend([
            Value::Text(rejection.stage),
            Value::Text(&rejection.reason),
            Value::Text(&rejection.detail),
            Value::text(rejection.duplicate_of.as_deref()),
            rejection.similarity.map_or(Value::Null, Value::Single),
            Value::text(text.as_deref()),
            raw.as_deref().map_or(Value::Null, Value::Bytes),
            Value::text(encoding.as_deref()),
            Value::text(from.meta.as_deref()),
        ]);
        check_size(from.id, Table::Rejected, &[], &row)?;
        self.rejected.push(&row)?;
        count(&mut self.counts.rejected, rejection.stage, &rejection.reason);
        Ok(())
    }

    /// Appends one record of a near-duplicate group.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn cluster(&mut self, row: &ClusterRow) -> Result<(), Error> {
        self.clusters.push(&[
            Value::Text(&row.id.to_string()),
            Value::Text(&row.cluster.to_string()),
            Value::Bool(row.kept),
            row.similarity.map_or(Value::Null, Value::Single),
        ])?;
        self.counts.clustered += 1;
        Ok(())
    }

    /// Closes all files and waits until the disk has them.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn finish(self) -> Result<Counts, Error> {
        self.documents.finish()?;
        self.rejected.finish()?;
        self.edits.finish()?;
        self.clusters.finish()?;
        Ok(self.counts)
    }
}

/// Words by white space: as `split_whitespace` counts them, several times as fast.
fn words(text: &str) -> i64 {
    let mut words = 0;
    let mut in_space = 1;
    for (at, &byte) in text.as_bytes().iter().enumerate() {
        let is_space = match CLASS[usize::from(byte)] {
            INSIDE => continue,
            LEAD => u8::from(text[at..].starts_with(char::is_whitespace)),
            ascii => ascii,
        };
        // No branch: where a word ends is not to be foreseen.
        words += i64::from(in_space & !is_space);
        in_space = is_space;
    }
    words
}

/// Of a byte: 1 for white space of ASCII, 0 for another whole character or the beginning of one.
const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        class[byte] = match byte as u8 {
            b' ' | b'\t'..=b'\r' => 1,
            0x80..=0xbf => INSIDE,
            0xc2 | 0xe1..=0xe3 => LEAD,
            _ => 0,
        };
        byte += 1;
    }
    class
};
/// A byte within a character.
const INSIDE: u8 = 2;
/// A byte with which white space beyond ASCII begins, and other characters too.
const LEAD: u8 = 3;

fn origin<'a>(origin: &'a Origin, id: &'a str) -> [Value<'a>; 5] {
    [
        Value::Text(id),
        Value::Text(&origin.source),
        Value::Int(origin.record as i64),
        Value::text(origin.source_id.as_deref()),
        Value::text(origin.url.as_deref()),
    ]
}

/// Parquet counts a page's bytes in 31 bits; half of that leaves room for the page's other values.
const LARGEST: usize = 1 << 30;

fn check_size(id: Id, table: Table, signals: &[&str], row: &[Value<'_>]) -> Result<(), Error> {
    let Some((i, value)) = row.iter().enumerate().find(|(_, value)| value.size() > LARGEST) else {
        return Ok(());
    };
    let column = table.schema(signals).field(i).name().clone();
    Err(Error::TooLarge { id, column, bytes: value.size() })
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_are_those_of_every_white_space() {
        let spaces: String =
            (0..=0xffff).filter_map(char::from_u32).filter(|c| c.is_whitespace()).collect();
        let between: Vec<String> =
            spaces.chars().map(|space| format!("é{space}{space}語")).collect();
        for text in ["", " ", "one", "two words", &spaces, &between.concat(), &between.join(" ")] {
            assert_eq!(super::words(text), text.split_whitespace().count() as i64, "{text:?}");
        }
    }
}
