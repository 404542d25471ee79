//! Removes from a text the lines that are not the document: link farms, teasers, share bars,
//! comment forms, breadcrumbs, lines that stand on every page of a site.
//!
//! It needs the text alone, no HTML. Each line that goes is an edit that names the rule and how
//! sure it is. Three sources of evidence: the line, its neighbours, and the other pages of its site.
//!
//! Rules are data (`config/rules/*.toml`, see [`Rule`]); anyone can add some without Rust.

mod address;
mod blocks;
mod config;
mod crumbs;
pub mod eval;
mod facts;
mod features;
mod hashed;
mod kinds;
mod landmarks;
mod lexicon;
mod lines;
mod links;
mod model;
mod page;
mod pool;
mod rules;
mod second;
mod series;
mod sites;
mod strip;
mod text;
pub mod training;
mod trees;
mod vocabulary;

pub use config::{Config, Profile};
pub use rules::{Action, Rule};
pub use sites::{LineRow, RepeatedLine, SiteLines};
pub use strip::Strip;

/// The rules and models that ship inside the program, by name: a manifest records their hashes.
pub const EMBEDDED: &[(&str, &[u8])] = &[
    ("strip/breadcrumbs.toml", include_bytes!("../../../config/rules/breadcrumbs.toml")),
    ("strip/first.txt", include_bytes!("../model/first.txt")),
    ("strip/footers.toml", include_bytes!("../../../config/rules/footers.toml")),
    ("strip/hints.toml", include_bytes!("../../../config/rules/hints.toml")),
    ("strip/lexicon.txt", include_bytes!("../model/lexicon.txt")),
    ("strip/second.txt", include_bytes!("../model/second.txt")),
    ("strip/sections.toml", include_bytes!("../../../config/rules/sections.toml")),
];

/// Version of the public-suffix list: that of the `psl` crate, which is pinned to it.
pub const PUBLIC_SUFFIXES: &str = "2.1.247";

/// Rules that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of rules is not what it should be.
    #[error("{file}: {message}")]
    Rules {
        /// The file's name, as the caller gave it.
        file: String,
        /// What is wrong, and where.
        message: String,
    },
    /// A pattern cannot be compiled.
    #[error("a rule's pattern cannot be used: {message}")]
    Pattern {
        /// What is wrong.
        message: String,
    },
    /// A phrase without a letter or digit would match everywhere.
    #[error("rule {rule} has a phrase without any letter")]
    EmptyPhrase {
        /// The rule.
        rule: String,
    },
    /// The model is damaged.
    #[error("the line model is damaged: {message}")]
    Model {
        /// What is wrong.
        message: String,
    },
    /// There are more rules than one pass can tell apart.
    #[error("{rules} rules, but at most 64 can be used at a time")]
    TooMany {
        /// How many there are.
        rules: usize,
    },
}
