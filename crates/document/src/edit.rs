use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// One explained change of a text.
///
/// An edit whose `before` equals its `after` changes nothing: it flags a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// The stage that made it.
    pub stage: Cow<'static, str>,
    /// The rule that called for it.
    pub rule: Cow<'static, str>,
    /// First byte of the span, in the text that the stage was given.
    pub start: usize,
    /// The byte after the span.
    pub end: usize,
    /// What stood there.
    pub before: String,
    /// What stands there now.
    pub after: String,
    /// How sure the rule was; its scale is the rule's own.
    pub score: f32,
}

impl Edit {
    /// Replaces `span` of `text`, the text that the stage was given.
    ///
    /// # Panics
    /// When `span` is not on character boundaries of `text`: a mistake of the stage.
    pub fn replace(
        stage: &'static str,
        rule: impl Into<Cow<'static, str>>,
        text: &str,
        span: Range<usize>,
        after: impl Into<String>,
        score: f32,
    ) -> Self {
        Self {
            stage: Cow::Borrowed(stage),
            rule: rule.into(),
            start: span.start,
            end: span.end,
            before: text[span].to_owned(),
            after: after.into(),
            score,
        }
    }

    /// Marks `span` and leaves it as it is.
    ///
    /// # Panics
    /// As [`Edit::replace`].
    pub fn flag(
        stage: &'static str,
        rule: impl Into<Cow<'static, str>>,
        text: &str,
        span: Range<usize>,
        score: f32,
    ) -> Self {
        let after = text[span.clone()].to_owned();
        Self::replace(stage, rule, text, span, after, score)
    }

    /// Whether it only marks a place.
    pub fn is_flag(&self) -> bool {
        self.before == self.after
    }
}

/// Edits that cannot be applied or undone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// An edit begins before the previous one ends, or ends before it begins.
    #[error("edit at byte {start} is out of order or overlaps the one before it")]
    Order {
        /// Where the edit begins.
        start: usize,
    },
    /// The text does not hold what the edit says.
    #[error("edit at byte {start} does not match the text")]
    Mismatch {
        /// Where the edit begins.
        start: usize,
    },
    /// A stage's edits follow directly on edits of the same stage.
    #[error("stage {stage} edits the same document twice in a row")]
    Twice {
        /// The stage.
        stage: String,
    },
    /// An edit names another stage than the one that applies it.
    #[error("stage {stage} applies an edit of stage {found}")]
    Stage {
        /// The stage that applies.
        stage: String,
        /// The stage that the edit names.
        found: String,
    },
}

/// Applies one stage's edits, ordered by place, to the text that it was given.
///
/// # Errors
/// When the edits overlap, are in another order, or do not belong to the text.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let grown: usize = edits.iter().map(|edit| edit.after.len()).sum();
    let mut out = String::with_capacity(text.len() + grown);
    let mut done = 0;
    for edit in edits {
        if edit.start < done || edit.end < edit.start {
            return Err(EditError::Order { start: edit.start });
        }
        if text.get(edit.start..edit.end) != Some(edit.before.as_str()) {
            return Err(EditError::Mismatch { start: edit.start });
        }
        out.push_str(&text[done..edit.start]);
        out.push_str(&edit.after);
        done = edit.end;
    }
    out.push_str(&text[done..]);
    Ok(out)
}

/// Takes back all `edits` (stage after stage, as [`crate::Document::edits`] lists them) from `text`.
///
/// # Errors
/// When the edits do not belong to the text.
pub fn undo(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut text = Cow::Borrowed(text);
    for stage in edits.chunk_by(|a, b| a.stage == b.stage).rev() {
        text = Cow::Owned(undo_stage(&text, stage)?);
    }
    Ok(text.into_owned())
}

