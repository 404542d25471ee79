//! The automaton that finds phrases in a text: words become numbers, phrases paths of numbers.

use super::flat::{Reader, Writer};

/// The number of a word that is in no phrase.
pub(crate) const NONE: u32 = u32::MAX;

/// Words and their numbers, by [`key`](crate::words::key): one probe of an open-addressed table.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    /// Ascending; a word's number is its place.
    keys: Vec<u64>,
    /// At most half full, so that every search ends. In each the mixed key without the bits that tell
    /// its home, and in the place of these the word's number.
    slots: Vec<u64>,
    /// Bits of a slot's number.
    bits: u32,
}

impl Vocabulary {
    /// Numbers these words.
    pub(crate) fn new(mut keys: Vec<u64>) -> Self {
        keys.sort_unstable();
        keys.dedup();
        let bits = (2 * keys.len()).next_power_of_two().trailing_zeros().max(1);
        let mut vocabulary = Self { keys, slots: vec![u64::MAX; 1 << bits], bits };
        for number in 0..vocabulary.keys.len() {
            let (mut at, rest) = vocabulary.home(vocabulary.keys[number]);
            while vocabulary.slots[at] != u64::MAX {
                at = (at + 1) & (vocabulary.slots.len() - 1);
            }
            vocabulary.slots[at] = rest | number as u64;
        }
        vocabulary
    }

    /// Where the search for a key begins, and the bits that tell it from others there. Mixing loses
    /// nothing: only a key whose home is another one near by may have the same bits, once in 2^47.
    #[inline]
    fn home(&self, key: u64) -> (usize, u64) {
        let mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((mixed >> (64 - self.bits)) as usize, mixed << self.bits)
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The word's number, or [`NONE`].
    #[inline]
    pub(crate) fn number(&self, key: u64) -> u32 {
        if self.slots.is_empty() {
            return NONE;
        }
        let (mut at, rest) = self.home(key);
        let most = self.slots.len() as u64 - 1;
        loop {
            let slot = self.slots[at];
            let number = slot & most;
            // One branch, and a foreseeable one.
            if (slot & !most == rest) | (slot == u64::MAX) {
                return if number == most { NONE } else { number as u32 };
            }
            at = (at + 1) & most as usize;
        }
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.put(self.keys.iter().map(|&key| key as u32));
        out.put(self.keys.iter().map(|&key| (key >> 32) as u32));
    }

    pub(crate) fn read(bytes: &mut Reader) -> Self {
        let (low, high) = (bytes.take(u64::from), bytes.take(u64::from));
        Self::new(low.iter().zip(&high).map(|(low, high)| high << 32 | low).collect())
    }
}

/// Phrases, as sequences of word numbers.
///
/// Its nodes are numbered breadth first, so that a node's children are one run of ascending words
/// and a child's number follows from its place: two numbers a node, nothing else. The nodes of depth
/// one are the words themselves.
#[derive(Debug, Default)]
pub(crate) struct Trie {
    roots: usize,
    /// For each node, where its children begin; they end where the next node's begin.
    children: Vec<u32>,
    /// For each node deeper than one, its last word.
    words: Vec<u32>,
    /// A Bloom filter of one bit for each edge, in 32: most words of a text lead nowhere.
    filter: Vec<u64>,
}

impl Trie {
    /// A trie of phrases over `roots` words, and each phrase's node.
    pub(crate) fn new(roots: usize, phrases: &[&[u32]]) -> (Self, Vec<u32>) {
        let mut order: Vec<usize> = (0..phrases.len()).collect();
        order.sort_by_key(|&number| phrases[number]);
        let mut nodes: Vec<u32> = phrases.iter().map(|phrase| phrase[0]).collect();
        let mut trie = Self { roots, ..Self::default() };
        let mut parents: Vec<u32> = Vec::new();
        let longest = phrases.iter().map(|phrase| phrase.len()).max().unwrap_or(0);
        for depth in 1..longest {
            // In the order of the phrases the parents ascend, and so do the words of each.
            let mut last = None;
            for &number in order.iter().filter(|&&number| phrases[number].len() > depth) {
                let edge = (nodes[number], phrases[number][depth]);
                if last != Some(edge) {
                    parents.push(edge.0);
                    trie.words.push(edge.1);
                    last = Some(edge);
                }
                nodes[number] = (roots + trie.words.len() - 1) as u32;
            }
        }
        let mut begin = 0;
        for node in 0..=trie.len() as u32 {
            trie.children.push(begin as u32);
            while parents.get(begin) == Some(&node) {
                begin += 1;
            }
        }
        trie.fill();
        (trie, nodes)
    }

