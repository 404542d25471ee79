//! Telling encodings by how well what they make of the bytes reads in some language.
//!
//! Each candidate is a model of the bytes: an encoding and a language give every character a
//! probability, so the bits that they need for the same bytes can be compared (minimum description
//! length). Only pairs with a byte beyond ASCII tell encodings apart; pairs within ASCII tell the
//! language, and count no more than those do.

use std::sync::LazyLock;

use encoding_rs as web;

use crate::codec::Codec;
use crate::model::{Language, MODEL, Symbol, UNIT};
use crate::pages::{PAGES, Page};

/// Pairs with a byte beyond ASCII after which the rest of a sample is left out.
const ENOUGH: usize = 3000;
/// How many pairs within ASCII count at most, for each pair beyond it.
const LOW: f32 = 0.3;
/// Bits in favour of a declared encoding.
const DECLARED: f32 = 60.0;
/// Bits in favour of a language of the page's country.
const COUNTRY: f32 = 5.0;
/// How far bits are trusted: neighbouring pairs are not independent, as the sum supposes.
const TRUST: f32 = 0.3;
/// Letters beyond ASCII that an encoding must have to be tried with a language.
const COVERAGE: f32 = 0.5;

/// Bits a byte above which EBCDIC is no explanation.
const EBCDIC_BITS: f32 = 7.0;

/// An encoding that explains the bytes best.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guess {
    pub(crate) codec: Codec,
    /// Probability that its text is the right one.
    pub(crate) confidence: f32,
    /// Bits that it needs for a pair of bytes that tells encodings apart.
    pub(crate) bits: f32,
}

/// What is known before the bytes are seen.
pub(crate) struct Favour<'a> {
    /// A declared encoding.
    pub(crate) codec: Option<Codec>,
    /// Languages of the page's country.
    pub(crate) languages: &'a [&'a str],
}

/// A single-byte encoding.
struct Single {
    codec: Codec,
    points: [char; 256],
    ebcdic: bool,
    /// Bits that it is behind before the bytes are seen.
    rare: f32,
    views: Vec<View>,
}

/// Its bytes as a language sees them.
struct View {
    language: &'static Language,
    symbols: [Symbol; 256],
}

/// WHATWG's single-byte encodings, and how rare they are, in bits.
static WEB: [(&web::Encoding, f32); 27] = [
    (web::WINDOWS_1252, 0.0),
    (web::WINDOWS_1251, 1.0),
    (web::WINDOWS_1250, 2.0),
    (web::WINDOWS_1253, 2.0),
    (web::WINDOWS_1254, 3.0),
    (web::WINDOWS_1255, 2.0),
    (web::WINDOWS_1256, 2.0),
    (web::WINDOWS_1257, 4.0),
    (web::WINDOWS_1258, 4.0),
    (web::WINDOWS_874, 2.0),
    (web::ISO_8859_2, 2.5),
    (web::ISO_8859_3, 6.0),
    (web::ISO_8859_4, 6.0),
    (web::ISO_8859_5, 5.0),
    (web::ISO_8859_6, 5.0),
    (web::ISO_8859_7, 3.0),
    (web::ISO_8859_8, 3.0),
    (web::ISO_8859_10, 7.0),
    (web::ISO_8859_13, 5.0),
    (web::ISO_8859_14, 5.0),
    (web::ISO_8859_15, 1.5),
    (web::ISO_8859_16, 6.0),
    (web::KOI8_R, 2.0),
    (web::KOI8_U, 3.0),
    (web::X_MAC_CYRILLIC, 6.0),
    (web::IBM866, 4.0),
    (web::MACINTOSH, 5.0),
];

static SINGLES: LazyLock<Vec<Single>> = LazyLock::new(|| {
    let mut singles: Vec<Single> = WEB
        .iter()
        .map(|&(encoding, rare)| {
            let points = std::array::from_fn(|byte| {
                let byte = [byte as u8];
                let (text, _) = encoding.decode_without_bom_handling(&byte);
                text.chars().next().unwrap_or('\u{fffd}')
            });
            Single::new(Codec::Web(encoding), points, false, rare)
        })
        .collect();
    // IBM864 writes Arabic in presentation forms, and a percent sign that is not ASCII's.
    let pages = PAGES.iter().filter(|page| page.name != "IBM864");
    singles.extend(
        pages.map(|page| Single::new(Codec::Page(page), page.points, !page.ascii, rarity(page))),
    );
    singles
});

fn rarity(page: &Page) -> f32 {
    match page.name {
        "IBM850" => 5.0,
        "IBM437" | "IBM852" => 6.0,
        "IBM037" | "IBM500" => 1.0,
        "hp-roman8" | "IBM273" | "IBM1026" | "IBM01140" | "IBM856" => 12.0,
        "IBM00858" => 6.5,
        _ => 8.0,
    }
}

/// The languages that an encoding was made for, where nobody else used it.
fn national(codec: Codec) -> Option<&'static [&'static str]> {
    match codec.name() {
        "KOI8-T" => Some(&["tg"]),
        "KZ-1048" => Some(&["kk"]),
        "PTCP154" => Some(&["kk", "mn"]),
        "IBM1125" | "KOI8-U" => Some(&["uk", "be", "ru"]),
        _ => None,
    }
}

impl Single {
    fn new(codec: Codec, points: [char; 256], ebcdic: bool, rare: f32) -> Self {
        let views = MODEL
            .languages
            .iter()
            .filter(|language| language.share_in(&points) >= COVERAGE)
            .filter(|language| national(codec).is_none_or(|of| of.contains(&language.code)))
            .map(|language| View { language, symbols: points.map(|c| MODEL.symbol(language, c)) })
            .collect();
        Self { codec, points, ebcdic, rare, views }
    }
}

