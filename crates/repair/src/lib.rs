//! Spun text: lexicon, language model, gate, decoder, mining.
//!
//! An article spinner puts synonyms in the place of words and phrases without looking at their
//! sense: `White Home`, `Overseas Minister`, `in keeping with Politico`. A [`Lexicon`] knows what
//! such forms stand for, a [`Gate`] tells spun text from clean text, and [`Repair`] restores the
//! words of spun text with the help of a language [`Model`]. Clean text is never touched: that is
//! the gate's task, not the model's.
//!
//! No I/O here: files come in as text and bytes.

mod activity;
mod change;
mod english;
pub mod eval;
pub mod explain;
pub mod gate;
mod graph;
mod lattice;
pub mod lexicon;
pub mod lm;
pub mod mine;
mod numbers;
mod problem;
mod repair;
mod roster;
mod score;
mod search;
mod surface;
mod survey;
pub mod words;

pub use english::embedded;
pub use gate::Gate;
pub use lexicon::{Family, Lexicon};
pub use lm::Model;
pub use problem::Problem;
pub use repair::{Choice, Config, Repair, STAGE};
pub use score::Score;

use scutch_document::Document;

/// Whether the document is in the language of the lexicon, as far as is known.
fn is_english(document: &Document) -> bool {
    document.language.as_deref().is_none_or(|language| language == "en")
}
