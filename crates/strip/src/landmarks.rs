//! How far a line is from lines that the rules know: below "Leave a reply" or "Related articles"
//! stands something else than above them.

use crate::facts::Facts;

/// As far as anyone looks: the line is farther away, or there is none.
pub(crate) const FAR: u8 = u8::MAX;

/// For each line and each rule, how many lines above it and below it the nearest line is that the rule
/// matches.
pub(crate) struct Landmarks {
    rules: usize,
    away: Vec<[u8; 2]>,
}

impl Landmarks {
    pub(crate) fn new(lines: &[&Facts], rules: usize) -> Self {
        let mut all = vec![[FAR; 2]; lines.len() * rules];
        let mut away = vec![FAR; rules];
        for (line, out) in lines.iter().zip(all.chunks_exact_mut(rules.max(1))) {
            step(line, &mut away, out, 0);
        }
        away.fill(FAR);
        for (line, out) in lines.iter().zip(all.chunks_exact_mut(rules.max(1))).rev() {
            step(line, &mut away, out, 1);
        }
        Self { rules, away: all }
    }

    /// Lines to the nearest one above line `i` that each rule matches, and to the nearest one below it.
    pub(crate) fn around(&self, i: usize) -> &[[u8; 2]] {
        &self.away[i * self.rules..][..self.rules]
    }
}

/// Moves on by one line, upwards or downwards.
fn step(line: &Facts, away: &mut [u8], out: &mut [[u8; 2]], side: usize) {
    for (away, out) in away.iter_mut().zip(out) {
        *away = away.saturating_add(1);
        out[side] = *away;
    }
    let mut matched = line.rules;
    while matched != 0 {
        if let Some(away) = away.get_mut(matched.trailing_zeros() as usize) {
            *away = 0;
        }
        matched &= matched - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_in_both_directions() {
        let of = |rules| Facts { rules, ..Facts::default() };
        let lines = [of(0), of(0b10), of(0), of(0b11), of(0)];
        let landmarks = Landmarks::new(&lines.iter().collect::<Vec<_>>(), 2);
        let of_rule = |rule: usize| (0..5).map(|i| landmarks.around(i)[rule]).collect::<Vec<_>>();
        assert_eq!(of_rule(0), [[FAR, 3], [FAR, 2], [FAR, 1], [FAR, FAR], [1, FAR]]);
        assert_eq!(of_rule(1), [[FAR, 1], [FAR, 2], [1, 1], [2, FAR], [1, FAR]]);
    }
}
