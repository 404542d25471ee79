use std::sync::Arc;

use crate::{Edit, EditError, Id, Signals, edit};

/// Where a record came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// Its identity.
    pub id: Id,
    /// The file's name: its path below the input that named it, never an absolute one.
    pub source: Arc<str>,
    /// The record's place in the file, counted from 0.
    pub record: u64,
    /// The id that the record itself carried.
    pub source_id: Option<String>,
    /// The page's address.
    pub url: Option<String>,
    /// The record's other fields, as a JSON object.
    pub meta: Option<String>,
}

/// A text on its way through the stages.
///
/// The text is private: only [`Document::apply`] changes it, so every change leaves its edit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// Where it came from.
    pub origin: Origin,
    /// Name of the encoding that its bytes were in (WHATWG or IANA).
    pub encoding: Option<String>,
    /// ISO 639-1 code of the text's language (639-3 where there is none), when known.
    pub language: Option<String>,
    /// What the stages measured.
    pub signals: Signals,
    text: String,
    edits: Vec<Edit>,
}

impl Document {
    /// A document whose text is as it was decoded.
    pub fn new(origin: Origin, text: impl Into<String>) -> Self {
        Self { origin, text: text.into(), ..Self::default() }
    }

    /// A document that has been through some stages already, as a spill file or a dataset holds it.
    pub fn resume(origin: Origin, text: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { origin, text: text.into(), edits, ..Self::default() }
    }

    /// The text as it stands now.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All edits so far, stage by stage, in the order of their application.
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// Applies one stage's edits: sorted, not overlapping, offsets into the present text.
    ///
    /// # Errors
    /// When they are out of order, out of bounds, do not match the text, name another stage than
    /// `stage`, or when `stage` was the last to edit already (its edits could not be told apart from
    /// the earlier ones). The document is unchanged then.
    pub fn apply(&mut self, stage: &str, edits: Vec<Edit>) -> Result<(), EditError> {
        if edits.is_empty() {
            return Ok(());
        }
        if self.edits.last().is_some_and(|last| last.stage == stage) {
            return Err(EditError::Twice { stage: stage.to_owned() });
        }
        if let Some(edit) = edits.iter().find(|edit| edit.stage != stage) {
            return Err(EditError::Stage {
                stage: stage.to_owned(),
                found: edit.stage.to_string(),
            });
        }
        self.text = edit::apply(&self.text, &edits)?;
        self.edits.extend(edits);
        Ok(())
    }

    /// The text as it was before any edit.
    ///
    /// # Errors
    /// When the edits do not belong to the text (a damaged dataset).
    pub fn restored(&self) -> Result<String, EditError> {
        edit::undo(&self.text, &self.edits)
    }

    /// Takes the document apart: origin, text, edits.
    pub fn into_parts(self) -> (Origin, String, Vec<Edit>) {
        (self.origin, self.text, self.edits)
    }
}
