use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Whether a spinner changes or writes a word, which is given in lower case.
type Ask = dyn Fn(&str) -> bool + Send + Sync;

/// Answers that are remembered, at most: a power of two. Half a megabyte has the words of most texts.
const SLOTS: usize = 1 << SLOT_BITS;
const SLOT_BITS: u32 = 16;

/// The words that a spinner changes or writes: a lexicon, and what it said of the words last seen.
pub struct Mutable {
    ask: Box<Ask>,
    /// The hash of a word of which the uppermost bits are the slot's number, and the answer in the
    /// lowest bit.
    slots: Vec<AtomicU64>,
}

impl Mutable {
    /// `ask` says whether a spinner changes or writes a word, which is given in lower case: always
    /// the same of the same word.
    pub fn new(ask: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        // None has a hash of its own number.
        let slot = |number: u64| AtomicU64::new(!number << (u64::BITS - SLOT_BITS));
        Self { ask: Box::new(ask), slots: (0..SLOTS as u64).map(slot).collect() }
    }

    /// Whether it has this word, whose xxh3 is `hash`.
    #[inline]
    pub(crate) fn has(&self, word: &[u8], hash: u64) -> bool {
        let slot = &self.slots[(hash >> (u64::BITS - SLOT_BITS)) as usize];
        let known = slot.load(Ordering::Relaxed);
        if (known ^ hash) >> 1 == 0 {
            return known & 1 == 1;
        }
        let answer = std::str::from_utf8(word).is_ok_and(&self.ask);
        slot.store(hash & !1 | u64::from(answer), Ordering::Relaxed);
        answer
    }
}

impl fmt::Debug for Mutable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutable").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh3::xxh3_64;

    use super::*;

    #[test]
    fn what_is_remembered_is_what_was_said() {
        let even = |word: &str| word.ends_with(['0', '2', '4', '6', '8']);
        let mutable = Mutable::new(even);
        // More words than slots, seen twice: some answers are remembered, others were overwritten.
        for number in (0..2 * SLOTS).chain(0..2 * SLOTS) {
            let word = number.to_string();
            assert_eq!(mutable.has(word.as_bytes(), xxh3_64(word.as_bytes())), even(&word));
        }
    }
}
