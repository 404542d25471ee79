//! Counting pairs of neighbouring bytes.

use std::cell::RefCell;

/// Pairs with a byte beyond ASCII after which the rest of a sample is left out.
const ENOUGH: usize = 8000;
/// Bytes that are counted, or left out, at once.
const BLOCK: usize = 256;
/// Different pairs beyond which the rarest are left out.
const DIFFERENT: usize = 800;
/// How many of the commonest pairs are given first.
const COMMONEST: usize = 32;
/// Pairs within ASCII after which no more are counted.
const ENOUGH_LOW: usize = 1000;
/// Different pairs within ASCII beyond which the rarest are left out.
const DIFFERENT_LOW: usize = 150;
/// Pairs within ASCII that count even beside a single one beyond it.
const LOW_BASE: f32 = 60.0;
/// How many pairs within ASCII count at most, for each pair beyond it.
const LOW: f32 = 0.3;

/// A pair of bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) a: u8,
    pub(crate) b: u8,
    /// How often it occurs.
    pub(crate) count: u16,
}

/// The pairs of a sample.
pub(crate) struct Pairs {
    /// Pairs with a byte beyond ASCII.
    high: Vec<Pair>,
    /// How many those were, repetitions included.
    pub(crate) highs: f32,
    /// How many of them each of `high` stands for.
    pub(crate) scale: f32,
    /// Pairs within ASCII.
    pub(crate) low: Vec<Pair>,
    /// How much each of `low` counts.
    pub(crate) low_weight: f32,
    /// Where the pairs that were counted end.
    pub(crate) end: usize,
}

thread_local! {
    static COUNTER: RefCell<Counter> = RefCell::new(Counter {
        counts: Box::new([0; 1 << 16]),
        seen: Box::new([0; 1 << 16]),
    });
}

/// See [`Pairs::count`].
struct Counter {
    /// How often each pair occurs; all zero between two samples.
    counts: Box<[u16; 1 << 16]>,
    /// The pairs that do, in the order of their first occurrence.
    seen: Box<[u16; 1 << 16]>,
}

impl Pairs {
    /// Counts the pairs of `sample`; with `all`, each pair tells encodings apart, ASCII or not.
    pub(crate) fn count(sample: &[u8], all: bool) -> Self {
        COUNTER.with_borrow_mut(|Counter { counts, seen }| {
            let (mut different, mut highs, mut lows, mut end) = (0u16, 0, 0, 0);
            let mut a = b' ';
            for block in sample.chunks(BLOCK) {
                if highs >= ENOUGH {
                    break;
                }
                end += block.len();
                if lows >= ENOUGH_LOW && a.is_ascii() && block.is_ascii() {
                    a = block[block.len() - 1];
                    continue;
                }
                let mut high = 0;
                for &b in block {
                    let pair = u16::from_be_bytes([a, b]);
                    let count = &mut counts[usize::from(pair)];
                    // Without a branch: which pairs are new cannot be foreseen.
                    seen[usize::from(different)] = pair;
                    different += u16::from(*count == 0);
                    *count = count.saturating_add(1);
                    high += usize::from((a | b) >> 7);
                    a = b;
                }
                let high = if all { block.len() } else { high };
                highs += high;
                lows += block.len() - high;
            }
            let (mut high, mut low) =
                (Vec::with_capacity(DIFFERENT), Vec::with_capacity(DIFFERENT));
            for &pair in &seen[..different.into()] {
                let [a, b] = pair.to_be_bytes();
                let count = std::mem::take(&mut counts[usize::from(pair)]);
                let kind = if all || !(a | b).is_ascii() { &mut high } else { &mut low };
                kind.push(Pair { a, b, count });
            }
            commonest(&mut low, DIFFERENT_LOW);
            low.truncate(DIFFERENT_LOW);
            let lows: usize = low.iter().map(|pair| usize::from(pair.count)).sum();
            commonest(&mut high, DIFFERENT);
            high.truncate(DIFFERENT);
            commonest(&mut high, COMMONEST);
            let kept: u32 = high.iter().map(|pair| u32::from(pair.count)).sum();
            Self {
                high,
                highs: highs as f32,
                scale: highs as f32 / kept.max(1) as f32,
                low,
                low_weight: ((LOW_BASE + LOW * highs as f32) / lows.max(1) as f32).min(1.0),
                end,
            }
        })
    }

    /// The commonest of the pairs that tell encodings apart, and the others.
    pub(crate) fn high(&self) -> (&[Pair], &[Pair]) {
        self.high.split_at(self.high.len().min(COMMONEST))
    }

    /// The bytes that tell encodings apart, and how often each occurs.
    pub(crate) fn bytes(&self, all: bool) -> Vec<(u8, f32)> {
        let mut counts = [0; 256];
        for pair in self.high.iter().filter(|pair| all || !pair.b.is_ascii()) {
            counts[usize::from(pair.b)] += u32::from(pair.count);
        }
        let bytes = (0..=255).map(|byte| (byte, counts[usize::from(byte)] as f32 * self.scale));
        bytes.filter(|&(_, count)| count > 0.0).collect()
    }
}

/// Brings the `first` commonest pairs to the beginning.
fn commonest(pairs: &mut [Pair], first: usize) {
    let rank =
        |pair: &Pair| u32::from(!pair.count) << 16 | u32::from_be_bytes([0, 0, pair.a, pair.b]);
    if pairs.len() > first {
        pairs.select_nth_unstable_by_key(first, rank);
    }
}
