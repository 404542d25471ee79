//! How well the ASCII part of a text reads in each language: there all encodings agree.

use std::sync::LazyLock;

use crate::model::{MODEL, Symbol, UNIT};
use crate::pairs::Pair;

/// Letters without their case, and classes of other characters.
const FOLDED: usize = 32;

/// What every pair of ASCII costs in every language.
struct Table {
    /// Each byte's place among the [`FOLDED`].
    folded: [u8; 128],
    /// Each byte's kind, and what it costs within its class, which is the same in all languages;
    /// nothing for letters.
    common: [Symbol; 128],
    /// One row a pair, one cost a language.
    rows: Vec<Vec<f32>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic();
    let of = |byte: usize| MODEL.symbol(&MODEL.languages[0], char::from(byte as u8));
    let folded = std::array::from_fn(|byte| match (byte as u8).to_ascii_lowercase() {
        letter @ b'a'..=b'z' => letter - b'a',
        _ => 26 + of(byte).symbol.min(5),
    });
    let common = std::array::from_fn(|byte| {
        let symbol = of(byte);
        let member = if is_letter(byte as u8) { 0 } else { symbol.member };
        Symbol { member, ..symbol }
    });
    let mut rows = vec![vec![0.0; MODEL.languages.len()]; FOLDED * FOLDED];
    for (at, language) in MODEL.languages.iter().enumerate() {
        let symbols: [Symbol; 128] =
            std::array::from_fn(|byte| MODEL.symbol(language, char::from(byte as u8)));
        for (a, first) in symbols.iter().enumerate() {
            for (b, second) in symbols.iter().enumerate() {
                let pair = usize::from(first.symbol) * language.size + usize::from(second.symbol);
                let member = if is_letter(b as u8) { second.member } else { 0 };
                rows[usize::from(folded[a]) * FOLDED + usize::from(folded[b])][at] =
                    f32::from(language.table[pair]) + f32::from(member);
            }
        }
    }
    Table { folded, common, rows }
});

/// Bits that each language needs for `pairs`, which are of ASCII.
pub(crate) fn bits(pairs: &[Pair]) -> Vec<f32> {
    let Table { folded, common, rows } = &*TABLE;
    let mut sums = vec![0.0; MODEL.languages.len()];
    let mut shared = 0.0;
    for pair in pairs {
        let [a, b] = [pair.a, pair.b].map(|byte| usize::from(byte & 0x7f));
        let count = f32::from(pair.count);
        let row = &rows[usize::from(folded[a]) * FOLDED + usize::from(folded[b])];
        for (sum, cost) in sums.iter_mut().zip(row) {
            *sum += count * cost;
        }
        let kinds = MODEL.kinds(common[a], common[b]);
        shared += count * (f32::from(common[b].member) + f32::from(kinds));
    }
    sums.into_iter().map(|sum| (sum + shared) / UNIT).collect()
}
