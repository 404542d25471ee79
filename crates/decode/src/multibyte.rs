//! How well East Asian encodings explain a sample.

use encoding_rs as web;

use crate::codec::Codec;
use crate::model::{MODEL, UNIT};

/// Bytes that show whether an encoding fits at all.
const PROBE: usize = 200;
/// Bytes beyond ASCII that show how well it reads; the rest is taken to be like them.
const READ: usize = 2400;
/// Bits that these encodings are behind: text in them has many characters beyond ASCII.
const RARE: f32 = 15.0;

/// The multi-byte encodings, and the languages that they write.
pub(crate) fn candidates() -> [(Codec, &'static [&'static str]); 7] {
    [
        (Codec::Web(web::GB18030), &["zh", "zh-hant"]),
        (Codec::Web(web::BIG5), &["zh-hant"]),
        (Codec::Web(web::SHIFT_JIS), &["ja"]),
        (Codec::Web(web::EUC_JP), &["ja"]),
        (Codec::Web(web::EUC_KR), &["ko"]),
        (Codec::Johab, &["ko"]),
        (Codec::EucTw, &["zh-hant"]),
    ]
}

/// Bits that an encoding needs for the characters beyond ASCII; `None` when it does not fit.
pub(crate) fn bits(sample: &[u8], codec: Codec, languages: &[&str]) -> Option<f32> {
    // Most of them fail within a few characters.
    let first = sample.iter().position(|byte| !byte.is_ascii())?;
    let mut text = String::new();
    let probe = &sample[first..sample.len().min(first + PROBE)];
    if codec.stream().feed(probe, false, &mut text) > 2 + probe.len() / 20 {
        return None;
    }
    text.clear();
    let highs = |bytes: &[u8]| bytes.iter().filter(|byte| !byte.is_ascii()).count() as f32;
    let mut left = READ;
    let end = sample.iter().position(|byte| {
        left -= usize::from(!byte.is_ascii());
        left == 0
    });
    let read = &sample[first..end.map_or(sample.len(), |end| end + 1)];
    let scale = highs(sample) / highs(read);
    let sample = read;
    let malformed = codec.stream().feed(sample, false, &mut text);
    let high = text.chars().filter(|c| !c.is_ascii()).count();
    if malformed > 1 + high / 20 {
        return None;
    }
    let models = MODEL.ideographic.iter().filter(|model| languages.contains(&model.code));
    models
        .map(|model| {
            let mut units = 0.0;
            let mut before = ' ';
            let mut run = 0;
            for c in text.chars() {
                if !c.is_ascii() {
                    units += model.cost(c);
                    run += 1;
                } else {
                    // A character on its own among ASCII is rare in these languages.
                    units += UNIT * if run == 1 { 6.0 } else { 0.0 };
                    run = 0;
                }
                if c.is_ascii() != before.is_ascii() {
                    let inside = c.is_ascii_alphabetic() || before.is_ascii_alphabetic();
                    units += UNIT * if inside { 9.0 } else { 5.0 };
                }
                before = c;
            }
            RARE + scale * units / UNIT
        })
        .reduce(f32::min)
}
