use xxhash_rust::xxh3::xxh3_64;

/// Bits of a key: the uppermost tells what the key was drawn from, the others are of a hash.
pub const KEY_BITS: u32 = 30;

/// Keys of a text, at most: one of several megabytes gets no more than this.
const MOST: usize = 1024;

/// A key of a text. Two texts are compared when the one that ranks below has two keys among its own
/// under which the better one is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// What it was drawn from, and its hash.
    pub value: u32,
    /// Whether texts that rank below find this text under it.
    pub posted: bool,
}

/// What a key was drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drawn {
    /// All words.
    Words = 0,
    /// Words that a spinner leaves alone.
    Kept = 1,
}

/// How many keys a list of words has, and under how many of them it is posted: so many, or one for
/// `every` words where that is more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) keys: usize,
    pub(crate) key_every: usize,
    pub(crate) posted: usize,
    pub(crate) posted_every: usize,
}

fn count(words: usize, least: usize, every: usize) -> usize {
    (words / every.max(1)).clamp(least.min(MOST), MOST)
}

/// The keys of a list of words, four bytes of hash each: those of the shingles of `width` words whose
/// hashes are the smallest. It is posted under the smallest of these.
///
/// This is the bottom-k sketch of the set of shingles (Broder, SEQUENCES 1997; Cohen and Kaplan,
/// PODC 2007). Of two texts, a key under which one is posted is the hash of a shingle that the other
/// has as well with probability c, the share of the one's shingles that stand in the other, and is
/// then almost surely among the other's keys, of which there are more.
pub(crate) fn keys(words: &[u8], width: usize, counts: Counts, drawn: Drawn) -> Vec<Key> {
    let posted = count(words.len() / 4, counts.posted, counts.posted_every);
    let count = count(words.len() / 4, counts.keys, counts.key_every).max(posted);
    let mut smallest: Vec<u64> = Vec::with_capacity(count + 1);
    for hash in shingles(words, width) {
        // The lowest bits come first: they decide which is smallest, the key is made of the others.
        let hash = hash.rotate_left(KEY_BITS);
        if smallest.len() == count && smallest.last().is_some_and(|last| *last < hash) {
            continue;
        }
        if let Err(at) = smallest.binary_search(&hash) {
            smallest.insert(at, hash);
            smallest.truncate(count);
        }
    }
    // Texts are compared that share two keys; what is one shingle has both from it.
    if let [only] = smallest[..] {
        smallest.push(!only);
    }
    let mask = (1 << (KEY_BITS - 1)) - 1;
    let drawn = (drawn as u32) << (KEY_BITS - 1);
    let key = |(at, hash)| Key { value: drawn | (hash as u32 & mask), posted: at < posted };
    smallest.into_iter().enumerate().map(key).collect()
}

/// Hashes of all runs of `width` words; of the whole where there are fewer. `words` holds four bytes
/// a word.
pub(crate) fn shingles(words: &[u8], width: usize) -> impl Iterator<Item = u64> {
    let width = (4 * width.max(1)).min(words.len()).max(4);
    words.windows(width).step_by(4).map(xxh3_64)
}
