//! The single-byte encodings, and how each language sees their bytes.

use std::sync::LazyLock;

use encoding_rs as web;

use crate::codec::Codec;
use crate::model::{Language, MODEL, Symbol, UNIT};
use crate::pages::{PAGES, Page};
use crate::pairs::Pair;

/// A single-byte encoding.
pub(crate) struct Single {
    pub(crate) codec: Codec,
    /// Bits that it is behind before the bytes are seen.
    pub(crate) rare: f32,
}

/// The bytes of an encoding as a language sees them.
pub(crate) struct View {
    /// The encoding's place in the family.
    pub(crate) single: usize,
    /// The language's place in the model.
    pub(crate) language: usize,
    /// Bits that the two are behind for not belonging together.
    pub(crate) foreign: f32,
    /// In a box, so that a sweep over all views stays within few cache lines.
    symbols: Box<[Symbol; 256]>,
}

/// Encodings that share a set of basic characters, with every language that they can write.
pub(crate) struct Family {
    pub(crate) singles: Vec<Single>,
    pub(crate) views: Vec<View>,
    /// What each byte costs on its own in every view, one row a byte: so that all views are judged
    /// in one sweep.
    costs: Vec<Vec<f32>>,
    /// A fingerprint of what each byte means in every encoding, one row a byte.
    marks: Vec<Vec<u64>>,
    /// The encodings, the rarest last.
    order: Vec<usize>,
}

/// Bits that a language which ASCII can write is behind in an encoding made for others.
const FOREIGN: f32 = 6.0;

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

/// Encodings that agree with ASCII.
pub(crate) static ASCII_BASED: LazyLock<Family> = LazyLock::new(|| {
    let webs = WEB.iter().map(|&(encoding, rare)| {
        let points = std::array::from_fn(|byte| {
            let byte = [byte as u8];
            let (text, _) = encoding.decode_without_bom_handling(&byte);
            text.chars().next().unwrap_or('\u{fffd}')
        });
        (Codec::Web(encoding), rare, points)
    });
    Family::new(webs.chain(pages(true)))
});

/// The pages of IBM's mainframes.
pub(crate) static EBCDIC: LazyLock<Family> = LazyLock::new(|| Family::new(pages(false)));

fn pages(ascii: bool) -> impl Iterator<Item = (Codec, f32, [char; 256])> {
    // IBM864 writes Arabic in presentation forms, and a percent sign that is not ASCII's.
    let pages = PAGES.iter().filter(move |page| page.ascii == ascii && page.name != "IBM864");
    pages.map(|page| (Codec::Page(page), rarity(page), page.points))
}

fn rarity(page: &Page) -> f32 {
    match page.name {
        "IBM850" => 5.0,
        "IBM437" | "IBM852" => 6.0,
        "IBM037" | "IBM500" => 1.0,
        "hp-roman8" | "IBM273" | "IBM1026" | "IBM01140" | "IBM856" => 16.0,
        "IBM00858" => 6.5,
        _ => 8.0,
    }
}

/// The languages that an encoding was made for, where nobody else used it.
fn national(codec: Codec) -> Option<&'static [&'static str]> {
    match codec.name() {
        "KOI8-T" => Some(&["tg"]),
        "KZ-1048" | "PTCP154" => Some(&["kk", "mn"]),
        "IBM1125" | "KOI8-U" => Some(&["uk", "be", "ru"]),
        _ => None,
    }
}

impl Family {
    fn new(encodings: impl Iterator<Item = (Codec, f32, [char; 256])>) -> Self {
        let (mut singles, mut views, mut points) = (Vec::new(), Vec::new(), Vec::new());
        for (codec, rare, chars) in encodings {
            let national = national(codec);
            for (language, model) in MODEL.languages.iter().enumerate() {
                if model.is_written_in(&chars) && national.is_none_or(|of| of.contains(&model.code))
                {
                    let symbols = Box::new(chars.map(|c| MODEL.symbol(model, c)));
                    // English borrows letters from its neighbours: `naïve`, `jalapeño`.
                    let far = !model.has_letters() && !"éïñ".chars().all(|c| chars.contains(&c));
                    let foreign = if far { FOREIGN } else { 0.0 };
                    views.push(View { single: singles.len(), language, foreign, symbols });
                }
            }
            singles.push(Single { codec, rare });
            points.push(chars);
        }
        let costs = |byte| views.iter().map(|view: &View| view.cost(byte)).collect();
        // The finaliser of splitmix64: sums of what it gives collide by chance only.
        let mark = |byte: usize| {
            points.iter().map(move |chars| mix((byte as u64) << 32 | chars[byte] as u64)).collect()
        };
        let mut order: Vec<usize> = (0..singles.len()).collect();
        order.sort_by(|&a, &b| singles[a].rare.total_cmp(&singles[b].rare));
        Self {
            order,
            costs: (0..=255).map(costs).collect(),
            marks: (0..256).map(mark).collect(),
            singles,
            views,
        }
    }

    /// Bits that each view needs for `bytes`, each on its own.
    pub(crate) fn bits(&self, bytes: &[(u8, f32)]) -> Vec<f32> {
        let mut sums = vec![0.0; self.views.len()];
        for &(byte, count) in bytes {
            for (sum, cost) in sums.iter_mut().zip(&self.costs[usize::from(byte)]) {
                *sum += count * cost;
            }
        }
        sums
    }

    /// Which encodings are to be looked at: of those that make the same characters of `bytes`, the
    /// declared one or the least rare.
    pub(crate) fn distinct(&self, bytes: &[(u8, f32)], declared: Option<Codec>) -> Vec<bool> {
        let mut sums = vec![0u64; self.singles.len()];
        for &(byte, _) in bytes {
            for (sum, mark) in sums.iter_mut().zip(&self.marks[usize::from(byte)]) {
                *sum = sum.wrapping_add(*mark);
            }
        }
        let first = self.singles.iter().position(|single| Some(single.codec) == declared);
        let mut kept = vec![false; sums.len()];
        let mut seen = Vec::with_capacity(sums.len());
        for at in first.into_iter().chain(self.order.iter().copied()) {
            if !seen.contains(&sums[at]) {
                seen.push(sums[at]);
                kept[at] = true;
            }
        }
        kept
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

impl View {
    /// Bits of a byte on its own.
    fn cost(&self, byte: u8) -> f32 {
        let Symbol { symbol, member, .. } = self.symbols[usize::from(byte)];
        let own = MODEL.languages[self.language].single[usize::from(symbol)];
        f32::from(u16::from(own) + u16::from(member)) / UNIT
    }

    /// Bits that it needs for `pairs`.
    pub(crate) fn bits(&self, pairs: &[Pair]) -> f32 {
        let model = &*MODEL;
        let Language { size, table, .. } = model.languages[self.language];
        let units = pairs.iter().map(|pair| {
            let [before, now] = [pair.a, pair.b].map(|byte| self.symbols[usize::from(byte)]);
            let cost = table[usize::from(before.symbol) * size + usize::from(now.symbol)];
            let kinds = model.kinds(before, now);
            u32::from(pair.count) * (u32::from(cost) + u32::from(now.member) + u32::from(kinds))
        });
        units.sum::<u32>() as f32 / UNIT
    }
}
