//! Recognising seven-bit encodings by their escape sequences.

use memchr::memmem;

use crate::codec::Codec;

/// The seven-bit encoding, other than ASCII, that an ASCII sample is in.
pub(crate) fn seven_bit(sample: &[u8]) -> Option<Codec> {
    let has = |needle: &[u8]| memmem::find(sample, needle).is_some();
    let codec = if has(b"\x1b$)C") {
        Codec::Iso2022Kr
    } else if has(b"\x1b$@") || has(b"\x1b$B") || has(b"\x1b(J") || has(b"\x1b(I") {
        Codec::Web(encoding_rs::ISO_2022_JP)
    } else if has(b"~{") && has(b"~}") {
        Codec::Hz
    } else if memchr::memchr(b'+', sample).is_some() {
        return utf7(sample).then_some(Codec::Utf7);
    } else {
        return None;
    };
    // A clipped end is no flaw.
    let mut text = String::new();
    let malformed = codec.stream().feed(sample, false, &mut text);
    let meant = text.chars().filter(|c| !c.is_ascii() && *c != '\u{fffd}').count();
    (meant > 10 * malformed).then_some(codec)
}

/// Whether each run after a `+` is well-formed base64 of characters that UTF-7 must write so.
fn utf7(sample: &[u8]) -> bool {
    let mut runs = 0;
    for at in memchr::memchr_iter(b'+', sample) {
        let run = &sample[at + 1..];
        if run.starts_with(b"-") {
            continue;
        }
        let digits = run
            .iter()
            .position(|byte| !byte.is_ascii_alphanumeric() && !b"+/".contains(byte))
            .unwrap_or(run.len());
        if digits == run.len() && runs > 0 {
            break;
        }
        let (text, malformed) = Codec::Utf7.decode(&sample[at..at + 1 + digits]);
        // Letters that follow each other are of one block, or of two that lie far from noise.
        let odd = text.chars().any(|c| c.is_ascii_alphanumeric() || c.is_control());
        let blocks = text.chars().map(|c| u32::from(c) >> 9);
        let wild = text.chars().count() > 1
            && blocks.clone().zip(blocks.skip(1)).filter(|(a, b)| a.abs_diff(*b) > 40).count() * 2
                > text.chars().count();
        if malformed > 0 || odd || wild || text.is_empty() {
            return false;
        }
        runs += 1;
    }
    runs > 1
}
