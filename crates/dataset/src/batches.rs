use std::collections::BTreeSet;
use std::fs::{self, File};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    Array, BinaryArray, BooleanArray, Float32Array, Float64Array, Int64Array, RecordBatch,
    StringArray,
};
use arrow::datatypes::SchemaRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowPredicate, ArrowPredicateFn, ArrowReaderMetadata, ArrowReaderOptions,
    ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowFilter, RowSelection,
};
use scutch_document::Id;

use crate::{Error, Table};

/// Rows of a batch at most; a batch never spans row groups, so its content is bounded too.
const BATCH_ROWS: usize = 256;

/// Which rows of a table to read.
#[derive(Clone)]
pub(crate) enum Select {
    All,
    /// The records of this id.
    Id(Id),
    /// The rows in these places, counted from 0 and rising.
    Rows(Arc<[u64]>),
    /// The edits of a stage to these documents.
    Edits {
        stage: String,
        ids: Arc<BTreeSet<String>>,
    },
}

/// Whether a text is one that is looked for.
type Matches = Box<dyn Fn(&str) -> bool + Send>;

/// A table's record batches: part by part, row group by row group. After an error it ends.
pub(crate) struct Batches {
    parts: std::vec::IntoIter<PathBuf>,
    columns: Option<Vec<&'static str>>,
    select: Select,
    /// Rows of the groups so far.
    passed: u64,
    /// The part that is being read; the table's folder before.
    pub(crate) path: PathBuf,
    part: Option<(File, ArrowReaderMetadata, std::ops::Range<usize>)>,
    group: Option<ParquetRecordBatchReader>,
}

impl Batches {
    /// The rows of `table` that are selected; all columns, or these.
    pub(crate) fn open(
        dir: &Path,
        table: Table,
        columns: Option<Vec<&'static str>>,
        select: Select,
    ) -> Result<Self, Error> {
        let dir = dir.join(table.name());
        let mut parts = Vec::new();
        for entry in fs::read_dir(&dir).map_err(Error::read(&dir))? {
            let path = entry.map_err(Error::read(&dir))?.path();
            if path.extension().is_some_and(|extension| extension == "parquet") {
                parts.push(path);
            }
        }
        parts.sort();
        let parts = parts.into_iter();
        Ok(Self { parts, columns, select, passed: 0, path: dir, part: None, group: None })
    }

    /// The columns of `table`, as its first part has them.
    pub(crate) fn schema(dir: &Path, table: Table) -> Result<SchemaRef, Error> {
        let mut batches = Self::open(dir, table, None, Select::All)?;
        batches.open_part()?;
        let (_, metadata, _) = batches.part.as_ref().ok_or_else(|| {
            Error::damaged(&batches.path, "a table has at least one part, even without rows")
        })?;
        Ok(Arc::clone(metadata.schema()))
    }

    /// Opens the next part, if there is one.
    fn open_part(&mut self) -> Result<bool, Error> {
        let Some(path) = self.parts.next() else { return Ok(false) };
        self.path = path;
        let file = File::open(&self.path).map_err(Error::read(&self.path))?;
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
            .map_err(Error::read_parquet(&self.path))?;
        let groups = 0..metadata.metadata().num_row_groups();
        self.part = Some((file, metadata, groups));
        Ok(true)
    }

