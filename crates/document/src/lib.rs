//! The room that every stage knows: a [`Document`], the [`Edit`]s that may change it, and the two
//! kinds of stage.
//!
//! A **document stage** ([`DocumentStage`]) is a pure function of one document: any engine can map
//! it. A **corpus stage** ([`CorpusStage`]) observes documents into rows; the rows of all documents,
//! sorted, are its summary, and merging two summaries is the union of two sorted multisets. That
//! union is commutative and associative, so neither thread count nor order can show in what the
//! stage then decides.
//!
//! No I/O and no Arrow here: keep this crate tiny and stable.

mod document;
mod edit;
mod id;
mod row;
mod stage;

pub use document::{Document, Origin};
pub use edit::{Edit, EditError, apply, compose, undo};
pub use id::Id;
pub use row::{Fixed, Row};
pub use stage::{CorpusStage, DocumentStage, Rejection, Signals, Verdict};
