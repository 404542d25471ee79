//! How far a line is from lines that the rules know: below "Leave a reply" or "Related articles"
//! stands something else than above them.

use crate::facts::Facts;

/// As far as anyone looks: the line is farther away, or there is none.
pub(crate) const FAR: u8 = u8::MAX;

/// For each rule, the lines that it matches.
pub(crate) struct Landmarks(Vec<Vec<u32>>);

impl Landmarks {
    pub(crate) fn new(lines: &[&Facts], rules: usize) -> Self {
        let mut places = vec![Vec::new(); rules];
        for (i, line) in (0..).zip(lines) {
            let mut matched = line.rules;
            while let Some(places) = places.get_mut(matched.trailing_zeros() as usize) {
                places.push(i);
                matched &= matched - 1;
            }
        }
        Self(places)
    }

    /// The rules that match some line.
    pub(crate) fn rules(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().filter(|(_, places)| !places.is_empty()).map(|(rule, _)| rule)
    }

    /// Lines to the nearest one above line `i` that a rule matches, and to the nearest one below it.
    pub(crate) fn around(&self, rule: usize, i: usize) -> (u8, u8) {
        let i = i as u32;
        let away = |lines: u32| lines.min(u32::from(FAR)) as u8;
        let places = &self.0[rule];
        let (above, below) = places.split_at(places.partition_point(|&at| at < i));
        let below = match below {
            [at, below @ ..] if *at == i => below,
            below => below,
        };
        (
            above.last().map_or(FAR, |&at| away(i - at)),
            below.first().map_or(FAR, |&at| away(at - i)),
        )
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
        let of_rule = |rule| (0..5).map(|i| landmarks.around(rule, i)).collect::<Vec<_>>();
        assert_eq!(of_rule(0), [(FAR, 3), (FAR, 2), (FAR, 1), (FAR, FAR), (1, FAR)]);
        assert_eq!(of_rule(1), [(FAR, 1), (FAR, 2), (1, 1), (2, FAR), (1, FAR)]);
    }
}
