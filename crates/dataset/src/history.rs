use scutch_document::{Edit, Id, undo};

use crate::{Dataset, DocumentRow, Error, RejectedRow};

/// What happened to a record.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// What became of it.
    pub fate: Fate,
    /// What the stages did to its text, in order; a stage that changed and flagged nothing is left
    /// out.
    pub steps: Vec<Step>,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// It is a clean document.
    Document(Box<DocumentRow>),
    /// It was rejected.
    Rejected(Box<RejectedRow>),
}

/// One stage's edits of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The text that the stage was given.
    pub text: String,
    /// Its edits, sorted, with offsets into that text. At least one.
    pub edits: Vec<Edit>,
}

impl Dataset {
    /// What happened to the record `id`.
    ///
    /// # Errors
    /// When there is no such record, or the dataset is damaged.
    pub fn history(&self, id: Id) -> Result<History, Error> {
        let Some(document) = self.document(id)? else {
            let row = self.rejected_record(id)?;
            let row = row.ok_or_else(|| Error::UnknownId { path: self.dir().to_owned(), id })?;
            return Ok(History { fate: Fate::Rejected(Box::new(row)), steps: Vec::new() });
        };
        let edits = self.edits_of(id)?;
        let mut steps = Vec::new();
        let mut text = document.text.clone();
        for edits in edits.chunk_by(|a, b| a.stage == b.stage).rev() {
            text = undo(&text, edits).map_err(|source| Error::Undo {
                path: self.dir().to_owned(),
                id,
                source,
            })?;
            steps.push(Step { text: text.clone(), edits: edits.to_vec() });
        }
        steps.reverse();
        Ok(History { fate: Fate::Document(Box::new(document)), steps })
    }
}
