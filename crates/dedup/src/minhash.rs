use xxhash_rust::xxh3::xxh3_64;

/// Keys of a set of 64-bit hashes: `bands` of them, each of `rows` MinHash values.
///
/// One-permutation hashing (Li, Owen, Zhang, NIPS 2012): the hash's upper half picks one of
/// `bands * rows` bins, each bin keeps its smallest hash; an empty bin borrows from the bin that
/// optimal densification picks for it (Shrivastava, ICML 2017), so that each value is the same in
/// two sets with probability equal to their Jaccard similarity.
pub(crate) fn keys(
    hashes: impl Iterator<Item = u64>,
    bands: usize,
    rows: usize,
    mut emit: impl FnMut(usize, u64),
) {
    let count = bands * rows;
    let mut bins = vec![u64::MAX; count];
    let mut any = false;
    for hash in hashes {
        any = true;
        let bin = (((hash >> 32) * count as u64) >> 32) as usize;
        // The lower half decides which is smallest: it says nothing about the bin.
        let value = hash.rotate_left(32);
        bins[bin] = bins[bin].min(value);
    }
    if !any || count == 0 {
        return;
    }
    let mut key = Vec::with_capacity(8 * rows);
    for band in 0..bands {
        key.clear();
        for bin in band * rows..(band + 1) * rows {
            key.extend_from_slice(&filled(&bins, bin).to_le_bytes());
        }
        emit(band, xxh3_64(&key));
    }
}

/// The value of `bin`, or of the first filled one of the sequence that densification walks.
fn filled(bins: &[u64], bin: usize) -> u64 {
    let mut at = bin;
    let mut state = bin as u64;
    for _ in 0..64 * bins.len() {
        if bins[at] != u64::MAX {
            return bins[at];
        }
        // splitmix64 (Steele, Lea, Flood, OOPSLA 2014)
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        at = ((((z ^ (z >> 31)) >> 32) * bins.len() as u64) >> 32) as usize;
    }
    // Hardly ever: the walk missed the few filled bins.
    bins.iter().copied().min().unwrap_or(u64::MAX)
}
