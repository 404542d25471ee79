//! Telling encodings by how well what they make of the bytes reads in some language.
//!
//! Each candidate is a model of the bytes: an encoding and a language give every character a
//! probability, so the bits that they need for the same bytes can be compared (minimum description
//! length). Only pairs with a byte beyond ASCII tell encodings apart; pairs within ASCII tell the
//! language, and count no more than those do.

use crate::ascii;
use crate::codec::Codec;
use crate::model::MODEL;
use crate::multibyte::{self, Excerpt};
use crate::pairs::Pairs;
use crate::single::{ASCII_BASED, EBCDIC, Family, View};

/// Bits in favour of a declared encoding.
const DECLARED: f32 = 20.0;
/// Bits in favour of a language of the page's country.
const COUNTRY: f32 = 5.0;
/// Bits that a language is behind at most for what is ASCII: markup, addresses and quotations are
/// often English.
const MARKUP: f32 = 20.0;
/// How far bits are trusted: neighbouring pairs are not independent, as the sum supposes.
const TRUST: f32 = 0.3;
/// Encodings, each with a language, that are left after a look at single bytes, and after a look at
/// the commonest pairs.
const SHORTLIST: [usize; 2] = [40, 10];
/// Bits a pair below which a single-byte encoding reads so well that no other kind is tried.
const READS_WELL: f32 = 8.0;
/// How many times the best one's bits a candidate may need for single bytes.
const FAR: f32 = 1.5;
/// Bits behind the best from which on a candidate cannot matter.
const HOPELESS: f32 = 120.0;
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
    let pairs = Pairs::count(sample, ebcdic);
    if pairs.highs == 0.0 {
        return None;
    }
    let low = Low::new(&pairs, favour);
    let mut candidates = singles(&pairs, &low, favour, ebcdic);
    if !ebcdic {
        multibytes(&sample[..pairs.end], &pairs, &low, favour, &mut candidates);
    }
    candidates.sort_by(|a, b| a.0.total_cmp(&b.0));
    let &(least, codec) = candidates.first()?;
    if ebcdic && least > EBCDIC_BITS * pairs.highs {
        return None;
    }
    // The best language speaks for an encoding.
    let (mut all, mut seen) = (0.0, Vec::new());
    for &(bits, codec) in &candidates {
        if !seen.contains(&codec) {
            seen.push(codec);
            all += ((least - bits) * TRUST).exp2();
        }
    }
    Some(Guess { codec, confidence: 1.0 / all, bits: least / pairs.highs })
}

/// Bits of each language for what is ASCII, where all encodings agree.
struct Low {
    bits: Vec<f32>,
    least: f32,
}

impl Low {
    fn new(pairs: &Pairs, favour: &Favour) -> Self {
        let mut bits = ascii::bits(&pairs.low);
        for (bits, language) in bits.iter_mut().zip(&MODEL.languages) {
            let local = favour.languages.contains(&language.code);
            *bits = *bits * pairs.low_weight - if local { COUNTRY } else { 0.0 };
        }
        let least = least(&bits, |&bits| bits);
        Self { bits, least }
    }

    /// What counts of a language's bits.
    fn of(&self, view: &View) -> f32 {
        self.bits[view.language].min(self.least + MARKUP)
    }

    /// The rest of them.
    fn beyond(&self, view: &View) -> f32 {
        self.bits[view.language] - self.of(view)
    }
}

/// The best single-byte encodings, each with the bits that it needs in a language.
fn singles(pairs: &Pairs, low: &Low, favour: &Favour, ebcdic: bool) -> Vec<(f32, Codec)> {
    let family: &'static Family = if ebcdic { &EBCDIC } else { &ASCII_BASED };
    let bytes = pairs.bytes(ebcdic);
    let behind: Vec<f32> = (family.singles.iter().zip(family.distinct(&bytes, favour.codec)))
        .map(|(single, kept)| match kept {
            false => f32::INFINITY,
            // How rare it is no longer matters.
            true if favour.codec == Some(single.codec) => -DECLARED,
            true => single.rare,
        })
        .collect();
    let known =
        |view: &View| behind[view.single] + view.foreign + if ebcdic { 0.0 } else { low.of(view) };
    let mut views: Vec<Candidate> = (family.bits(&bytes).into_iter().zip(&family.views))
        .map(|(bits, view)| (bits, known(view), view))
        .map(|(bits, known, view)| Candidate { bits: bits + known, known, view })
        .collect();
    let limit = least(&views, |it| it.bits) * FAR + HOPELESS;
    views.retain(|it| it.bits <= limit);
    first(&mut views, SHORTLIST[0], |it| it.bits);
    // Bytes on their own do not tell a word in two scripts: the language has a say.
    let rest = views.len().min(SHORTLIST[0]);
    first(&mut views[rest..], SHORTLIST[1], |it| it.bits + low.beyond(it.view));
    views.truncate(SHORTLIST[0] + SHORTLIST[1]);
    let (commonest, others) = pairs.high();
    for it in &mut views {
        it.bits = it.known + pairs.scale * it.view.bits(commonest);
    }
    first(&mut views, SHORTLIST[1], |it| it.bits);
    views.truncate(SHORTLIST[1]);
    let bits = |it: &Candidate| it.bits + pairs.scale * it.view.bits(others);
    views.iter().map(|it| (bits(it), family.singles[it.view.single].codec)).collect()
}

/// Adds the East Asian encodings, unless the bytes read well without and none is declared.
fn multibytes(
    sample: &[u8],
    pairs: &Pairs,
    low: &Low,
    favour: &Favour,
    candidates: &mut Vec<(f32, Codec)>,
) {
    let mut best = least(candidates, |&(bits, _)| bits);
    let mut multibyte = multibyte::candidates();
    let is_declared = |codec| favour.codec == Some(codec);
    multibyte.sort_by_key(|&(codec, _)| !is_declared(codec));
    let reads_well = best - low.least < READS_WELL * pairs.highs && pairs.highs > 8.0;
    if reads_well && !is_declared(multibyte[0].0) {
        return;
    }
    let excerpt = Excerpt::of(sample);
    for (codec, languages) in multibyte {
        let (known, most) = match is_declared(codec) {
            true => (low.least - DECLARED, f32::INFINITY),
            false => (low.least, best + HOPELESS - low.least),
        };
        if let Some(bits) = excerpt.bits(codec, languages, most) {
            best = best.min(known + bits);
            candidates.push((known + bits, codec));
        }
    }
}

/// A single-byte encoding with a language.
struct Candidate {
    /// Bits that it needs, as far as it has been looked at.
    bits: f32,
    /// Those of them that the bytes beyond ASCII have no part in.
    known: f32,
    view: &'static View,
}

fn least<T>(all: &[T], bits: impl Fn(&T) -> f32) -> f32 {
    all.iter().map(bits).fold(f32::INFINITY, f32::min)
}

/// Brings the `left` best ones to the beginning.
fn first(views: &mut [Candidate], left: usize, bits: impl Fn(&Candidate) -> f32) {
    if views.len() > left {
        views.select_nth_unstable_by(left, |a, b| bits(a).total_cmp(&bits(b)));
    }
}

/// Whether the bytes may be EBCDIC, whose blank is 0x40.
pub(crate) fn maybe_ebcdic(sample: &[u8]) -> bool {
    let blanks = |blank| memchr::memchr_iter(blank, sample).count();
    let of_ebcdic = blanks(0x40);
    of_ebcdic * 20 > sample.len() && of_ebcdic > 4 * blanks(b' ')
}
