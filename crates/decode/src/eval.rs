//! Scoring detection against files whose encoding is known.

use std::fmt;

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

/// What became of all files; displayed as a Markdown table and a reliability table.
#[derive(Debug, Clone, Default)]
pub struct Report {
    files: Vec<Scored>,
}

impl Report {
    /// Adds a file.
    pub fn add(&mut self, scored: Scored) {
        self.files.push(scored);
    }

    /// How many of the files that `keep` keeps are right, and how many those are.
    pub fn right(&self, keep: impl Fn(&Scored) -> bool) -> (usize, usize) {
        let kept = self.files.iter().filter(|file| keep(file));
        kept.fold((0, 0), |(right, all), file| (right + usize::from(file.right), all + 1))
    }

    /// Expected calibration error: how far confidence and share of right answers are apart, over
    /// ten deciles of confidence (Naeini et al. 2015, doi:10.1609/aaai.v29i1.9602).
    pub fn calibration_error(&self) -> f32 {
        let files = self.files.len().max(1) as f32;
        self.deciles().iter().map(|(mean, n, right)| (mean - right).abs() * n).sum::<f32>() / files
    }

    /// For each decile of confidence: its mean, the number of files, the share of right ones.
    fn deciles(&self) -> [(f32, f32, f32); 10] {
        std::array::from_fn(|decile| {
            let (mut sum, mut n, mut right) = (0.0, 0.0, 0.0);
            for file in &self.files {
                if (file.confidence * 10.0).min(9.0) as usize == decile {
                    sum += file.confidence;
                    n += 1.0;
                    right += f32::from(u8::from(file.right));
                }
            }
            (sum / f32::max(n, 1.0), n, right / f32::max(n, 1.0))
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| gold | right | files | share |\n|---|---|---|---|")?;
        for (name, (right, all)) in [
            ("WHATWG and UTF-16", self.right(|file| file.web)),
            ("others", self.right(|file| !file.web && file.gold.is_some())),
            ("binary", self.right(|file| file.gold.is_none())),
            ("all", self.right(|_| true)),
        ] {
            let share = 100.0 * right as f32 / all.max(1) as f32;
            writeln!(f, "| {name} | {right} | {all} | {share:.2} % |")?;
        }
        writeln!(f, "\n| mean confidence | files | right |\n|---|---|---|")?;
        for (mean, n, right) in self.deciles().into_iter().filter(|&(_, n, _)| n > 0.0) {
            writeln!(f, "| {mean:.3} | {n} | {right:.3} |")?;
        }
        writeln!(f, "\nexpected calibration error {:.4}", self.calibration_error())
    }
}
