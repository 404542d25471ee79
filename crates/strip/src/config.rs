use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What is to remain of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Everything but what is surely not the document.
    #[default]
    Footers,
    /// The main content only.
    Article,
}

/// Settings of the strip stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `footers` removes what is surely not the document, `article` keeps the main content only.
    pub profile: Profile,
    /// Files with rules of your own; a rule with the name of a shipped one replaces it.
    pub rules: Vec<PathBuf>,
    /// Whether the line model has a say besides the rules. `article` does little without it.
    pub model: bool,
    /// `footers` drops lines that the model scores below this (0: boilerplate, 1: content).
    pub footers_below: f32,
    /// `article` drops lines that the model scores below this.
    pub article_below: f32,
    /// On how many pages of its site a line must stand to count as repeated.
    pub repeated: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            profile: Profile::Footers,
            rules: Vec::new(),
            model: true,
            footers_below: 0.0485,
            article_below: 0.4,
            repeated: 3,
        }
    }
}
