use std::path::{Path, PathBuf};
use std::sync::Arc;

use scutch_document::{Edit, Id};

use crate::batches::{Batches, Columns, Select};
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
        self.rows(Select::All)
    }

    /// All rejected records.
    ///
    /// # Errors
    /// When the table's folder cannot be read.
    pub fn rejected(&self) -> Result<Rows<RejectedRow>, Error> {
        self.rows(Select::All)
    }

    /// All edits, in the documents' order.
    ///
    /// # Errors
    /// When the table's folder cannot be read.
    pub fn edits(&self) -> Result<Rows<EditRow>, Error> {
        self.rows(Select::All)
    }

    /// All records of near-duplicate groups.
    ///
    /// # Errors
    /// When the table's folder cannot be read.
    pub fn clusters(&self) -> Result<Rows<ClusterRow>, Error> {
        self.rows(Select::All)
    }

    /// The clean document of this id.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn document(&self, id: Id) -> Result<Option<DocumentRow>, Error> {
        self.rows(Select::Id(id))?.next().transpose()
    }

    /// The rejected record of this id.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn rejected_record(&self, id: Id) -> Result<Option<RejectedRow>, Error> {
        self.rows(Select::Id(id))?.next().transpose()
    }

    /// Up to `most` ids that begin with these hexadecimal digits, those of documents first.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn ids(&self, digits: &str, most: usize) -> Result<Vec<Id>, Error> {
        let mut found = Vec::new();
        for table in [Table::Documents, Table::Rejected] {
            for batch in Batches::open(&self.dir, table, Some(vec!["id"]), Select::All)? {
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
        let select = Select::Rows(rows.into());
        let mut ids = Vec::with_capacity(rows.len());
        for batch in Batches::open(&self.dir, Table::Documents, Some(vec!["id"]), select)? {
            ids.extend(Columns { batch: &batch?, path: &self.dir }.ids("id")?);
        }
        Ok(ids)
    }

    /// The edits of a document, in the order of their application.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn edits_of(&self, id: Id) -> Result<Vec<Edit>, Error> {
        self.rows::<EditRow>(Select::Id(id))?.map(|row| row.map(|row| row.edit)).collect()
    }

    pub(crate) fn rows<R: TableRow>(&self, select: Select) -> Result<Rows<R>, Error> {
        let batches = Batches::open(&self.dir, R::TABLE, None, select)?;
        Ok(Rows { batches, rows: Vec::new().into_iter() })
    }
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
