use std::sync::LazyLock;

use scutch_document::Edit;
use unicode_normalization::{IsNormalized, UnicodeNormalization, char, is_nfc_quick};

use super::add;
use crate::STAGE;

/// Rule `nfc`: the shortest pieces that are not in normalisation form C.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut done = 0;
    let mut at = 0;
    loop {
        at += quiet_len(&text.as_bytes()[at..]);
        let Some(c) = text[at..].chars().next() else { return edits };
        if boundary(c) {
            at += c.len_utf8();
            continue;
        }
        let start = text[done..at].char_indices().next_back().map_or(at, |(n, _)| done + n);
        let mut rest = text[at..].char_indices().skip(1);
        let end = rest.find(|&(_, c)| boundary(c)).map_or(text.len(), |(n, _)| at + n);
        let normal: String = text[start..end].nfc().collect();
        if normal != text[start..end] {
            add(&mut edits, text, Edit::replace(STAGE, "nfc", text, start..end, normal, 1.0));
        }
        (done, at) = (end, end);
    }
}

/// Length of what begins `bytes` and is below U+0300: nothing of it changes or combines.
fn quiet_len(bytes: &[u8]) -> usize {
    let (chunks, _) = bytes.as_chunks::<32>();
    let quiet = |chunk: &&[u8; 32]| chunk.iter().fold(true, |all, &byte| all & (byte < 0xcc));
    let whole = chunks.iter().take_while(quiet).count() * 32;
    let rest = &bytes[whole..];
    whole + rest.iter().position(|&byte| byte >= 0xcc).unwrap_or(rest.len())
}

/// Whether normalisation never joins `c` to what comes before it, nor changes it.
fn boundary(c: char) -> bool {
    match PLAIN.get(c as usize >> 6) {
        Some(plain) => plain >> (c as usize & 63) & 1 == 1,
        None => is_boundary(c),
    }
}

/// One bit for each character of the first plane: see [`boundary`].
static PLAIN: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let bit = |code| core::primitive::char::from_u32(code).is_some_and(is_boundary);
    let word = |word: u32| (0..64).fold(0, |bits, n| bits | u64::from(bit(word * 64 + n)) << n);
    (0..1024).map(word).collect()
});

fn is_boundary(c: char) -> bool {
    char::canonical_combining_class(c) == 0 && is_nfc_quick(std::iter::once(c)) == IsNormalized::Yes
}
