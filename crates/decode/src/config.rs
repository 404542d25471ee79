use serde::{Deserialize, Serialize};

/// How bytes become text, and what is put right in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Bytes of a document that detection looks at; a longer one is judged by its beginning.
    pub sample: usize,
    /// Share of undecodable sequences among the characters above which a document is rejected.
    pub max_malformed: f32,
    /// Repair text that was decoded with the wrong encoding and stored (`â€œ` for `“`).
    pub mojibake: bool,
    /// Decode HTML entities that are left over in the text, once.
    pub entities: bool,
    /// Bring the text into Unicode normalisation form C.
    pub nfc: bool,
    /// What line ends become: `keep`, or `lf` (from CR LF and CR).
    pub line_ends: LineEnds,
    /// What becomes of control characters that no text needs (NUL, C0, C1): `keep`, `flag`, `remove`.
    pub controls: Policy,
    /// What becomes of characters that set the direction of writing: `keep`, `flag`, `remove`.
    pub bidi: Policy,
    /// What becomes of zero-width characters where they join nothing (BOM, zero-width space, word
    /// joiner; joiners inside a word always stay): `keep`, `flag`, `remove`.
    pub zero_width: Policy,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            sample: 64 * 1024,
            max_malformed: 0.05,
            mojibake: true,
            entities: true,
            nfc: true,
            line_ends: LineEnds::Lf,
            controls: Policy::Remove,
            bidi: Policy::Keep,
            zero_width: Policy::Remove,
        }
    }
}

/// What becomes of line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnds {
    /// They stay.
    Keep,
    /// Each becomes LF.
    Lf,
}

/// What becomes of a class of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// They stay.
    Keep,
    /// They stay, and an edit marks each run of them.
    Flag,
    /// They go.
    Remove,
}
