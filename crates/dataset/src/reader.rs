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
use scutch_document::{Edit, EditError, Id, Origin, undo};

use crate::rows::{ClusterRow, DocumentRow, EditRow, RejectedRow, TableRow};
use crate::{Error, Manifest, Table};

/// A dataset on disk. All reading streams: a row group is the most that is held.
#[derive(Debug, Clone)]
pub struct Dataset {
    dir: PathBuf,
    manifest: Arc<Manifest>,
}

impl Dataset {
    /// Opens the dataset in the folder `dir`.
    ///
    /// # Errors
    /// When it has no manifest, or one that is damaged or newer than this program.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, Error> {
        let dir = dir.into();
        let manifest = Arc::new(Manifest::read(&dir)?);
        Ok(Self { dir, manifest })
    }

    /// Tables whose manifest is not written yet, or is not of interest.
    pub(crate) fn unsealed(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), manifest: Arc::default() }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Its manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// All clean documents.
    ///
    /// # Errors
    /// When the table's folder cannot be read.
    pub fn documents(&self) -> Result<Rows<DocumentRow>, Error> {
        self.rows(None)
    }

    /// All rejected records.
    ///
    /// # Errors
    /// When the table's folder cannot be read.
    pub fn rejected(&self) -> Result<Rows<RejectedRow>, Error> {
        self.rows(None)
    }

    /// All edits, in the documents' order.
    ///
    /// # Errors
    /// When the table's folder cannot be read.
    pub fn edits(&self) -> Result<Rows<EditRow>, Error> {
        self.rows(None)
    }

    /// All records of near-duplicate groups.
    ///
    /// # Errors
    /// When the table's folder cannot be read.
    pub fn clusters(&self) -> Result<Rows<ClusterRow>, Error> {
        self.rows(None)
    }

    /// The clean document of this id.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn document(&self, id: Id) -> Result<Option<DocumentRow>, Error> {
        self.rows(Some(id))?.next().transpose()
    }

    /// The rejected record of this id.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn rejected_record(&self, id: Id) -> Result<Option<RejectedRow>, Error> {
        self.rows(Some(id))?.next().transpose()
    }

    /// Up to `most` ids that begin with these hexadecimal digits, those of documents first.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn ids(&self, digits: &str, most: usize) -> Result<Vec<Id>, Error> {
        let mut found = Vec::new();
        for table in [Table::Documents, Table::Rejected] {
            for batch in Batches::open(&self.dir, table, Some(vec!["id"]), None)? {
                let ids = Columns { batch: &batch?, path: &self.dir }.ids("id")?;
                found.extend(ids.into_iter().filter(|id| id.to_string().starts_with(digits)));
                if found.len() >= most {
                    found.truncate(most);
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    /// The ids of the documents in these rows of the table, counted from 0 and rising.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn ids_at(&self, rows: &[u64]) -> Result<Vec<Id>, Error> {
        let batches = Batches::open(&self.dir, Table::Documents, Some(vec!["id"]), None)?;
        let mut ids = Vec::with_capacity(rows.len());
        for batch in (Batches { select: Select::Rows(rows.into()), ..batches }) {
            ids.extend(Columns { batch: &batch?, path: &self.dir }.ids("id")?);
        }
        Ok(ids)
    }

    /// The edits of a document, in the order of their application.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn edits_of(&self, id: Id) -> Result<Vec<Edit>, Error> {
        self.rows::<EditRow>(Some(id))?.map(|row| row.map(|row| row.edit)).collect()
    }

    /// The decoded text of a document or of a rejected record, as it was before any edit.
    ///
    /// # Errors
    /// When there is no such record, it never became text, or the dataset is damaged.
    pub fn restore(&self, id: Id) -> Result<String, Error> {
        if let Some(row) = self.document(id)? {
            let edits = if row.n_edits == 0 { Vec::new() } else { self.edits_of(id)? };
            return self.undo(&row, &edits);
        }
        match self.rejected_record(id)? {
            Some(row) => row.text.ok_or(Error::NoText { id }),
            None => Err(Error::UnknownId { path: self.dir.clone(), id }),
        }
    }

    /// The decoded texts of all documents, in their order, then of all rejected records that became
    /// text.
    ///
    /// # Errors
    /// When a table's folder cannot be read.
    pub fn restore_all(
        &self,
    ) -> Result<impl Iterator<Item = Result<Restored, Error>> + use<>, Error> {
        let rejected = self.rejected()?.filter_map(|row| match row {
            Ok(RejectedRow { origin, text: Some(text), .. }) => Some(Ok(Restored { origin, text })),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        });
        Ok(self.restore_documents()?.chain(rejected))
    }

    pub(crate) fn restore_documents(
        &self,
    ) -> Result<impl Iterator<Item = Result<Restored, Error>> + use<>, Error> {
        let dataset = self.clone();
        let mut edits = self.edits()?.peekable();
        Ok(self.documents()?.map(move |row| {
            let row = row?;
            let mut own = Vec::new();
            while let Some(next) =
                edits.next_if(|next| next.as_ref().map_or(true, |next| next.id == row.origin.id))
            {
                own.push(next?.edit);
            }
            let text = dataset.undo(&row, &own)?;
            Ok(Restored { origin: row.origin, text })
        }))
    }

    /// The documents in these rows of the table, counted from 0 and rising, with their texts as they
    /// were before `stage` edited them.
    ///
    /// # Errors
    /// When a table cannot be read, or edits do not lead back.
    pub fn before(&self, stage: &str, rows: Vec<u64>) -> Result<Vec<DocumentRow>, Error> {
        let documents = self.selected::<DocumentRow>(Select::Rows(rows.into()))?;
        let mut documents = documents.collect::<Result<Vec<_>, _>>()?;
        let edited = documents.iter().filter(|row| row.n_edits > 0);
        let ids: BTreeSet<String> = edited.map(|row| row.origin.id.to_string()).collect();
        if ids.is_empty() {
            return Ok(documents);
        }
        let select = Select::Edits { stage: stage.to_owned(), ids: Arc::new(ids) };
        let mut edits = self.selected::<EditRow>(select)?.peekable();
        for row in &mut documents {
            let id = row.origin.id;
            let mut own = Vec::new();
            while let Some(next) =
                edits.next_if(|next| next.as_ref().map_or(true, |next| next.id == id))
            {
                own.push(next?.edit);
            }
            row.text = self.undo_some(id, &row.text, &own)?;
        }
        Ok(documents)
    }

    fn undo(&self, row: &DocumentRow, edits: &[Edit]) -> Result<String, Error> {
        let id = row.origin.id;
        if edits.len() as u64 != row.n_edits {
            let message = format!("{} of document {id}'s {} edits", edits.len(), row.n_edits);
            return Err(Error::damaged(&self.dir.join(Table::Edits.name()), message));
        }
        self.undo_some(id, &row.text, edits)
    }

    fn undo_some(&self, id: Id, text: &str, edits: &[Edit]) -> Result<String, Error> {
        undo(text, edits).map_err(|source: EditError| Error::Undo {
            path: self.dir.clone(),
            id,
            source,
        })
    }

    fn selected<R: TableRow>(&self, select: Select) -> Result<Rows<R>, Error> {
        let batches = Batches { select, ..Batches::open(&self.dir, R::TABLE, None, None)? };
        Ok(Rows { batches, rows: Vec::new().into_iter() })
    }

    fn rows<R: TableRow>(&self, id: Option<Id>) -> Result<Rows<R>, Error> {
        let batches = Batches::open(&self.dir, R::TABLE, None, id)?;
        Ok(Rows { batches, rows: Vec::new().into_iter() })
    }
}

