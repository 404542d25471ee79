use scutch_document::Edit;

use crate::STAGE;

/// Layers of wrong decoding that are taken off.
const LAYERS: usize = 5;

/// Rule `mojibake`: UTF-8 that was read as windows-1252.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| !byte.is_ascii()) {
        let start = from + at;
        let end = text[start..].find(|c: char| c.is_ascii()).map_or(text.len(), |n| start + n);
        let mut fixed = None;
        for _ in 0..LAYERS {
            match unread(fixed.as_deref().unwrap_or(&text[start..end])) {
                Some(better) => fixed = Some(better),
                None => break,
            }
        }
        if let Some(fixed) = fixed {
            edits.push(Edit::replace(STAGE, "mojibake", text, start..end, fixed, 0.9));
        }
        from = end;
    }
    edits
}

/// The text whose UTF-8 bytes, read as windows-1252, give `run`.
fn unread(run: &str) -> Option<String> {
    let (bytes, _, lossy) = encoding_rs::WINDOWS_1252.encode(run);
    if lossy || run.is_ascii() {
        return None;
    }
    String::from_utf8(bytes.into_owned()).ok()
}
