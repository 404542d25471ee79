//! Telling encodings by how well what they make of the bytes reads in some language.
//!
//! Each candidate is a model of the bytes: an encoding and a language give every character a
//! probability, so the bits that they need for the same bytes can be compared (minimum description
//! length). Only pairs with a byte beyond ASCII tell encodings apart; pairs within ASCII tell the
//! language, and count no more than those do.

use crate::codec::Codec;
use crate::model::MODEL;
use crate::multibyte;
use crate::pairs::Pairs;
use crate::single::{ASCII, ROWS, SINGLES, Single, View};

/// Bits in favour of a declared encoding.
const DECLARED: f32 = 60.0;
/// Bits in favour of a language of the page's country.
const COUNTRY: f32 = 5.0;
/// How far bits are trusted: neighbouring pairs are not independent, as the sum supposes.
const TRUST: f32 = 0.3;
/// Encodings, each with a language, that are left after a look at single bytes, and after a look at
/// the commonest pairs.
const SHORTLIST: [usize; 2] = [60, 12];
/// Bits a pair below which a single-byte encoding reads so well that no other kind is tried.
const READS_WELL: f32 = 5.0;
/// Pairs of that look.
const COMMONEST: usize = 32;
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
    if pairs.high.is_empty() {
        return None;
    }
    let liked = |codec: Codec| if favour.codec == Some(codec) { DECLARED } else { 0.0 };
    // Bits of each language for what is ASCII, where all encodings agree.
    let low: Vec<f32> = ASCII
        .iter()
        .map(|view| {
            let local = favour.languages.contains(&MODEL.languages[view.language].code);
            view.bits(&pairs.low) - if local { COUNTRY } else { 0.0 }
        })
        .collect();
    let least_low = low.iter().copied().fold(f32::INFINITY, f32::min);

    let bytes = pairs.bytes(ebcdic);
    let mut sums = vec![0.0; ROWS[0].len()];
    for &(byte, count) in &bytes {
        for (sum, cost) in sums.iter_mut().zip(&ROWS[usize::from(byte)]) {
            *sum += count * cost;
        }
    }
    let kept = distinct(&bytes, ebcdic, favour.codec);
    let mut views: Vec<(f32, f32, &Single, &View)> = Vec::new();
    let mut sums = &sums[..];
    for single in SINGLES.iter() {
        let (own, rest) = sums.split_at(single.views.len());
        sums = rest;
        if !kept.iter().any(|kept| std::ptr::eq(*kept, single)) {
            continue;
        }
        for (view, sum) in single.views.iter().zip(own) {
            let low = if ebcdic { 0.0 } else { low[view.language] };
            let known = low + single.rare - liked(single.codec);
            views.push((known + sum, known, single, view));
        }
    }
    shorten(&mut views, SHORTLIST[0]);
    for (bits, known, _, view) in &mut views {
        *bits = *known + view.bits(&pairs.high[..pairs.high.len().min(COMMONEST)]);
    }
    shorten(&mut views, SHORTLIST[1]);
    let rest = pairs.high.get(COMMONEST..).unwrap_or_default();
    let mut candidates: Vec<(f32, Codec)> = views
        .iter()
        .map(|(bits, _, single, view)| (bits + view.bits(rest), single.codec))
        .collect();
    let least = candidates.iter().map(|&(bits, _)| bits).fold(f32::INFINITY, f32::min);
    let reads_well = least - least_low < READS_WELL * pairs.highs && pairs.highs > 40.0;
    let settled = ebcdic || (reads_well && favour.codec.is_none());
    if !settled {
        for (codec, languages) in multibyte::candidates() {
            if let Some(bits) = multibyte::bits(&sample[..pairs.end], codec, languages) {
                candidates.push((bits + least_low - liked(codec), codec));
            }
        }
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

/// Keeps the `left` best ones.
fn shorten(views: &mut Vec<(f32, f32, &Single, &View)>, left: usize) {
    if views.len() > left {
        views.select_nth_unstable_by(left, |a, b| a.0.total_cmp(&b.0));
        views.truncate(left);
    }
}

/// The encodings; of those that make the same characters of these bytes, the least rare.
fn distinct(bytes: &[(u8, f32)], ebcdic: bool, declared: Option<Codec>) -> Vec<&'static Single> {
    let mut listed: Vec<&Single> =
        SINGLES.iter().filter(|single| single.ebcdic == ebcdic).collect();
    let declared = |single: &Single| declared == Some(single.codec);
    listed.sort_by(|a, b| declared(b).cmp(&declared(a)).then(a.rare.total_cmp(&b.rare)));
    let mut kept: Vec<&Single> = Vec::new();
    for single in listed {
        let same = |other: &&Single| {
            let mut used = bytes.iter().map(|&(byte, _)| usize::from(byte));
            used.all(|byte| other.points[byte] == single.points[byte])
        };
        if !kept.iter().any(same) {
            kept.push(single);
        }
    }
    kept
}

/// Whether the bytes may be EBCDIC, whose blank is 0x40.
pub(crate) fn maybe_ebcdic(sample: &[u8]) -> bool {
    let blanks = |blank| memchr::memchr_iter(blank, sample).count();
    let of_ebcdic = blanks(0x40);
    of_ebcdic * 20 > sample.len() && of_ebcdic > 4 * blanks(b' ')
}