/// A record and its decoded text.
#[derive(Debug, Clone, PartialEq)]
pub struct Restored {
    /// Where it came from.
    pub origin: Origin,
    /// The text, as it was before any edit.
    pub text: String,
}

/// The rows of a table, one after the other. After an error it ends.
pub struct Rows<R> {
    batches: Batches,
    rows: std::vec::IntoIter<R>,
}

impl<R: TableRow> Iterator for Rows<R> {
    type Item = Result<R, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.rows.next() {
                return Some(Ok(row));
            }
            let rows = self.batches.next()?.and_then(|batch| R::read(&batch, &self.batches.path));
            match rows {
                Ok(rows) => self.rows = rows.into_iter(),
                Err(error) => {
                    self.batches.end();
                    return Some(Err(error));
                }
            }
        }
    }
}

/// Rows of a batch at most; a batch never spans row groups, so its content is bounded too.
const BATCH_ROWS: usize = 256;

/// Which rows of a table to read.
#[derive(Clone)]
enum Select {
    All,
    /// The records of this id.
    Id(String),
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
    path: PathBuf,
    part: Option<(File, ArrowReaderMetadata, std::ops::Range<usize>)>,
    group: Option<ParquetRecordBatchReader>,
}

impl Batches {
    /// All rows of `table`, or those with this `id`; all columns, or these.
    pub(crate) fn open(
        dir: &Path,
        table: Table,
        columns: Option<Vec<&'static str>>,
        id: Option<Id>,
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
        let select = id.map_or(Select::All, |id| Select::Id(id.to_string()));
        let parts = parts.into_iter();
        Ok(Self { parts, columns, select, passed: 0, path: dir, part: None, group: None })
    }

    /// The columns of `table`, as its first part has them.
    pub(crate) fn schema(dir: &Path, table: Table) -> Result<SchemaRef, Error> {
        let mut batches = Self::open(dir, table, None, None)?;
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
    fn end(&mut self) {
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
