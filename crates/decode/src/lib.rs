//! Bytes to text: detection, decoding, mojibake, normalisation.
//!
//! [`Decoder`] finds the encoding of a document's bytes and decodes them; [`Clean`] is the document
//! stage that puts the text right, each change an edit with a rule's name; [`Filter`] does both for
//! a stream in bounded memory.

mod ascii;
mod asian;
mod binary;
mod bytes;
mod clean;
mod codec;
mod config;
mod declared;
mod decoder;
mod escape;
pub mod eval;
mod language;
mod model;
mod multibyte;
mod pages;
mod pairs;
mod single;
mod statistics;
mod stream;
mod unicode;
mod utf7;

pub use clean::Clean;
pub use config::{Config, LineEnds, Policy};
pub use decoder::{Decoded, Decoder, Detection, Evidence, Hints};
pub use language::language;
pub use stream::{Filter, Filtered};
pub use unicode_normalization::UNICODE_VERSION;

/// The tables and models that ship inside the program, by name: a manifest records their hashes.
pub const EMBEDDED: &[(&str, &[u8])] = &[
    ("decode/cns11643.bin", include_bytes!("../data/cns11643.bin")),
    ("decode/codepages.txt", include_bytes!("../data/codepages.txt")),
    ("decode/model.bin", include_bytes!("../data/model.bin")),
];

/// The stage's name in edits and rejections.
const STAGE: &str = "decode";
