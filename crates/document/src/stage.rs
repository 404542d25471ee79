use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::{Document, Edit, Id, Row};

/// What a stage measured about a document, by the name of its dataset column (`spun_score`, `q_…`).
pub type Signals = BTreeMap<&'static str, f64>;

/// A pure function of one document.
pub trait DocumentStage: Send + Sync {
    /// The stage's name, as it stands in edits and rejections.
    fn name(&self) -> &'static str;

    /// The signals it may set, in the order of their dataset columns.
    fn signals(&self) -> &'static [&'static str] {
        &[]
    }

    /// What is to become of the document. It must not depend on anything but the document and the
    /// stage's own settings, and must not panic, whatever the text is.
    fn judge(&self, document: &Document) -> Verdict;
}

/// A document stage's answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The document goes on, with these edits (sorted, not overlapping, offsets into the text that
    /// the stage was given) and these signals.
    Keep {
        /// Edits for [`Document::apply`].
        edits: Vec<Edit>,
        /// Measurements to store beside the text.
        signals: Signals,
    },
    /// The document goes to `rejected`.
    Reject(Rejection),
}

impl Verdict {
    /// Keeps the document as it is.
    pub fn untouched() -> Self {
        Self::edited(Vec::new())
    }

    /// Keeps the document with these edits.
    pub fn edited(edits: Vec<Edit>) -> Self {
        Self::Keep { edits, signals: Signals::new() }
    }
}

/// Why a record is not in the clean documents.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejection {
    /// The stage that rejected it.
    pub stage: &'static str,
    /// A short snake_case reason to group by: `binary`, `exact_copy`, `spun_copy`.
    pub reason: Cow<'static, str>,
    /// One line for a person.
    pub detail: String,
    /// What it is a copy of: an id, or `dataset:id` for one of an earlier dataset. Only an exact copy's
    /// may be no kept document but a near copy, whose own row leads on.
    pub duplicate_of: Option<String>,
    /// How alike the two are, 0 to 1.
    pub similarity: Option<f32>,
}

impl Rejection {
    /// A rejection that has nothing to do with another document.
    pub fn new(
        stage: &'static str,
        reason: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            stage,
            reason: reason.into(),
            detail: detail.into(),
            duplicate_of: None,
            similarity: None,
        }
    }

    /// A rejection in favour of another document of the same dataset.
    pub fn duplicate(
        stage: &'static str,
        reason: impl Into<Cow<'static, str>>,
        of: Id,
        similarity: f32,
    ) -> Self {
        Self {
            duplicate_of: Some(of.to_string()),
            similarity: Some(similarity),
            ..Self::new(stage, reason, String::new())
        }
    }
}

/// A stage that needs to see the corpus before it can decide.
///
/// Map: [`observe`](Self::observe) turns a document into rows. Shuffle: the rows of all documents
/// are sorted. Reduce: [`decide`](Self::decide) reads them once and emits findings, which are
/// sorted in turn. Both sorts are the caller's: in memory, on disk, or on many machines.
pub trait CorpusStage: Send + Sync {
    /// What a document is observed as.
    type Row: Row;
    /// What was found out; begins with the ordinal of the document that it is about.
    type Finding: Row;

    /// Emits the document's rows. `ordinal` is the document's place in the corpus, counted from 0.
    fn observe(&self, ordinal: u64, document: &Document, emit: &mut dyn FnMut(Self::Row));

    /// Reads all rows in sorted order and emits findings in any order.
    fn decide(
        &self,
        rows: &mut dyn Iterator<Item = Self::Row>,
        emit: &mut dyn FnMut(Self::Finding),
    );
}
