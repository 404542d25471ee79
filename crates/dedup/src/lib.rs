//! Exact and near duplicates: signatures, bands, clusters. No I/O: the caller sorts the rows and
//! keeps the sketches, in memory, on disk or on many machines.
//!
//! [`Exact`] groups texts whose words are the same. [`Near`] turns a text into a [`Sketch`]: its
//! words as hashes, by which two texts are truly compared, and a few *keys*, in which two texts that
//! are alike [`meet`] without all pairs being looked at: the better one is posted under some of its
//! keys, the other asks with all of its own. More keys, over the words that an article
//! spinner leaves alone, do the same for spun copies. [`Edge`]s, each from a document to a better one
//! that it is a copy of, make the [`Forest`] whose trees are the clusters and whose roots are kept.
//!
//! `docs/dedup.md` argues the parameters and shows their measurements.

mod compare;
mod config;
pub mod eval;
mod exact;
mod forest;
mod keys;
mod meet;
mod mutable;
mod order;
mod rank;
mod shared;
mod shingles;
mod sketch;
mod words;

pub use compare::{Likeness, Reason};
pub use config::{Config, NearConfig, SpinConfig};
pub use exact::{Exact, ExactFinding, ExactRow};
pub use forest::{Edge, Forest};
pub use keys::{KEY_BITS, Key};
pub use meet::{Meeting, PAIRED, PairRow, Place, meet, meet_twice};
pub use mutable::Mutable;
pub use rank::{PRESENT, Rank};
pub use shared::shared_spans;
pub use shingles::Shingles;
pub use sketch::{Near, Sketch};
