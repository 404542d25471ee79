//! How far a line is from lines that the rules know: below "Leave a reply" or "Related articles"
//! stands something else than above them.

use crate::facts::Facts;

/// As far as anyone looks: the line is farther away, or there is none.
pub(crate) const FAR: u8 = u8::MAX;

/// For each line and each rule, how many lines away the nearest other line is that the rule matches.
pub(crate) struct Landmarks {
    rules: usize,
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Landmarks {
    pub(crate) fn new(lines: &[&Facts], rules: usize) -> Self {
        let mut before = vec![FAR; lines.len() * rules];
        let mut after = before.clone();
        let mut away = vec![FAR; rules];
        for (line, out) in lines.iter().zip(before.chunks_exact_mut(rules.max(1))) {
            step(line, &mut away, out);
        }
        away.fill(FAR);
        for (line, out) in lines.iter().zip(after.chunks_exact_mut(rules.max(1))).rev() {
            step(line, &mut away, out);
        }
        Self { rules, before, after }
    }

    /// Lines to the nearest one above line `i` that `rule` matches, and to the nearest one below it.
    pub(crate) fn around(&self, i: usize, rule: usize) -> (u8, u8) {
        let at = i * self.rules + rule;
        (self.before[at], self.after[at])
    }
}

/// Moves on by one line.
fn step(line: &Facts, away: &mut [u8], out: &mut [u8]) {
    for away in away.iter_mut() {
        *away = away.saturating_add(1);
    }
    out.copy_from_slice(away);
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
        let of_rule = |rule| (0..5).map(|i| landmarks.around(i, rule)).collect::<Vec<_>>();
        assert_eq!(of_rule(0), [(FAR, 3), (FAR, 2), (FAR, 1), (FAR, FAR), (1, FAR)]);
        assert_eq!(of_rule(1), [(FAR, 1), (FAR, 2), (1, 1), (2, FAR), (1, FAR)]);
    }
}
