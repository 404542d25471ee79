//! Recognising the encodings of Unicode by their form.

use crate::bytes::count;
use crate::codec::Codec;
use crate::model::{MODEL, UNIT};

/// How well a sample fits UTF-8.
pub(crate) struct Utf8 {
    ascii: bool,
    /// Well-formed sequences of two and more bytes.
    sequences: usize,
    /// Malformed sequences, a clipped one at the very end aside.
    errors: usize,
}

impl Utf8 {
    /// Counts the sequences of a sample.
    pub(crate) fn count(sample: &[u8]) -> Self {
        let starts = |bytes: &[u8]| count(bytes, |byte| byte >= 0xc0);
        let mut utf8 = Self { ascii: sample.is_ascii(), sequences: 0, errors: 0 };
        let mut rest = sample;
        while let Err(error) = simdutf8::compat::from_utf8(rest) {
            let end = error.valid_up_to();
            utf8.sequences += starts(&rest[..end]);
            let Some(len) = error.error_len() else { return utf8 };
            utf8.errors += 1;
            if utf8.errors > 32 && !utf8.likely() {
                return utf8;
            }
            rest = &rest[end + len..];
        }
        utf8.sequences += starts(rest);
        utf8
    }

    /// Whether there is nothing but ASCII.
    pub(crate) fn ascii(&self) -> bool {
        self.ascii
    }

    /// Whether it is UTF-8 without a flaw.
    pub(crate) fn valid(&self) -> bool {
        self.errors == 0 && (self.ascii || self.sequences > 0)
    }

    /// Whether it is UTF-8, if need be with a few damaged places: other encodings hardly ever form
    /// a sequence by chance, and never many.
    pub(crate) fn likely(&self) -> bool {
        self.sequences > 0 && self.sequences >= 2 * self.errors
    }
}

/// Bytes that UTF-16 is judged by.
const WIDE: usize = 2 * 1024;
/// Bits a character that text in UTF-16 needs at most, where zero bytes speak for it and where not.
const WIDE_BITS: [f32; 2] = [12.0, 11.0];

/// UTF-16 or UTF-32 without a byte order mark.
pub(crate) fn wide(sample: &[u8]) -> Option<Codec> {
    let head = &sample[..sample.len().min(WIDE)];
    let has_zeros = head.contains(&0);
    // Chinese and Japanese have characters with such a byte (`上`), but few.
    if !has_zeros && count(head, |byte| b" \n".contains(&byte)) * 20 > head.len() {
        return None;
    }
    let sample = &head[..head.len() / 4 * 4];
    let zeros: [usize; 4] = std::array::from_fn(|lane| {
        sample.iter().skip(lane).step_by(4).filter(|&&byte| byte == 0).count()
    });
    let units = sample.len() / 4;
    if units == 0 {
        return None;
    }
    let most = |lane: usize| zeros[lane] * 10 >= units * 9;
    for (big, fits) in [(true, most(0) && most(1)), (false, most(2) && most(3))] {
        let codec = Codec::Utf32 { big };
        if fits {
            let (text, malformed) = codec.decode(sample);
            return (malformed * 50 <= units && bits(&text) < WIDE_BITS[0] + 2.0).then_some(codec);
        }
    }
    let sample = &head[..head.len() / 2 * 2];
    let [little, big] = [encoding_rs::UTF_16LE, encoding_rs::UTF_16BE].map(|encoding| {
        let text = Codec::Web(encoding).decode(sample).0;
        let count = |such: fn(&char) -> bool| text.chars().filter(such).count();
        // Zero bytes come from blanks, digits and Latin letters, or from ideographs (`一`).
        let plain = count(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='~')) * 100 > sample.len() / 2;
        let fits = !has_zeros || plain || count(|&c| c >= '\u{2e80}') * 4 > sample.len();
        let bits = if fits { bits(&text) } else { f32::INFINITY };
        (bits, WIDE_BITS[usize::from(!plain)], Codec::Web(encoding))
    });
    let (best, other) = if little.0 < big.0 { (little, big) } else { (big, little) };
    (best.0 < best.1 && best.0 + 1.0 < other.0).then_some(best.2)
}

/// Bits a character of `text` needs: what the ideographic languages say, or how often characters
/// of its 128-character block occur in the text itself.
pub(crate) fn bits(text: &str) -> f32 {
    let mut blocks = [0u32; 512];
    let mut total = 0u32;
    for c in text.chars() {
        blocks[(u32::from(c) as usize >> 7).min(511)] += 1;
        total += 1;
    }
    let local = blocks.map(|n| if n > 0 { 6.0 - (n as f32 / total as f32).log2() } else { 0.0 });
    let units: f32 = text
        .chars()
        .map(|c| {
            let odd = matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
                | '\u{e000}'..='\u{f8ff}' | '\u{fffd}' | '\u{ffff}');
            let local = if odd { 30.0 } else { local[(u32::from(c) as usize >> 7).min(511)] };
            let seen = MODEL.ideographic.iter().map(|model| model.cost(c) / UNIT);
            if c < '\u{2e80}' { local } else { seen.fold(f32::INFINITY, f32::min) }
        })
        .sum();
    units / total.max(1) as f32
}
