use xxhash_rust::xxh3::xxh3_64;

/// Bits of a key: the uppermost tells what the key was drawn from, the others are of a hash.
pub const KEY_BITS: u32 = 32;

/// Keys of a text, at most: one of several megabytes gets no more than this.
const MOST: usize = 1024;

/// What a key was drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drawn {
    /// All words.
    Words = 0,
    /// Words that a spinner leaves alone.
    Kept = 1,
}

/// The keys of a list of words, four bytes of hash each: those of the shingles of `width` words whose
/// hashes are the smallest. There are `count` of them; one in `every` where that is more.
///
/// This is the bottom-k sketch of the set of shingles (Broder, SEQUENCES 1997; Cohen and Kaplan,
/// PODC 2007). Of two sets of Jaccard similarity s, each of the `count` smallest of their union is in
/// both with probability s, and is then a key of both: they meet with probability at least
/// 1 - (1 - s)^count.
pub(crate) fn keys(
    words: &[u8],
    width: usize,
    count: usize,
    every: usize,
    drawn: Drawn,
) -> Vec<u64> {
    let count = (words.len() / 4 / every.max(1)).clamp(count.min(MOST), MOST);
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
    let drawn = (drawn as u64) << (KEY_BITS - 1);
    smallest.iter().map(|hash| drawn | (hash & mask)).collect()
}

/// Hashes of all runs of `width` words; of the whole where there are fewer. `words` holds four bytes
/// a word.
pub(crate) fn shingles(words: &[u8], width: usize) -> impl Iterator<Item = u64> {
    let width = (4 * width.max(1)).min(words.len()).max(4);
    words.windows(width).step_by(4).map(xxh3_64)
}
