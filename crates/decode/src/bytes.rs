//! Sweeps over bytes that the compiler turns into vector instructions.

/// How many of `bytes` are such ones.
pub(crate) fn count(bytes: &[u8], such: impl Fn(u8) -> bool) -> usize {
    let chunk = |chunk: &[u8]| chunk.iter().fold(0u8, |sum, &byte| sum + u8::from(such(byte)));
    bytes.chunks(255).map(|bytes| usize::from(chunk(bytes))).sum()
}

/// How many bytes of ASCII there are at the beginning.
pub(crate) fn ascii_len(bytes: &[u8]) -> usize {
    let (chunks, _) = bytes.as_chunks::<32>();
    let whole = chunks.iter().take_while(|chunk| chunk.is_ascii()).count() * 32;
    let rest = &bytes[whole..];
    whole + rest.iter().position(|byte| !byte.is_ascii()).unwrap_or(rest.len())
}
