//! How well characters read, by the language model.

use crate::model::{Language, Look, MODEL, UNIT};

/// Bits that `chars` need in the language that suits them best.
pub(super) fn bits(chars: &[char]) -> f32 {
    let mut steps: Vec<Step> = Vec::with_capacity(chars.len());
    let mut last = ' ';
    let mut before = MODEL.look(last);
    let start = before;
    for &c in chars {
        let c = plain(c);
        let look = MODEL.look(c);
        // Greek letters are signs in words of other scripts (`IL2Rγ`).
        let kinds = match c {
            '\u{370}'..'\u{400}' => MODEL.cases(before.other, look.other),
            _ => MODEL.kinds(before.other, look.other),
        };
        steps.push(Step::new(last, c, kinds, look));
        (last, before) = (c, look);
    }
    let units = |language: &Language| {
        let mut before = start.by(language);
        let cost = |step: &Step| {
            let now = step.look.by(language);
            let at = usize::from(before.symbol) * language.size + usize::from(now.symbol);
            before = now;
            if step.fixed {
                return step.extra;
            }
            let odd = if now.member > 180 { step.odd } else { 0.0 };
            f32::from(language.table[at]) + f32::from(now.member) + step.extra + odd
        };
        steps.iter().map(cost).sum::<f32>()
    };
    MODEL.languages.iter().map(units).fold(f32::INFINITY, f32::min) / UNIT
}

/// A character after another one, before any language is known.
struct Step {
    look: Look,
    /// Whether `extra` is all that it costs.
    fixed: bool,
    /// Units that it costs in any language.
    extra: f32,
    /// Units more where no language has it.
    odd: f32,
}

impl Step {
    fn new(last: char, c: char, kinds: u8, look: Look) -> Self {
        let (fixed, bits) = match c {
            // Marks that languages write, and those that they do not.
            '\u{300}'..='\u{304}' | '\u{306}'..='\u{30c}' | '\u{31b}' | '\u{323}'..='\u{328}' => {
                (true, 10.0)
            }
            '\u{300}'..='\u{36f}' => (true, 24.0),
            '\u{fffd}' => (true, 14.0),
            // Signs come in runs: frames, formulas, emoji.
            _ if c > '\u{2000}' && u32::from(c) >> 8 == u32::from(last) >> 8 => (true, 6.0),
            _ if c > '\u{2e80}' && last.is_ascii_alphabetic() => (false, 8.0),
            _ if c > '\u{2600}' => (true, 18.0),
            _ => (false, f32::from(kinds) / UNIT),
        };
        let latin = matches!(c, '\u{80}'..'\u{250}') && c.is_alphabetic();
        Self { look, fixed, extra: bits * UNIT, odd: if latin { 12.0 * UNIT } else { 0.0 } }
    }
}

/// What stands for `c` in plain text: pages are full of typography that clean sentences lack.
fn plain(c: char) -> char {
    match c {
        '\u{a0}' => ' ',
        '‘' | '’' => '\'',
        '“' | '”' => '"',
        '–' | '—' => '-',
        '…' | '™' | '®' => '.',
        _ => c,
    }
}