/// Pairs of bytes and how often each occurs.
struct Pairs {
    /// Pairs with a byte beyond ASCII.
    high: Vec<(u8, u8, f32)>,
    /// Pairs within ASCII.
    low: Vec<(u8, u8, f32)>,
    /// Where the pairs that were counted end.
    end: usize,
}

impl Pairs {
    fn count(sample: &[u8], is_high: impl Fn(u8, u8) -> bool) -> Self {
        let (mut high, mut low) = (Vec::new(), Vec::new());
        let mut end = sample.len();
        let mut a = b' ';
        for (at, &b) in sample.iter().enumerate() {
            let a = std::mem::replace(&mut a, b);
            if is_high(a, b) {
                high.push(u16::from_be_bytes([a, b]));
                if high.len() == ENOUGH {
                    end = at + 1;
                    break;
                }
            } else if low.len() < ENOUGH {
                low.push(u16::from_be_bytes([a, b]));
            }
        }
        let weight = ((60.0 + LOW * high.len() as f32) / low.len().max(1) as f32).min(1.0);
        Self { high: tally(high, 1.0), low: tally(low, weight), end }
    }
}

fn tally(mut pairs: Vec<u16>, weight: f32) -> Vec<(u8, u8, f32)> {
    pairs.sort_unstable();
    pairs
        .chunk_by(|a, b| a == b)
        .map(|run| {
            let [a, b] = run[0].to_be_bytes();
            (a, b, run.len() as f32 * weight)
        })
        .collect()
}

/// Bits that `view` needs for `pairs`.
fn bits(view: &View, pairs: &[(u8, u8, f32)]) -> f32 {
    let Language { size, table, .. } = *view.language;
    let mut units = 0.0;
    for &(a, b, n) in pairs {
        let (before, now) = (view.symbols[usize::from(a)], view.symbols[usize::from(b)]);
        let pair = table[usize::from(before.symbol) * size + usize::from(now.symbol)];
        let case = MODEL.case[usize::from(before.case)][usize::from(now.case)];
        units += n * (f32::from(pair) + f32::from(now.member) + f32::from(case));
    }
    units / UNIT
}

/// The encoding that explains `sample` best.
pub(crate) fn guess(sample: &[u8], favour: &Favour) -> Option<Guess> {
    if maybe_ebcdic(sample)
        && let Some(guess) = best(sample, favour, true)
    {
        return Some(guess);
    }
    best(sample, favour, false)
}

fn best(sample: &[u8], favour: &Favour, ebcdic: bool) -> Option<Guess> {
    let pairs = Pairs::count(sample, |a, b| ebcdic || !a.is_ascii() || !b.is_ascii());
    if pairs.high.is_empty() {
        return None;
    }
    let mut candidates: Vec<(f32, Codec, Option<&Single>)> = Vec::new();
    for single in SINGLES.iter().filter(|single| single.ebcdic == ebcdic) {
        let best = single
            .views
            .iter()
            .map(|view| {
                let liked = favour.languages.contains(&view.language.code);
                bits(view, &pairs.high) + bits(view, &pairs.low) - if liked { COUNTRY } else { 0.0 }
            })
            .fold(f32::INFINITY, f32::min);
        candidates.push((best + single.rare, single.codec, Some(single)));
    }
    if !ebcdic {
        let low = SINGLES[0]
            .views
            .iter()
            .map(|view| bits(view, &pairs.low))
            .fold(f32::INFINITY, f32::min);
        for (codec, languages) in multibyte() {
            if let Some(bits) = multibyte_bits(&sample[..pairs.end], codec, languages) {
                candidates.push((bits + low + 15.0, codec, None));
            }
        }
    }
    for (bits, codec, _) in &mut candidates {
        if favour.codec == Some(*codec) {
            *bits -= DECLARED;
        }
    }
    candidates.sort_by(|a, b| a.0.total_cmp(&b.0));
    let &(least, codec, best) = candidates.first()?;
    if ebcdic && least > EBCDIC_BITS * pairs.end as f32 {
        return None;
    }
    // Encodings that make the same text of these bytes are one answer.
    let same = |other: Option<&Single>| match (best, other) {
        (Some(best), Some(other)) => pairs.high.iter().all(|&(a, b, _)| {
            let [a, b] = [a, b].map(usize::from);
            best.points[a] == other.points[a] && best.points[b] == other.points[b]
        }),
        _ => false,
    };
    let (mut right, mut all) = (0.0, 0.0);
    for &(bits, other, single) in &candidates {
        let p = ((least - bits) * TRUST).exp2();
        all += p;
        if other == codec || same(single) {
            right += p;
        }
    }
    let counted: f32 = pairs.high.iter().map(|pair| pair.2).sum();
    Some(Guess { codec, confidence: right / all, bits: least / counted })
}

/// Whether the bytes may be EBCDIC, whose blank is 0x40.
pub(crate) fn maybe_ebcdic(sample: &[u8]) -> bool {
    let blanks = |blank| memchr::memchr_iter(blank, sample).count();
    let of_ebcdic = blanks(0x40);
    of_ebcdic * 20 > sample.len() && of_ebcdic > 4 * blanks(b' ')
}

fn multibyte() -> [(Codec, &'static [&'static str]); 7] {
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

/// Bits that a multi-byte encoding needs for the characters beyond ASCII; `None` when it does not fit.
fn multibyte_bits(sample: &[u8], codec: Codec, languages: &[&str]) -> Option<f32> {
    let mut text = String::new();
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
            units / UNIT
        })
        .reduce(f32::min)
}
