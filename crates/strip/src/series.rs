//! Sums, places and spans over the lines of a page.

use std::sync::LazyLock;

/// Prefix sums.
pub(crate) struct Sums(Vec<f64>);

impl Sums {
    pub(crate) fn new(n: usize, value: impl Fn(usize) -> f32) -> Self {
        let mut sums = Vec::with_capacity(n + 1);
        let mut sum = 0.0;
        sums.push(sum);
        for i in 0..n {
            sum += f64::from(value(i));
            sums.push(sum);
        }
        Self(sums)
    }

    /// The sum over `from..to`.
    pub(crate) fn over(&self, from: usize, to: usize) -> f32 {
        (self.0[to.max(from)] - self.0[from]) as f32
    }
}

/// Prefix sums of whole numbers.
pub(crate) struct Counts(Vec<u32>);

impl Counts {
    pub(crate) fn new(n: usize, value: impl Fn(usize) -> u32) -> Self {
        let mut sum = 0u32;
        let sums = (0..n).map(|i| {
            sum = sum.saturating_add(value(i));
            sum
        });
        Self(std::iter::once(0).chain(sums).collect())
    }

    /// The sum over `from..to`.
    pub(crate) fn over(&self, from: usize, to: usize) -> f32 {
        (self.0[to.max(from)] - self.0[from]) as f32
    }
}

/// A place for each line, if there is one.
pub(crate) struct Places(Vec<u32>);

impl Places {
    const NOWHERE: u32 = u32::MAX;

    /// The place of line `i`.
    pub(crate) fn of(&self, i: usize) -> Option<usize> {
        Some(self.0[i]).filter(|place| *place != Self::NOWHERE).map(|place| place as usize)
    }
}

/// For each line, the nearest line before and after it of which `holds` is true.
pub(crate) fn nearest(n: usize, holds: impl Fn(usize) -> bool) -> (Places, Places) {
    let follow = |lines: &mut dyn Iterator<Item = usize>| {
        let mut places = vec![Places::NOWHERE; n];
        let mut last = Places::NOWHERE;
        for i in lines {
            places[i] = last;
            if holds(i) {
                last = i as u32;
            }
        }
        Places(places)
    };
    (follow(&mut (0..n)), follow(&mut (0..n).rev()))
}

/// The span with the greatest sum of weights.
pub(crate) fn best_span(n: usize, weight: impl Fn(usize) -> f32) -> (usize, usize) {
    let (mut best, mut span) = (0.0, (0, 0));
    let (mut sum, mut from) = (0.0, 0);
    for i in 0..n {
        if sum <= 0.0 {
            (sum, from) = (0.0, i);
        }
        sum += weight(i);
        if sum > best {
            (best, span) = (sum, (from, i + 1));
        }
    }
    span
}

/// Where `i` lies: 0 within the span, below 0 before it, above 0 after it.
pub(crate) fn to_span(i: usize, span: (usize, usize)) -> f32 {
    if i < span.0 {
        -log((span.0 - i) as u32)
    } else if i >= span.1 {
        log((i - span.1 + 1) as u32)
    } else {
        0.0
    }
}

/// Logarithm of `n + 1`.
pub(crate) fn log(n: u32) -> f32 {
    static SMALL: LazyLock<Vec<f32>> =
        LazyLock::new(|| (0..4_096u32).map(|n| (n as f32 + 1.0).ln()).collect());
    SMALL.get(n as usize).copied().unwrap_or_else(|| (n as f32 + 1.0).ln())
}

/// The same for numbers of either sign.
pub(crate) fn signed_log(x: f32) -> f32 {
    x.signum() * (x.abs() + 1.0).ln()
}
