//! The config file: TOML, a section a stage. Unknown keys are errors.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::limits;

/// A stage that can be switched on, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Mojibake, entities, normalisation.
    Decode,
    /// Exact and near duplicates.
    Dedup,
    /// Spam, link footers, boilerplate.
    Strip,
    /// Spun text.
    Repair,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Decode, Self::Dedup, Self::Strip, Self::Repair];

    /// The name in config files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Dedup => "dedup",
            Self::Strip => "strip",
            Self::Repair => "repair",
        }
    }

    /// Reads `decode,strip` or `none`.
    ///
    /// # Errors
    /// When a name is no stage's.
    pub fn parse_list(list: &str) -> Result<Vec<Self>, ConfigError> {
        if list == "none" {
            return Ok(Vec::new());
        }
        let mut stages = list
            .split(',')
            .map(|name| {
                let name = name.trim();
                Self::ALL.into_iter().find(|stage| stage.name() == name).ok_or_else(|| {
                    let names: Vec<_> = Self::ALL.iter().map(|stage| stage.name()).collect();
                    ConfigError(format!(
                        "there is no stage `{name}`{}; the stages are {} (or `none`)",
                        suggestion(name, names.iter().copied()),
                        names.join(", ")
                    ))
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        stages.sort_unstable();
        stages.dedup();
        Ok(stages)
    }
}

/// A config that cannot be used: one line that names the file, the place and the way out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// Everything that decides what a run does with its input. Threads and memory are not in it: they
/// must not show in a dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The stages to run: any of "decode", "dedup", "strip", "repair".
    pub stages: Vec<Stage>,
    /// Files to records.
    pub input: scutch_ingest::Config,
    /// Bytes to text.
    pub decode: scutch_decode::Config,
    /// Exact and near duplicates.
    pub dedup: scutch_dedup::Config,
    /// Spam, link footers, boilerplate.
    pub strip: scutch_strip::Config,
    /// Spun text.
    pub repair: scutch_repair::Config,
    /// The dataset on disk.
    pub output: scutch_dataset::Config,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            stages: Stage::ALL.to_vec(),
            input: scutch_ingest::Config::default(),
            decode: scutch_decode::Config::default(),
            dedup: scutch_dedup::Config::default(),
            strip: scutch_strip::Config::default(),
            repair: scutch_repair::Config::default(),
            output: scutch_dataset::Config::default(),
        }
    }
}

/// The config that ships: every key with its default and what it means.
pub const DEFAULT_TOML: &str = include_str!("../../../config/default.toml");

impl Config {
    /// Reads a config file. Paths in it are relative to its folder.
    ///
    /// # Errors
    /// When it cannot be read, is not TOML, or has a key or value that does not fit.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError(format!("{}: cannot read it: {error}", path.display())))?;
        let mut config = Self::parse(&text, &path.display().to_string())?;
        if let Some(folder) = path.parent() {
            config.resolve(folder);
        }
        Ok(config)
    }

    /// Reads a config from `text`; `name` is for messages.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(text: &str, name: &str) -> Result<Self, ConfigError> {
        let line = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        let config = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line(span.start));
            let message = error.message();
            ConfigError(format!("{name}:{line}: {message}{}", suggest_key(message)))
        })?;
        match limits::broken(text) {
            Some((place, why)) => Err(ConfigError(format!("{name}:{}: {why}", line(place.start)))),
            None => Ok(config),
        }
    }

    /// All keys with their values, as TOML.
    ///
    /// # Errors
    /// When a value cannot be written as TOML (a number too large for it).
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        toml::to_string(self).map_err(|error| ConfigError(error.to_string()))
    }

    /// A JSON schema for config files: types from the defaults, descriptions from the comments of
    /// the config that ships.
    ///
    /// # Errors
    /// As [`Config::to_toml`].
    pub fn schema() -> Result<serde_json::Value, ConfigError> {
        let defaults = serde_json::to_value(Self::default())
            .map_err(|error| ConfigError(error.to_string()))?;
        let mut schema = crate::schema::of(&defaults, DEFAULT_TOML);
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
        schema["title"] = "Scutch config".into();
        Ok(schema)
    }

    fn resolve(&mut self, folder: &Path) {
        let rules = self.strip.rules.iter_mut();
        let lexicons = self.repair.lexicon.iter_mut();
        for path in rules.chain(lexicons).chain(&mut self.repair.model) {
            *path = folder.join(&*path);
        }
    }

    /// What a manifest records: file names without their folders, which differ between machines.
    pub(crate) fn portable(&self) -> Self {
        let mut config = self.clone();
        let name = |path: &mut PathBuf| {
            *path = path.file_name().map(PathBuf::from).unwrap_or_default();
        };
        config.strip.rules.iter_mut().for_each(name);
        config.repair.lexicon.iter_mut().for_each(name);
        config.repair.model.iter_mut().for_each(name);
        config
    }
}

/// `; did you mean …?` for a message of the form "unknown field `x`, expected one of `a`, `b`".
fn suggest_key(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    match (message.starts_with("unknown"), quoted.next()) {
        (true, Some(unknown)) => suggestion(unknown, quoted),
        _ => String::new(),
    }
}

fn suggestion<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> String {
    known
        .map(|name| (strsim::damerau_levenshtein(unknown, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 3)
        .min()
        .map(|(_, name)| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}
