//! Counting pairs of neighbouring bytes.

use std::cell::RefCell;

/// Pairs with a byte beyond ASCII after which the rest of a sample is left out.
const ENOUGH: usize = 8000;
/// Different pairs beyond which the rarest are left out.
const DIFFERENT: usize = 800;
/// Pairs within ASCII after which no more are counted.
const ENOUGH_LOW: usize = 300;
/// Pairs within ASCII that count even beside a single one beyond it.
const LOW_BASE: f32 = 60.0;
/// How many pairs within ASCII count at most, for each pair beyond it.
const LOW: f32 = 0.3;

/// A pair of bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) a: u8,
    pub(crate) b: u8,
    /// How often it occurs, or how much it counts.
    pub(crate) count: f32,
}

/// The pairs of a sample.
pub(crate) struct Pairs {
    /// Pairs with a byte beyond ASCII, the commonest first.
    pub(crate) high: Vec<Pair>,
    /// How many those are, repetitions included.
    pub(crate) highs: f32,
    /// Pairs within ASCII.
    pub(crate) low: Vec<Pair>,
    /// Where the pairs that were counted end.
    pub(crate) end: usize,
}

thread_local! {
    /// How often each pair occurs; all zero between two calls.
    static COUNTS: RefCell<Vec<u16>> = RefCell::new(vec![0; 1 << 16]);
}

impl Pairs {
    /// Counts the pairs of `sample`; with `all`, each pair tells encodings apart, ASCII or not.
    pub(crate) fn count(sample: &[u8], all: bool) -> Self {
        COUNTS.with_borrow_mut(|counts| {
            let (mut high, mut low) = (Vec::new(), Vec::new());
            let (mut highs, mut lows) = (0, 0);
            let mut end = sample.len();
            let mut before = b' ';
            for (at, &b) in sample.iter().enumerate() {
                let a = std::mem::replace(&mut before, b);
                let pair = u16::from_be_bytes([a, b]);
                let (seen, of) = if all || (a | b) >= 0x80 {
                    highs += 1;
                    (&mut high, &mut highs)
                } else if lows < ENOUGH_LOW {
                    lows += 1;
                    (&mut low, &mut lows)
                } else {
                    continue;
                };
                let count = &mut counts[usize::from(pair)];
                if *count == 0 {
                    seen.push(pair);
                }
                *count += 1;
                if *of == ENOUGH {
                    end = at + 1;
                    break;
                }
            }
            let weight = ((LOW_BASE + LOW * highs as f32) / lows.max(1) as f32).min(1.0);
            let mut take = |pairs: Vec<u16>, weight: f32| -> Vec<Pair> {
                pairs
                    .into_iter()
                    .map(|pair| {
                        let [a, b] = pair.to_be_bytes();
                        let count = std::mem::take(&mut counts[usize::from(pair)]);
                        Pair { a, b, count: f32::from(count) * weight }
                    })
                    .collect()
            };
            let mut high = take(high, 1.0);
            high.sort_by(|x, y| y.count.total_cmp(&x.count));
            high.truncate(DIFFERENT);
            let kept: f32 = high.iter().map(|pair| pair.count).sum();
            for pair in &mut high {
                pair.count *= highs as f32 / kept;
            }
            Self { high, highs: highs as f32, low: take(low, weight), end }
        })
    }

    /// The bytes that tell encodings apart, and how often each occurs.
    pub(crate) fn bytes(&self, all: bool) -> Vec<(u8, f32)> {
        let mut counts = [0.0; 256];
        for pair in self.high.iter().filter(|pair| all || !pair.b.is_ascii()) {
            counts[usize::from(pair.b)] += pair.count;
        }
        (0..=255).map(|byte| (byte, counts[usize::from(byte)])).filter(|&(_, n)| n > 0.0).collect()
    }
}
