//! Sweeps over bytes that the compiler turns into vector instructions.

/// How many of `bytes` are such ones.
pub(crate) fn count(bytes: &[u8], such: impl Fn(u8) -> bool) -> usize {
    let chunk = |chunk: &[u8]| chunk.iter().fold(0u8, |sum, &byte| sum + u8::from(such(byte)));
    bytes.chunks(255).map(|bytes| usize::from(chunk(bytes))).sum()
}

/// How many bytes of ASCII there are at the beginning.
pub(crate) fn ascii_len(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let high = u64::from_le_bytes(*word) & 0x8080_8080_8080_8080;
        if high != 0 {
            return at * 8 + high.trailing_zeros() as usize / 8;
        }
    }
    words.len() * 8 + rest.iter().take_while(|byte| byte.is_ascii()).count()
}
