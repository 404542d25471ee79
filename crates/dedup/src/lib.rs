//! Exact and near duplicates: signatures, bands, clusters. No I/O: the caller sorts the rows and
//! keeps the sketches, in memory, on disk or on many machines.
//!
//! [`Exact`] groups texts whose words are the same. [`Near`] turns a text into a [`Sketch`]: the
//! set of its word shingles, by which two texts are truly compared, and a few *keys*, by which two
//! texts that are alike find each other without all pairs being looked at. A second set and second
//! keys, over the words that an article spinner leaves alone, do the same for spun copies.
//! [`Edge`]s, each from a document to a better one that it is a copy of, make the [`Forest`] whose
//! trees are the clusters and whose roots are kept.
//!
//! `docs/dedup.md` argues the parameters and shows their measurements.

mod bands;
mod config;
pub mod eval;
mod exact;
mod fields;
mod forest;
mod minhash;
mod rank;
mod shared;
mod sketch;
mod words;

pub use bands::{BandRow, PairRow, Pairs, Place, meeting};
pub use config::{Config, NearConfig, SpinConfig};
pub use exact::{Exact, ExactFinding, ExactRow};
pub use fields::Fields;
pub use forest::{Edge, Forest};
pub use rank::{PRESENT, Rank};
pub use shared::shared_spans;
pub use sketch::{Likeness, Near, Reason, Sketch};