    fn advance(&mut self) -> Result<Option<RecordBatch>, Error> {
        loop {
            if let Some(group) = &mut self.group {
                match group.next() {
                    Some(Ok(batch)) if batch.num_rows() == 0 => continue,
                    Some(Ok(batch)) => return Ok(Some(batch)),
                    Some(Err(error)) => return Err(Error::damaged(&self.path, error)),
                    None => self.group = None,
                }
            }
            let next = self.part.as_mut().and_then(|(_, _, groups)| groups.next());
            match (next, &self.part) {
                (Some(index), Some((file, metadata, _))) => {
                    let file = file.try_clone().map_err(Error::read(&self.path))?;
                    let metadata = metadata.clone();
                    self.group = Some(self.read_group(file, metadata, index)?);
                }
                _ => {
                    if !self.open_part()? {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// Nothing more comes: a reader that failed once may fail for ever.
    pub(crate) fn end(&mut self) {
        self.parts = Vec::new().into_iter();
        self.part = None;
        self.group = None;
    }

    fn read_group(
        &mut self,
        file: File,
        metadata: ArrowReaderMetadata,
        index: usize,
    ) -> Result<ParquetRecordBatchReader, Error> {
        let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
            .with_row_groups(vec![index])
            .with_batch_size(BATCH_ROWS);
        if let Some(columns) = &self.columns {
            let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
            builder = builder.with_projection(mask);
        }
        let rows = builder.metadata().row_group(index).num_rows() as u64;
        let group = self.passed..self.passed + rows;
        self.passed = group.end;
        let text_is = |column: &'static str, matches: Matches| {
            let mask = ProjectionMask::columns(builder.parquet_schema(), [column]);
            let path = self.path.clone();
            let predicate = ArrowPredicateFn::new(mask, move |batch| {
                let texts = Columns { batch: &batch, path: &path }
                    .text(column)
                    .map_err(|error| arrow::error::ArrowError::SchemaError(error.to_string()))?;
                Ok(texts.iter().map(|found| found.map(&*matches)).collect())
            });
            Box::new(predicate) as Box<dyn ArrowPredicate>
        };
        match self.select.clone() {
            Select::All => {}
            Select::Id(id) => {
                let id = id.to_string();
                let predicate = text_is("id", Box::new(move |found| found == id));
                builder = builder.with_row_filter(RowFilter::new(vec![predicate]));
            }
            Select::Edits { stage, ids } => {
                let of_stage = text_is("stage", Box::new(move |found| found == stage));
                let of_one = text_is("id", Box::new(move |found| ids.contains(found)));
                builder = builder.with_row_filter(RowFilter::new(vec![of_stage, of_one]));
            }
            Select::Rows(places) => {
                let from = places.partition_point(|place| *place < group.start);
                let to = places.partition_point(|place| *place < group.end);
                let rows = places[from..to].iter().map(|place| (place - group.start) as usize);
                let ranges = rows.map(|row| row..row + 1);
                let all = (group.end - group.start) as usize;
                let selection = RowSelection::from_consecutive_ranges(ranges, all);
                builder = builder.with_row_selection(selection);
            }
        }
        builder.build().map_err(Error::read_parquet(&self.path))
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        // The Parquet reader panics on some damaged files, and a dataset may come from anywhere.
        let batch = catch_unwind(AssertUnwindSafe(|| self.advance()));
        let batch = batch
            .unwrap_or_else(|_| Err(Error::damaged(&self.path, "the Parquet reader gave up on it")))
            .transpose();
        if matches!(batch, Some(Err(_))) {
            self.end();
        }
        batch
    }
}

/// A batch's columns by name and type.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'a> {
    pub(crate) batch: &'a RecordBatch,
    pub(crate) path: &'a Path,
}

impl<'a> Columns<'a> {
    fn column<A: Array + 'static>(self, name: &str) -> Result<&'a A, Error> {
        let column = self
            .batch
            .column_by_name(name)
            .ok_or_else(|| Error::damaged(self.path, format!("no column {name}")))?;
        column
            .as_any()
            .downcast_ref()
            .ok_or_else(|| Error::damaged(self.path, format!("column {name} is of another type")))
    }

    pub(crate) fn text(self, name: &str) -> Result<&'a StringArray, Error> {
        self.column(name)
    }

    pub(crate) fn bytes(self, name: &str) -> Result<&'a BinaryArray, Error> {
        self.column(name)
    }

    pub(crate) fn bools(self, name: &str) -> Result<&'a BooleanArray, Error> {
        self.column(name)
    }

    pub(crate) fn ints(self, name: &str) -> Result<&'a Int64Array, Error> {
        self.column(name)
    }

    pub(crate) fn singles(self, name: &str) -> Result<&'a Float32Array, Error> {
        self.column(name)
    }

    pub(crate) fn doubles(self, name: &str) -> Result<&'a Float64Array, Error> {
        self.column(name)
    }

    pub(crate) fn ids(self, name: &str) -> Result<Vec<Id>, Error> {
        self.text(name)?.iter().map(|id| self.id(id.unwrap_or_default())).collect()
    }

    pub(crate) fn id(self, id: &str) -> Result<Id, Error> {
        id.parse().map_err(|_| Error::damaged(self.path, format!("{id:?} is not an id")))
    }
}
