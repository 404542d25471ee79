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
/// hashes are the smallest, once each. It is posted under the smallest of these that do not stand close
/// together: what is changed in a text changes neighbours, and what is quoted has them.
///
/// This is the bottom-k sketch of the set of shingles (Broder, SEQUENCES 1997; Cohen and Kaplan,
/// PODC 2007). Of two texts, a key under which one is posted is the hash of a shingle that the other
/// has as well with probability c, the share of the one's shingles that stand in the other, and is
/// then almost surely among the other's keys, of which there are more.
pub(crate) fn keys(words: &[u8], width: usize, counts: Counts, drawn: Drawn) -> Vec<Key> {
    let posted = count(words.len() / 4, counts.posted, counts.posted_every);
    let count = count(words.len() / 4, counts.keys, counts.key_every).max(posted);
    let smallest = smallest(words, width, count);
    // However the places lie, so many have room.
    let apart = (2 * width).min(words.len() / 4 / (2 * posted)) as u32;
    let mut places: Vec<u32> = Vec::with_capacity(posted);
    let key = |&(hash, place): &(u64, u32)| {
        let post = places.len() < posted && places.iter().all(|it| it.abs_diff(place) >= apart);
        if post {
            places.push(place);
        }
        Key { value: value(hash, drawn), posted: post }
    };
    let mut keys: Vec<Key> = smallest.iter().map(key).collect();
    // Texts are compared that share two keys; what is one shingle has both from it.
    if let [(only, _)] = smallest[..] {
        keys.push(Key { value: value(!only, drawn), posted: true });
    }
    keys
}

fn value(hash: u64, drawn: Drawn) -> u32 {
    let mask = (1 << (KEY_BITS - 1)) - 1;
    (drawn as u32) << (KEY_BITS - 1) | (xxh3_64(&hash.to_le_bytes()) as u32 & mask)
}

/// The `count` smallest hashes of shingles, in order, with the places where they stand first.
fn smallest(words: &[u8], width: usize, count: usize) -> Vec<(u64, u32)> {
    // Hashes are spread evenly: hardly ever are fewer than `count` below this, and few more.
    let enough = count + 4 * count.isqrt() + 4;
    let below = (u64::MAX / (words.len() as u64 / 4).max(1)).saturating_mul(enough as u64);
    let up_to = |mut most: u64| {
        let room = 4 * enough;
        let mut found = Vec::with_capacity(room);
        let mut place = 0;
        shingles(words, width, |hash| {
            if hash <= most {
                if found.len() == room {
                    shrink(&mut found, count);
                    most = if found.len() == count { found[count - 1].0 } else { most };
                }
                found.push((hash, place));
            }
            place += 1;
        });
        shrink(&mut found, count);
        found
    };
    let found = up_to(below);
    // What repeats itself has few.
    if found.len() < count && below < u64::MAX { up_to(u64::MAX) } else { found }
}

/// Leaves the `count` smallest hashes, in order and each at its first place.
fn shrink(found: &mut Vec<(u64, u32)>, count: usize) {
    found.sort_unstable();
    found.dedup_by_key(|it| it.0);
    found.truncate(count);
}

/// Spreads sums of products well: the multiplier of Knuth's MMIX (TAOCP 3.3.4).
const FACTOR: u64 = 6_364_136_223_846_793_005;

/// Hashes of all runs of `width` words; of the whole where there are fewer. `words` holds four bytes
/// a word, which are hashes themselves: the sum of them, each times a power of [`FACTOR`], so that
/// order counts and one follows from the one before it (Karp and Rabin, 1987).
pub(crate) fn shingles(words: &[u8], width: usize, mut take: impl FnMut(u64)) {
    let words = words.as_chunks().0;
    if words.is_empty() {
        return;
    }
    let number = |word: &[u8; 4]| u64::from(u32::from_le_bytes(*word));
    let (first, rest) = words.split_at(width.clamp(1, words.len()));
    let add = |hash: u64, word| hash.wrapping_add(number(word)).wrapping_mul(FACTOR);
    let mut hash = first.iter().fold(0, add);
    take(hash);
    let power = FACTOR.wrapping_pow(first.len() as u32);
    for (old, new) in words.iter().zip(rest) {
        let change = number(new).wrapping_sub(number(old).wrapping_mul(power));
        hash = hash.wrapping_add(change).wrapping_mul(FACTOR);
        take(hash);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hashes(words: &[u8], width: usize) -> Vec<u64> {
        let mut all = Vec::new();
        shingles(words, width, |hash| all.push(hash));
        all
    }

    proptest! {
        #[test]
        fn a_shingle_has_its_hash_wherever_it_stands(
            words in prop::collection::vec(any::<[u8; 4]>(), 0..40),
            width in 1usize..8,
        ) {
            let of = |words: &[[u8; 4]]| hashes(words.as_flattened(), width);
            let alone = |words: &[[u8; 4]]| of(words)[0];
            let expected: Vec<u64> = match words.len() {
                0 => Vec::new(),
                few if few < width => vec![alone(&words)],
                _ => words.windows(width).map(alone).collect(),
            };
            prop_assert_eq!(of(&words), expected);
        }

        #[test]
        fn the_smallest_are_found_in_any_text(
            words in prop::collection::vec(0u32..60, 0..400),
            count in 1usize..30,
        ) {
            let words: Vec<u8> = words.iter().flat_map(|&it| xxh3_64(&[it as u8]).to_le_bytes()[..4].to_vec()).collect();
            let mut all = hashes(&words, 3);
            all.sort_unstable();
            all.dedup();
            all.truncate(count);
            let found: Vec<u64> = smallest(&words, 3, count).iter().map(|it| it.0).collect();
            prop_assert_eq!(found, all);
        }
    }
}
