//! What ships inside the program: the English lexicon, as text and compiled, the language model, and
//! what the gate makes of the two. `build.rs` compiles them.

use std::borrow::Cow;

use crate::lexicon::{Family, Lexicon};
use crate::lm::Model;
use crate::problem::Problem;

/// The lexicon's files: name and text.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/english.rs"));

static LEXICON: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/english.lexicon"));

/// `model/ORIGIN.md` says what it was made from.
static MODEL: &[u8] = include_bytes!("../model/en.lm");

/// The gate's weights for these two, in two bytes each.
pub(crate) static WEIGHTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/english.weights"));

/// The lexicon files and the model that ship inside the program, by name: a manifest records their
/// hashes.
pub fn embedded() -> impl Iterator<Item = (String, &'static [u8])> {
    let lexicon = FILES.iter().map(|(name, text)| (name, text.as_bytes()));
    let files = lexicon.map(|(name, bytes)| (format!("repair/{name}"), bytes));
    files.chain(std::iter::once(("repair/en.lm".to_owned(), MODEL)))
}

impl Lexicon {
    /// The names and texts of the English files that ship.
    pub fn english_files() -> &'static [(&'static str, &'static str)] {
        FILES
    }

    /// The English lexicon that ships.
    pub fn english() -> Self {
        Self::from_bytes(LEXICON)
    }

    /// These families of the English lexicon that ships, and a user's own files (name and text) after
    /// them.
    ///
    /// # Errors
    /// As [`Lexicon::parse`].
    pub fn english_with(families: &[Family], files: &[(String, String)]) -> Result<Self, Problem> {
        if files.is_empty() && Family::ALL.iter().all(|family| families.contains(family)) {
            return Ok(Self::english());
        }
        let ours = FILES.iter().copied().filter(|(name, _)| families.contains(&Family::of(name)));
        let own = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        Self::parse(&ours.chain(own).collect::<Vec<_>>())
    }
}

impl Model {
    /// The English model that ships.
    pub fn english() -> Self {
        Self::open(Cow::Borrowed(MODEL)).expect("a test reads the file that ships")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::weigh;

    #[test]
    fn what_ships_is_what_its_files_say() {
        let (lexicon, model) = (Lexicon::parse(FILES).unwrap(), Model::english());
        assert_eq!(lexicon.to_bytes(), LEXICON);
        assert_eq!(Lexicon::english().to_bytes(), LEXICON);
        let weights = weigh(&lexicon, &model).into_iter().flat_map(i16::to_le_bytes);
        assert!(weights.eq(WEIGHTS.iter().copied()));
    }
}
