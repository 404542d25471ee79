//! How well East Asian encodings explain a sample.

use encoding_rs as web;

use crate::bytes::count;
use crate::codec::Codec;
use crate::model::{Ideographic, MODEL, UNIT};

/// Places of a long sample that are read.
const PLACES: usize = 6;
/// Bytes beyond ASCII that are read at each of them.
const READ: usize = 200;
/// How far an encoding may be behind in what was read so far: the rest may be otherwise.
const SLACK: f32 = 1.3;
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

/// The parts of a sample that these encodings are judged by.
pub(crate) struct Excerpt<'a> {
    pieces: Vec<&'a [u8]>,
    /// How much of the sample they stand for.
    scale: f32,
}

fn highs(bytes: &[u8]) -> usize {
    count(bytes, |byte| !byte.is_ascii())
}

impl<'a> Excerpt<'a> {
    /// An excerpt of `sample`.
    pub(crate) fn of(sample: &'a [u8]) -> Self {
        let mut pieces = Vec::new();
        let part = (sample.len() / PLACES).max(4 * READ);
        for (n, mut rest) in sample.chunks(part).enumerate() {
            if n > 0 {
                // No character of more than one byte ends in one of these.
                let Some(end) = rest.iter().position(|&byte| byte < b'0') else { continue };
                rest = &rest[end..];
            }
            let Some(first) = rest.iter().position(|byte| !byte.is_ascii()) else { continue };
            let mut left = READ;
            let last = rest[first..].iter().position(|byte| {
                left -= usize::from(!byte.is_ascii());
                left == 0
            });
            // With the character before, since a word that begins in ASCII is rare.
            pieces.push(
                &rest[first.saturating_sub(1)..last.map_or(rest.len(), |last| first + last + 1)],
            );
        }
        let read: usize = pieces.iter().map(|piece| highs(piece)).sum();
        Self { pieces, scale: highs(sample) as f32 / read.max(1) as f32 }
    }

    /// Bits that an encoding needs for the characters beyond ASCII; `None` when it does not fit, or
    /// would need more than `most`.
    pub(crate) fn bits(&self, codec: Codec, languages: &[&str], most: f32) -> Option<f32> {
        let models = MODEL.ideographic.iter().filter(|model| languages.contains(&model.code));
        let mut readers: Vec<Reader> = models.map(Reader::new).collect();
        let mut text = String::new();
        let (mut malformed, mut high, mut least) = (0, 0, 0.0);
        for (n, piece) in self.pieces.iter().enumerate() {
            text.clear();
            malformed += codec.stream().feed(piece, false, &mut text);
            high += text.chars().filter(|c| !c.is_ascii()).count();
            let needs = readers.iter_mut().map(|reader| {
                text.chars().chain([' ']).for_each(|c| reader.read(c));
                RARE + self.scale * reader.units / UNIT
            });
            least = needs.fold(f32::INFINITY, f32::min);
            let share = (n + 1) as f32 / self.pieces.len() as f32;
            if malformed > 1 + high / 20 || least > most * (share * SLACK).min(1.0) {
                return None;
            }
        }
        // A clipped character says nothing.
        (high > 0).then_some(least)
    }
}

/// Adds up what a text costs in a language.
struct Reader {
    model: &'static Ideographic,
    units: f32,
    before: char,
    /// Characters beyond ASCII since the last one within.
    run: u32,
}

impl Reader {
    fn new(model: &'static Ideographic) -> Self {
        Self { model, units: 0.0, before: ' ', run: 0 }
    }

    fn read(&mut self, c: char) {
        if !c.is_ascii() {
            self.units += self.model.cost(c);
            self.run += 1;
        } else {
            // A character on its own among ASCII is rare in these languages.
            self.units += if self.run == 1 { 12.0 * UNIT } else { 0.0 };
            self.run = 0;
        }
        if c.is_ascii() != self.before.is_ascii() {
            let inside = c.is_ascii_alphabetic() || self.before.is_ascii_alphabetic();
            self.units += UNIT * if inside { 9.0 } else { 5.0 };
        }
        self.before = c;
    }
}
