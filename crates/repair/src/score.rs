//! Log-probabilities as integers, so that sums and comparisons come out alike on every machine.

use std::f64::consts::LN_2;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Neg, Sub};

/// A natural logarithm of a probability (or of a ratio of two), in steps of 1/1024.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Score(pub i64);

impl Score {
    /// Steps in one nat.
    pub const NAT: i64 = 1024;
    /// The logarithm of 1.
    pub const ZERO: Self = Self(0);
    /// Less than anything that is reached.
    pub const WORST: Self = Self(i64::MIN / 4);

    /// That many nats.
    pub fn nats(nats: f64) -> Self {
        let steps = nats * Self::NAT as f64;
        Self((steps + 0.5f64.copysign(steps)) as i64)
    }

    /// The logarithm of a positive number; [`Self::WORST`] for others.
    ///
    /// Only sums, products and quotients are used: libraries differ in the last digit of `ln`.
    pub fn ln(value: f64) -> Self {
        // One comparison, which is false for what is no number too.
        if value >= f64::MIN_POSITIVE {
            Self::ln_of_positive(value.min(f64::MAX))
        } else {
            Self::WORST
        }
    }

    #[inline]
    fn ln_of_positive(value: f64) -> Self {
        // value = m * 2^e with m in [0.7, 1.5); ln m = 2 artanh((m - 1) / (m + 1)).
        let bits = value.to_bits() - (0x3fe6 << 48);
        let exponent = bits as i64 >> 52;
        let mantissa = f64::from_bits((bits & ((1 << 52) - 1)) + (0x3fe6 << 48));
        let x = (mantissa - 1.0) / (mantissa + 1.0);
        let square = x * x;
        let series = (0..5).rev().fold(0.0, |sum, k| sum * square + 1.0 / f64::from(2 * k + 1));
        Self::nats(2.0 * x * series + exponent as f64 * LN_2)
    }

    /// The number whose logarithm it is. As [`Self::ln`], the same on every machine.
    pub fn exp(self) -> f64 {
        // e^x = 2^k * e^r with r in [-0.35, 0.35].
        let nats = self.to_nats();
        let k = (nats / LN_2).round().clamp(-1022.0, 1023.0);
        let r = (nats - k * LN_2).clamp(-1.0, 1.0);
        let series = (1..14).rev().fold(1.0, |sum, n| 1.0 + sum * r * (1.0 / f64::from(n)));
        series * f64::from_bits(((k as i64 + 1023) as u64) << 52)
    }

    /// In nats.
    pub fn to_nats(self) -> f64 {
        self.0 as f64 / Self::NAT as f64
    }
}

impl Add for Score {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Score {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Score {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Mul<i64> for Score {
    type Output = Self;
    fn mul(self, times: i64) -> Self {
        Self(self.0 * times)
    }
}

impl Sum for Score {
    fn sum<I: Iterator<Item = Self>>(scores: I) -> Self {
        scores.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ln_and_exp_agree_with_the_library() {
        for value in [1e-300, 1e-9, 0.1, 0.5, 0.999, 1.0, 1.5, 2.0, 3.7, 1e6, 1e300] {
            let difference = Score::ln(value).to_nats() - f64::ln(value);
            assert!(difference.abs() < 1e-3, "{value}: {difference}");
        }
        for nats in [-40.0, -9.25, -0.5, 0.0, 0.001, 3.0, 40.0] {
            let score = Score::nats(nats);
            let ratio = score.exp() / score.to_nats().exp();
            assert!((ratio - 1.0).abs() < 1e-12, "{nats}: {ratio}");
        }
        assert_eq!(Score::ln(0.0), Score::WORST);
        assert_eq!(Score::ln(f64::NAN), Score::WORST);
    }
}
