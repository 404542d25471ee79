//! Scoring detection against files whose encoding is known.

use crate::codec::Codec;
use crate::{Decoder, Evidence, Hints, declared};

/// What became of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// The encoding that the gold label names; `None` for binary files.
    pub gold: Option<String>,
    /// The encoding that was found, `None` when it was taken for binary.
    pub found: Option<&'static str>,
    /// How sure the detection was.
    pub confidence: f32,
    /// What it was recognised by.
    pub evidence: Option<Evidence>,
    /// Whether the found encoding gives the text that the gold encoding gives.
    pub right: bool,
    /// Whether the gold encoding is one of the WHATWG standard or UTF-16.
    pub web: bool,
}

/// Scores one file: `folder` is `ENCODING-LANGUAGE`, an encoding alone, or `None` for binary files.
/// Gives nothing when the folder names no encoding.
pub fn score(decoder: &Decoder, folder: &str, bytes: &[u8]) -> Option<Scored> {
    let hints = Hints { html: true, ..Hints::default() };
    let found = decoder.detect(bytes, &hints).ok();
    let (encoding, confidence) =
        found.as_ref().map_or((None, 1.0), |found| (Some(found.encoding), found.confidence));
    let evidence = found.as_ref().map(|found| found.evidence);
    if folder == "None" {
        let right = found.is_none();
        return Some(Scored {
            gold: None,
            found: encoding,
            confidence,
            evidence,
            right,
            web: false,
        });
    }
    let (label, codec) = gold(folder)?;
    let bom = declared::bom(bytes)
        .filter(|(marked, _)| marked.name().starts_with(codec.name().trim_end_matches("LE")));
    let (codec, start) = bom.unwrap_or((codec, 0));
    let right = found.is_some_and(|found| {
        found.codec == codec || {
            let text = found.codec.decode(&bytes[found.bom..]).0;
            text == codec.decode(&bytes[start..]).0
        }
    });
    let web = matches!(codec, Codec::Utf8 | Codec::Web(_));
    Some(Scored { gold: Some(label.to_owned()), found: encoding, confidence, evidence, right, web })
}

/// The encoding that a folder's name begins with.
fn gold(folder: &str) -> Option<(&str, Codec)> {
    if let Some(codec) = Codec::by_label(folder) {
        return Some((folder, codec));
    }
    let label = &folder[..folder.rfind('-')?];
    Some((label, Codec::by_label(label)?))
}
