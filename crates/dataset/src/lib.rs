//! The dataset on disk: Parquet tables, manifest, verify, diff, restore, report.
//!
//! A run writes its rows through a [`Writer`] into a folder beside the target, [`seal`]s the folder
//! (hashes, card, report, manifest) and [`publish`]es it by renaming. A [`Dataset`] reads it back as
//! a stream of typed rows. Equal calls give equal bytes: no clock, no thread and no memory setting
//! reaches a file.

mod config;
mod counts;
mod error;
mod reader;
mod rows;
mod schema;
mod table;
mod writer;

pub use config::{Config, Options};
pub use counts::{Counts, Tally};
pub use error::Error;
pub use reader::{Dataset, Restored, Rows};
pub use rows::{ClusterRow, DocumentRow, EditRow, Rejected, RejectedRow, TableRow};
pub use schema::Table;
pub use writer::Writer;
