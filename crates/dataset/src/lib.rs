//! The dataset on disk: Parquet tables, manifest, verify, diff, restore, report.
//!
//! A run writes its rows through a [`Writer`] into a folder beside the target, [`seal`]s the folder
//! (hashes, card, report, manifest) and [`publish`]es it by renaming. A [`Dataset`] reads it back as
//! a stream of typed rows. Equal calls give equal bytes: no clock, no thread and no memory setting
//! reaches a file.

mod batches;
mod card;
mod config;
mod counts;
mod croissant;
mod diff;
mod error;
mod files;
mod history;
mod manifest;
mod reader;
mod report;
mod restore;
mod rows;
mod schema;
mod seal;
mod table;
mod verify;
mod writer;

pub use config::{Config, Options};
pub use counts::{Counts, Tally};
pub use diff::{Difference, diff};
pub use error::{Error, hint};
pub use history::{Fate, History, Step};
pub use manifest::{Input, MANIFEST, Manifest, Model, Output};
pub use reader::{Dataset, Rows};
pub use report::report;
pub use restore::Restored;
pub use rows::{ClusterRow, DocumentRow, EditRow, Rejected, RejectedRow, TableRow};
pub use schema::Table;
pub use seal::{publish, seal};
pub use verify::{Problem, verify};
pub use writer::Writer;