fn undo_stage(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut done = 0;
    for edit in edits {
        let mismatch = EditError::Mismatch { start: edit.start };
        let kept = edit.start.checked_sub(done).ok_or(EditError::Order { start: edit.start })?;
        let (between, tail) = rest.split_at_checked(kept).ok_or(mismatch.clone())?;
        out.push_str(between);
        out.push_str(&edit.before);
        rest = tail.strip_prefix(edit.after.as_str()).ok_or(mismatch)?;
        done = edit.end;
    }
    out.push_str(rest);
    Ok(out)
}

/// Joins two passes of one stage into edits of the text that the first pass was given.
///
/// `first` turns `text` into a middle text, `second` turns that into the last one. Where an edit of
/// the second pass touches what the first one wrote, the two become one edit with the rules' names
/// joined by `+` and the smaller score.
///
/// # Errors
/// As [`crate::Document::apply`].
pub fn compose(text: &str, first: &[Edit], second: &[Edit]) -> Result<Vec<Edit>, EditError> {
    if second.is_empty() {
        return Ok(first.to_vec());
    }
    if first.is_empty() {
        return Ok(second.to_vec());
    }
    let middle = apply(text, first)?;
    apply(&middle, second)?;

    // Spans in the middle text: of the first pass' results, and of the second pass' edits.
    let mut shift = 0isize;
    let mut written = Vec::with_capacity(first.len());
    for edit in first {
        let start = edit.start.wrapping_add_signed(shift);
        written.push((start, start + edit.after.len()));
        shift += edit.after.len() as isize - edit.before.len() as isize;
    }

    let (mut i, mut j) = (0, 0);
    let mut shift = 0isize; // middle offset - text offset, before the next group
    let mut out = Vec::with_capacity(first.len() + second.len());
    while i < first.len() || j < second.len() {
        // A group is a run of spans that touch each other.
        let (i0, j0) = (i, j);
        let start = match (written.get(i), second.get(j)) {
            (Some(w), Some(edit)) => w.0.min(edit.start),
            (Some(w), None) => w.0,
            (None, edit) => edit.map_or(0, |edit| edit.start),
        };
        let mut end = start;
        loop {
            if let Some(w) = written.get(i).filter(|w| w.0 <= end) {
                end = end.max(w.1);
                i += 1;
            } else if let Some(edit) = second.get(j).filter(|edit| edit.start <= end) {
                end = end.max(edit.end);
                j += 1;
            } else {
                break;
            }
        }
        let grown: isize =
            first[i0..i].iter().map(|e| e.after.len() as isize - e.before.len() as isize).sum();
        if j == j0 {
            out.extend_from_slice(&first[i0..i]);
        } else if i == i0 {
            out.extend(second[j0..j].iter().map(|edit| Edit {
                start: edit.start.wrapping_add_signed(-shift),
                end: edit.end.wrapping_add_signed(-shift),
                ..edit.clone()
            }));
        } else {
            let from = start.wrapping_add_signed(-shift);
            let to = end.wrapping_add_signed(-(shift + grown));
            out.push(join(text, from..to, &middle, start..end, &first[i0..i], &second[j0..j]));
        }
        shift += grown;
    }
    Ok(out)
}

/// One edit for a group of touching edits of both passes: `span` of `text`, `written` in `middle`.
fn join(
    text: &str,
    span: Range<usize>,
    middle: &str,
    written: Range<usize>,
    first: &[Edit],
    second: &[Edit],
) -> Edit {
    let mut rules: Vec<&str> = Vec::new();
    let mut score = f32::INFINITY;
    for edit in first.iter().chain(second) {
        score = score.min(edit.score);
        if !rules.contains(&edit.rule.as_ref()) {
            rules.push(&edit.rule);
        }
    }
    let mut after = String::new();
    let mut done = written.start;
    for edit in second {
        after.push_str(&middle[done..edit.start]);
        after.push_str(&edit.after);
        done = edit.end;
    }
    after.push_str(&middle[done..written.end]);
    Edit {
        stage: first[0].stage.clone(),
        rule: Cow::Owned(rules.join("+")),
        start: span.start,
        end: span.end,
        before: text[span].to_owned(),
        after,
        score,
    }
}
