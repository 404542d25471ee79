use std::collections::BTreeSet;
use std::iter::Peekable;
use std::sync::Arc;

use scutch_document::{Edit, EditError, Id, Origin, undo};

use crate::batches::Select;
use crate::reader::Rows;
use crate::{Dataset, DocumentRow, EditRow, Error, RejectedRow, Table};

/// A record and its decoded text.
#[derive(Debug, Clone, PartialEq)]
pub struct Restored {
    /// Where it came from.
    pub origin: Origin,
    /// The text, as it was before any edit.
    pub text: String,
}

impl Dataset {
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
            None => Err(Error::UnknownId { path: self.dir().to_owned(), id }),
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

    /// The decoded texts of all documents, in their order.
    pub(crate) fn restore_documents(
        &self,
    ) -> Result<impl Iterator<Item = Result<Restored, Error>> + use<>, Error> {
        let dataset = self.clone();
        let mut edits = self.edits()?.peekable();
        Ok(self.documents()?.map(move |row| {
            let row = row?;
            let own = own_edits(&mut edits, row.origin.id)?;
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
        let documents = self.rows::<DocumentRow>(Select::Rows(rows.into()))?;
        let mut documents = documents.collect::<Result<Vec<_>, _>>()?;
        let edited = documents.iter().filter(|row| row.n_edits > 0);
        let ids: BTreeSet<String> = edited.map(|row| row.origin.id.to_string()).collect();
        if ids.is_empty() {
            return Ok(documents);
        }
        let select = Select::Edits { stage: stage.to_owned(), ids: Arc::new(ids) };
        let mut edits = self.rows::<EditRow>(select)?.peekable();
        for row in &mut documents {
            let own = own_edits(&mut edits, row.origin.id)?;
            row.text = self.undo_some(row.origin.id, &row.text, &own)?;
        }
        Ok(documents)
    }

    fn undo(&self, row: &DocumentRow, edits: &[Edit]) -> Result<String, Error> {
        let id = row.origin.id;
        if edits.len() as u64 != row.n_edits {
            let message = format!("{} of document {id}'s {} edits", edits.len(), row.n_edits);
            return Err(Error::damaged(&self.dir().join(Table::Edits.name()), message));
        }
        self.undo_some(id, &row.text, edits)
    }

    fn undo_some(&self, id: Id, text: &str, edits: &[Edit]) -> Result<String, Error> {
        undo(text, edits).map_err(|source: EditError| Error::Undo {
            path: self.dir().to_owned(),
            id,
            source,
        })
    }
}

/// Takes the edits of document `id`: they stand in the documents' order, and its are next.
fn own_edits(edits: &mut Peekable<Rows<EditRow>>, id: Id) -> Result<Vec<Edit>, Error> {
    let mut own = Vec::new();
    while let Some(next) = edits.next_if(|next| next.as_ref().map_or(true, |next| next.id == id)) {
        own.push(next?.edit);
    }
    Ok(own)
}
