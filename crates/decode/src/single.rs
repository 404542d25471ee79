//! The single-byte encodings, and how each language sees their bytes.

use std::sync::LazyLock;

use encoding_rs as web;

use crate::codec::Codec;
use crate::model::{Language, MODEL, Symbol, UNIT};
use crate::pages::{PAGES, Page};
use crate::pairs::Pair;

/// Share of a language's letters beyond ASCII that an encoding must have to be tried with it.
const COVERAGE: f32 = 0.5;

/// A single-byte encoding.
pub(crate) struct Single {
    pub(crate) codec: Codec,
    pub(crate) points: [char; 256],
    pub(crate) ebcdic: bool,
    /// Bits that it is behind before the bytes are seen.
    pub(crate) rare: f32,
    pub(crate) views: Vec<View>,
}

/// Its bytes as a language sees them.
pub(crate) struct View {
    /// The language's place in the model.
    pub(crate) language: usize,
    /// Cost of each byte on its own.
    single: [u16; 256],
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

pub(crate) static SINGLES: LazyLock<Vec<Single>> = LazyLock::new(|| {
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

/// ASCII as each language sees it.
pub(crate) static ASCII: LazyLock<Vec<View>> = LazyLock::new(|| {
    let points = std::array::from_fn(|byte| char::from(byte as u8));
    (0..MODEL.languages.len()).map(|language| View::new(language, &points)).collect()
});

impl Single {
    fn new(codec: Codec, points: [char; 256], ebcdic: bool, rare: f32) -> Self {
        let national = national(codec);
        let views = MODEL
            .languages
            .iter()
            .enumerate()
            .filter(|(_, language)| language.share_in(&points) >= COVERAGE)
            .filter(|(_, language)| national.is_none_or(|of| of.contains(&language.code)))
            .map(|(at, _)| View::new(at, &points))
            .collect();
        Self { codec, points, ebcdic, rare, views }
    }
}

/// What each byte costs on its own, in every view of every encoding, one row a byte: so that all
/// views are judged in one sweep.
pub(crate) static ROWS: LazyLock<Vec<Vec<f32>>> = LazyLock::new(|| {
    let views: Vec<&View> = SINGLES.iter().flat_map(|single| &single.views).collect();
    (0..256)
        .map(|byte| views.iter().map(|view| f32::from(view.single[byte]) / UNIT).collect())
        .collect()
});

impl View {
    fn new(language: usize, points: &[char; 256]) -> Self {
        let model = &MODEL.languages[language];
        let symbols = points.map(|c| MODEL.symbol(model, c));
        let single = symbols.map(|symbol| {
            u16::from(model.single[usize::from(symbol.symbol)]) + u16::from(symbol.member)
        });
        Self { language, single, symbols }
    }

    /// Bits that it needs for `pairs`.
    pub(crate) fn bits(&self, pairs: &[Pair]) -> f32 {
        let Language { size, table, .. } = MODEL.languages[self.language];
        let mut units = 0.0;
        for pair in pairs {
            let [before, now] = [pair.a, pair.b].map(|byte| self.symbols[usize::from(byte)]);
            let cost = table[usize::from(before.symbol) * size + usize::from(now.symbol)];
            let case = MODEL.case[usize::from(before.case)][usize::from(now.case)];
            let sum = u16::from(cost) + u16::from(now.member) + u16::from(case);
            units += pair.count * f32::from(sum);
        }
        units / UNIT
    }
}
