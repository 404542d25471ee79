//! What two texts have in common in one order.

/// A list of words, ready for others to be held against it.
#[derive(Debug, Default)]
pub(crate) struct Ordered {
    /// Each word and its place, sorted.
    places: Vec<(u32, u32)>,
}

impl Ordered {
    pub(crate) fn new(words: &[u32]) -> Self {
        let mut places: Vec<(u32, u32)> = words.iter().copied().zip(0..).collect();
        places.sort_unstable();
        Self { places }
    }

    /// Words that stand in both lists in the same order, at most: the length of their longest common
    /// subsequence, for sixty-four places at once (Hyyrö, AWOCA 2004).
    pub(crate) fn in_common(&self, words: &[u32]) -> usize {
        // A zero is a place at which the subsequence grows.
        let mut row = vec![u64::MAX; self.places.len().div_ceil(64)];
        let mut matches = vec![0u64; row.len()];
        for &word in words {
            let from = self.places.partition_point(|&(other, _)| other < word);
            let of_word = self.places[from..].iter().take_while(|&&(other, _)| other == word);
            of_word.clone().for_each(|&(_, at)| matches[at as usize / 64] |= 1 << (at % 64));
            let Some(&(_, first)) = of_word.clone().next() else { continue };
            let mut carry = false;
            // Before the first match nothing changes.
            for (row, matches) in row.iter_mut().zip(&matches).skip(first as usize / 64) {
                let (sum, over) = row.overflowing_add(*row & matches);
                let (sum, again) = sum.overflowing_add(carry.into());
                carry = over || again;
                *row = sum | (*row & !matches);
            }
            of_word.for_each(|&(_, at)| matches[at as usize / 64] = 0);
        }
        row.iter().map(|row| row.count_zeros() as usize).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By the book: a table of all prefixes.
    fn by_table(a: &[u32], b: &[u32]) -> usize {
        let mut row = vec![0; b.len() + 1];
        for x in a {
            let mut diagonal = 0;
            for (j, y) in b.iter().enumerate() {
                let above = row[j + 1];
                row[j + 1] = if x == y { diagonal + 1 } else { above.max(row[j]) };
                diagonal = above;
            }
        }
        row[b.len()]
    }

    proptest! {
        #[test]
        fn is_the_longest_common_subsequence(
            a in prop::collection::vec(0u32..12, 0..200),
            b in prop::collection::vec(0u32..12, 0..200),
        ) {
            prop_assert_eq!(Ordered::new(&a).in_common(&b), by_table(&a, &b));
        }
    }
}
