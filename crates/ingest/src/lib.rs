//! Files to records: text, HTML, JSONL, WARC and WET, Parquet, each also compressed.
//!
//! [`discover`] turns files, folders and globs into a sorted list of [`Source`]s, [`open`] turns a
//! source into its [`Record`]s. Reading streams: a record of [`Config::max_record`] bytes is the
//! most that a reader holds.
//!
//! **What counts as a record.** A text or HTML file is one. In JSONL, each line that is not blank. In
//! Parquet, each row. In WARC and WET, each `response`, `resource` and `conversion`; the other types
//! (`warcinfo`, `request`, `metadata`, `revisit`, …) hold no page and are passed over, so a WAT file
//! has no records.
//!
//! **Nothing is lost.** What cannot be read as text is a record all the same: [`Body::Broken`] says
//! why and where. A damaged file yields every record that is whole, then one that says at which byte
//! it broke. Only the machine's own failures (a missing file, a read error) are an [`Error`].

mod config;
mod decompress;
mod discover;
mod error;
mod footer;
mod html;
mod http;
mod json;
mod jsonl;
mod parquet;
mod record;
mod stream;
mod text;
mod warc;

pub use config::{Config, Format};
pub use discover::{Source, discover, stands_for};
pub use error::Error;
pub use html::html_to_text;
pub use record::{Body, Kind, Record, Records, open};
