use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// How input is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Formats by file ending, beside the known ones (jsonl, ndjson, json, html, htm, xhtml, warc, wet,
    /// wat, parquet; everything else is text): `{ log = "text", dump = "jsonl" }`. An ending of a
    /// compression (gz, zst, bz2, lz4) is taken off first.
    #[serde(deserialize_with = "formats")]
    pub formats: BTreeMap<String, Format>,
    /// Fields of JSONL and columns of Parquet that hold the text; the first one found counts.
    #[serde(deserialize_with = "at_least_one")]
    pub text: Vec<String>,
    /// Fields and columns that hold the record's own id; the first one found counts.
    pub id: Vec<String>,
    /// Fields and columns that hold the page's address; the first one found counts.
    pub url: Vec<String>,
    /// Bytes of the largest record that is read; larger ones are rejected with their first 64 KiB.
    pub max_record: u64,
    /// Compressed data that grows to more than this many times its size is rejected as a
    /// decompression bomb (from 64 MiB on, so that small files may be as repetitive as they like).
    pub max_ratio: u64,
    /// Bytes that one compressed file may grow to.
    pub max_size: u64,
}

impl Default for Config {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            formats: BTreeMap::new(),
            text: names(&["text", "content", "raw_content", "body"]),
            id: names(&["id", "doc_id", "uuid", "_id"]),
            url: names(&["url", "uri", "source_url", "link"]),
            max_record: 64 << 20,
            max_ratio: 1000,
            max_size: 1 << 40,
        }
    }
}

impl Config {
    /// [`Self::max_record`] as a length in memory.
    pub(crate) fn max_length(&self) -> usize {
        usize::try_from(self.max_record).unwrap_or(usize::MAX)
    }
}

/// Endings as they are looked up: any other would never be found.
fn formats<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Format>, D::Error> {
    let formats = BTreeMap::<String, Format>::deserialize(from)?;
    match formats.keys().find(|ending| ending.contains('.') || **ending != ending.to_lowercase()) {
        Some(ending) => Err(D::Error::custom(format!(
            "no ending is `{ending}`: write small letters without a dot, such as `{}`",
            ending.rsplit('.').next().unwrap_or_default().to_lowercase()
        ))),
        None => Ok(formats),
    }
}

fn at_least_one<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let names = Vec::deserialize(from)?;
    if names.is_empty() { Err(D::Error::custom("at least one name is needed")) } else { Ok(names) }
}

/// What a file holds, once it is decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One document, of any encoding.
    Text,
    /// One page.
    Html,
    /// JSONL when its first line is a JSON object with a text; an array of objects is rejected, and
    /// anything else is one document.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// WARC, WET or WAT, of any version.
    Warc,
    /// Parquet.
    Parquet,
}

impl Format {
    pub(crate) fn of_ending(ending: &str, config: &Config) -> Option<Self> {
        if let Some(&format) = config.formats.get(ending) {
            return Some(format);
        }
        match ending {
            "txt" | "text" => Some(Self::Text),
            "html" | "htm" | "xhtml" => Some(Self::Html),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "warc" | "wet" | "wat" => Some(Self::Warc),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}
