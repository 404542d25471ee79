use scutch_document::Edit;
use unicode_normalization::{IsNormalized, UnicodeNormalization, char, is_nfc_quick};

use crate::STAGE;

/// Rule `nfc`: the shortest pieces that are not in normalisation form C.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut from = 0;
    // Nothing below U+0300, whose first byte is 0xCC, changes or combines.
    while let Some(at) = text.as_bytes()[from..].iter().position(|&byte| byte >= 0xcc) {
        let at = from + at;
        let Some(bad) =
            text[at..].char_indices().find(|&(_, c)| !boundary(c)).map(|(offset, _)| at + offset)
        else {
            break;
        };
        let start = text[from..bad].char_indices().next_back().map_or(bad, |(at, _)| from + at);
        let end = text[bad..]
            .char_indices()
            .skip(1)
            .find(|&(_, c)| boundary(c))
            .map_or(text.len(), |(offset, _)| bad + offset);
        let normal: String = text[start..end].nfc().collect();
        if normal != text[start..end] {
            edits.push(Edit::replace(STAGE, "nfc", text, start..end, normal, 1.0));
        }
        from = end;
    }
    edits
}

/// Whether normalisation never joins `c` to what comes before it.
fn boundary(c: char) -> bool {
    c < '\u{300}'
        || (char::canonical_combining_class(c) == 0
            && is_nfc_quick(std::iter::once(c)) == IsNormalized::Yes)
}
