//! The document stage that puts a decoded text right.

mod characters;
mod entities;
mod mojibake;
mod normalize;
mod reading;
mod sequence;
mod sloppy;

use scutch_document::{Document, DocumentStage, Edit, Verdict, apply, compose};

use crate::{Config, STAGE};

/// Rounds after which the passes are no longer repeated.
const ROUNDS: usize = 32;

/// Puts text right: mojibake, leftover entities, control and format characters, NFC.
///
/// Rules: `entity`, `mojibake`, `c1`, `line_end`, `control`, `bidi`, `zero_width`, `nfc`, and
/// `malformed`, which marks the places of undecodable bytes.
#[derive(Debug, Clone)]
pub struct Clean {
    config: Config,
}

impl Clean {
    /// A stage with these settings.
    pub fn new(config: &Config) -> Self {
        Self { config: config.clone() }
    }

    /// The edits that `text` needs: sorted, not overlapping.
    pub fn edits(&self, text: &str) -> Vec<Edit> {
        let mut fixes = Fixes { text, edits: Vec::new(), now: None };
        if self.config.entities {
            fixes.pass(entities::edits);
        }
        // Each pass can bring about what another one looks for, so they repeat until all is quiet.
        for _ in 0..ROUNDS {
            let mut quiet = true;
            if self.config.mojibake {
                quiet &= fixes.pass(mojibake::edits);
            }
            quiet &= fixes.pass(|text| characters::edits(text, &self.config));
            if self.config.nfc {
                quiet &= fixes.pass(normalize::edits);
            }
            if quiet {
                break;
            }
        }
        fixes.pass(characters::flags);
        fixes.edits
    }
}

impl DocumentStage for Clean {
    fn name(&self) -> &'static str {
        STAGE
    }

    fn judge(&self, document: &Document) -> Verdict {
        Verdict::edited(self.edits(document.text()))
    }
}

const SORTED: &str = "passes give sorted edits of the text that they were given";

/// Edits of a pass that are told one by one.
const MANY: usize = 1 << 16;
/// Bytes between two edits that become one when there are more, and of the longest such edit.
const CLOSE: usize = 64;
const LONG: usize = 4096;

/// Adds the next edit of a pass. In a text that needs edits all over, such as megabytes of lines that
/// end in CR LF, neighbours become one: an edit takes far more memory than the character it is about.
fn add(edits: &mut Vec<Edit>, text: &str, edit: Edit) {
    if edits.len() >= MANY
        && let Some(last) = edits.last_mut()
        && edit.start - last.end <= CLOSE
        && last.before.len() < LONG
    {
        for (joined, next) in [(&mut last.before, &edit.before), (&mut last.after, &edit.after)] {
            joined.push_str(&text[last.end..edit.start]);
            joined.push_str(next);
        }
        last.end = edit.end;
        last.score = last.score.min(edit.score);
        if last.rule.split('+').all(|rule| rule != edit.rule) {
            last.rule = format!("{}+{}", last.rule, edit.rule).into();
        }
    } else {
        edits.push(edit);
    }
}

/// A text, the edits so far, and what they make of it.
struct Fixes<'a> {
    text: &'a str,
    edits: Vec<Edit>,
    now: Option<String>,
}

impl Fixes<'_> {
    /// Adds the edits that `rule` makes of the present text; whether there were none.
    fn pass(&mut self, rule: impl FnOnce(&str) -> Vec<Edit>) -> bool {
        let present = self.now.as_deref().unwrap_or(self.text);
        let edits = rule(present);
        if edits.is_empty() {
            return true;
        }
        let next = apply(present, &edits).expect(SORTED);
        self.edits = compose(self.text, &self.edits, &edits).expect(SORTED);
        self.now = Some(next);
        false
    }
}
