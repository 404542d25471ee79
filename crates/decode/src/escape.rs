//! Recognising seven-bit encodings by their escape sequences.

use memchr::memmem;

use crate::codec::Codec;
use crate::{unicode, utf7};

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

/// Whether each run after a `+` is well-formed base64, and what they say together reads like text.
fn utf7(sample: &[u8]) -> bool {
    let mut said = String::new();
    let mut at = 0;
    let mut marked = true;
    while let Some(plus) = memchr::memchr(b'+', &sample[at..]) {
        let run = &sample[at + plus..];
        let digits = run[1..].iter().take_while(|&&byte| utf7::digit(byte).is_some()).count();
        let end = run.get(1 + digits);
        at += plus + 1 + digits;
        if digits == 0 && end == Some(&b'-') {
            continue;
        }
        if end.is_none() && !said.is_empty() {
            break;
        }
        let (text, malformed) = Codec::Utf7.decode(&run[..1 + digits]);
        if malformed > 0 || text.chars().any(|c| c.is_ascii_alphanumeric() || c.is_control()) {
            return false;
        }
        marked &= end == Some(&b'-');
        said.push_str(&text);
    }
    // Two or three digits make a character by chance: then it must be a common one, and a very
    // common one where the run is not closed.
    let common = |c: char| c < '\u{2200}' && (c.is_alphabetic() || c > '\u{2000}');
    let usual = |c: char| matches!(c, 'À'..='ÿ' | '\u{2010}'..='\u{2026}');
    match said.chars().count() {
        0 => false,
        1 | 2 => said.chars().all(|c| if marked { common(c) } else { usual(c) }),
        _ => unicode::bits(&said) < 11.0,
    }
}
