//! What two texts have in common in one order.

/// Where each word of a list stands, for others to be held against it.
#[derive(Debug)]
pub(crate) struct Places {
    /// Words and places, sorted.
    places: Vec<(u32, u32)>,
    /// Where the words begin that have these uppermost bits; the end where there are none.
    begins: Vec<u32>,
    bits: u32,
}

impl Places {
    pub(crate) fn new(words: &[u32]) -> Self {
        let mut places: Vec<(u32, u32)> = words.iter().copied().zip(0..).collect();
        places.sort_unstable();
        let bits = words.len().max(2).ilog2();
        let mut begins = vec![places.len() as u32; 1 << bits];
        for (at, &(word, _)) in places.iter().enumerate().rev() {
            begins[(word >> (32 - bits)) as usize] = at as u32;
        }
        Self { places, begins, bits }
    }

    /// The places of a word.
    fn of(&self, word: u32) -> impl Iterator<Item = u32> + Clone {
        let from = self.begins[(word >> (32 - self.bits)) as usize] as usize;
        let from = self.places.iter().skip(from).skip_while(move |&&(other, _)| other < word);
        from.take_while(move |&&(other, _)| other == word).map(|&(_, at)| at)
    }

    /// Words that stand in both lists in the same order, at most: the length of their longest common
    /// subsequence, for sixty-four places at once (Hyyrö, AWOCA 2004).
    pub(crate) fn in_common(&self, words: &[u32]) -> usize {
        // A zero is a place at which the subsequence grows.
        let mut row = vec![u64::MAX; self.places.len().div_ceil(64)];
        let mut matches = vec![0u64; row.len()];
        for &word in words {
            let Some(first) = self.of(word).next() else { continue };
            self.of(word).for_each(|at| matches[at as usize / 64] |= 1 << (at % 64));
            let mut carry = false;
            // Before the first match nothing changes.
            for (row, matches) in row.iter_mut().zip(&matches).skip(first as usize / 64) {
                let (sum, over) = row.overflowing_add(*row & matches);
                let (sum, again) = sum.overflowing_add(carry.into());
                carry = over || again;
                *row = sum | (*row & !matches);
            }
            self.of(word).for_each(|at| matches[at as usize / 64] = 0);
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
            prop_assert_eq!(Places::new(&a).in_common(&b), by_table(&a, &b));
        }
    }
}
