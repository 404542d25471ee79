//! Recognising the encodings of Unicode by their form.

use crate::codec::Codec;

/// How well a sample fits UTF-8.
pub(crate) struct Utf8 {
    /// Nothing but ASCII.
    pub(crate) ascii: bool,
    /// Well-formed sequences of two and more bytes.
    pub(crate) sequences: usize,
    /// Malformed sequences, a clipped one at the very end aside.
    pub(crate) errors: usize,
}

impl Utf8 {
    /// Whether it is UTF-8, if need be with a few damaged places.
    pub(crate) fn likely(&self) -> bool {
        !self.ascii && self.sequences > 0 && self.sequences >= 8 * self.errors
    }
}

pub(crate) fn utf8(sample: &[u8]) -> Utf8 {
    let ascii = sample.is_ascii();
    if ascii {
        return Utf8 { ascii, sequences: 0, errors: 0 };
    }
    let mut rest = sample;
    let (mut sequences, mut errors) = (0, 0);
    loop {
        let (valid, skip) = match simdutf8::compat::from_utf8(rest) {
            Ok(text) => (text, None),
            Err(error) => {
                let valid = simdutf8::basic::from_utf8(&rest[..error.valid_up_to()]);
                (valid.unwrap_or_default(), error.error_len().map(|len| valid_end(&error) + len))
            }
        };
        sequences += valid.bytes().filter(|&byte| byte >= 0xc0).count();
        let Some(skip) = skip else { break };
        errors += 1;
        rest = &rest[skip..];
    }
    Utf8 { ascii, sequences, errors }
}

fn valid_end(error: &simdutf8::compat::Utf8Error) -> usize {
    error.valid_up_to()
}

/// UTF-16 or UTF-32 without a byte order mark.
pub(crate) fn wide(sample: &[u8]) -> Option<Codec> {
    let mut zeros = [0usize; 4];
    for (at, &byte) in sample.iter().enumerate() {
        zeros[at % 4] += usize::from(byte == 0);
    }
    let quarter = sample.len() / 4;
    if quarter == 0 {
        return None;
    }
    let most = |lane: usize| zeros[lane] * 10 >= quarter * 9;
    let few = |lane: usize| zeros[lane] * 10 <= quarter;
    let codec = match (most(0), most(1), most(2), most(3)) {
        (true, true, _, false) => Codec::Utf32 { big: true },
        (false, _, true, true) => Codec::Utf32 { big: false },
        _ if zeros[0] + zeros[2] > quarter / 2 && few(1) && few(3) => {
            Codec::Web(encoding_rs::UTF_16BE)
        }
        _ if zeros[1] + zeros[3] > quarter / 2 && few(0) && few(2) => {
            Codec::Web(encoding_rs::UTF_16LE)
        }
        _ => return None,
    };
    let even = &sample[..sample.len() / 4 * 4];
    let (text, malformed) = codec.decode(even);
    (malformed <= 1 + text.len() / 100).then_some(codec)
}
