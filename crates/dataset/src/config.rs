use serde::{Deserialize, Serialize};

use crate::Error;

/// How the dataset's files are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// zstd level of the Parquet files, 1 (fast) to 19 (small).
    pub zstd_level: i32,
    /// A new part file begins after this many MiB of content, counted before compression.
    pub part_mib: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self { zstd_level: 3, part_mib: 1024 }
    }
}

/// What a [`crate::Writer`] needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The documents' `q_*` columns, in order. `spun_score` has a column of its own.
    pub signals: Vec<&'static str>,
    /// zstd level.
    pub zstd_level: i32,
    /// Content after which a new part file begins.
    pub part_bytes: u64,
    /// Content of a row group; a larger row is a group by itself.
    pub row_group_bytes: u64,
    /// Rows of a row group at most.
    pub row_group_rows: u64,
}

impl Options {
    /// The usual row groups: small, so that four open tables fit in a small memory.
    ///
    /// # Errors
    /// When a setting is out of range.
    pub fn new(config: &Config, signals: Vec<&'static str>) -> Result<Self, Error> {
        if !(1..=19).contains(&config.zstd_level) {
            return Err(Error::Config {
                setting: "zstd_level",
                message: format!("{} is not from 1 to 19", config.zstd_level),
            });
        }
        if config.part_mib == 0 {
            return Err(Error::Config {
                setting: "part_mib",
                message: "must be at least 1".to_owned(),
            });
        }
        Ok(Self {
            signals,
            zstd_level: config.zstd_level,
            part_bytes: u64::from(config.part_mib) << 20,
            row_group_bytes: 16 << 20,
            row_group_rows: 1 << 16,
        })
    }
}