    fn fill(&mut self) {
        self.filter = vec![0; (self.words.len() / 2).next_power_of_two()];
        for node in 0..self.children.len().saturating_sub(1) {
            for child in self.children[node]..self.children[node + 1] {
                let (block, bit) = self.bit(node as u32, self.words[child as usize]);
                self.filter[block] |= bit;
            }
        }
    }

    #[inline]
    fn bit(&self, node: u32, word: u32) -> (usize, u64) {
        let edge = u64::from(node) << 32 | u64::from(word);
        let hash = edge.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        ((hash >> 6) as usize & (self.filter.len() - 1), 1 << (hash & 63))
    }

    /// Number of nodes.
    pub(crate) fn len(&self) -> usize {
        self.roots + self.words.len()
    }

    /// The node that `word` leads to, or [`NONE`].
    #[inline]
    pub(crate) fn child(&self, node: u32, word: u32) -> u32 {
        let (block, bit) = self.bit(node, word);
        if self.filter[block] & bit == 0 {
            return NONE;
        }
        let node = node as usize;
        let (begin, end) = (self.children[node] as usize, self.children[node + 1] as usize);
        match self.words[begin..end].binary_search(&word) {
            Ok(place) => (self.roots + begin + place) as u32,
            Err(_) => NONE,
        }
    }

    /// The words that lead to a node.
    pub(crate) fn path(&self, mut node: u32) -> Vec<u32> {
        let mut path = Vec::new();
        while node as usize >= self.roots {
            let place = node as usize - self.roots;
            path.push(self.words[place]);
            node = self.children.partition_point(|&begin| begin as usize <= place) as u32 - 1;
        }
        path.push(node);
        path.reverse();
        path
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.put([self.roots as u32]);
        out.put(self.children.iter().copied());
        out.put(self.words.iter().copied());
    }

    pub(crate) fn read(bytes: &mut Reader) -> Self {
        let roots = bytes.take(|roots| roots as usize);
        let mut trie = Self {
            roots: roots.first().copied().unwrap_or_default(),
            children: bytes.take(|begin| begin),
            words: bytes.take(|word| word),
            filter: Vec::new(),
        };
        trie.fill();
        trie
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn every_phrase_is_found_and_nothing_else(
            phrases in proptest::collection::btree_set(proptest::collection::vec(0u32..6, 1..5), 0..40),
            other in proptest::collection::vec(0u32..7, 1..5),
        ) {
            let listed: Vec<&[u32]> = phrases.iter().map(|phrase| &**phrase).collect();
            let (trie, nodes) = Trie::new(6, &listed);
            let find = |phrase: &[u32]| {
                phrase[1..].iter().try_fold(phrase[0], |node, &word| {
                    Some(trie.child(node, word)).filter(|&node| node != NONE)
                })
            };
            for (phrase, &node) in phrases.iter().zip(&nodes) {
                assert_eq!(find(phrase), Some(node));
                assert_eq!(&trie.path(node), phrase);
            }
            let begins = phrases.iter().any(|phrase| phrase.starts_with(&other));
            if other.len() > 1 && other[0] < 6 {
                assert_eq!(find(&other).is_some(), begins);
            }
        }
    }
}
