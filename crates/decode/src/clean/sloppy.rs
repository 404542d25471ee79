//! The encodings that UTF-8 gets read in by mistake, as tables from characters to bytes.
//!
//! They are sloppy: a byte that an encoding leaves undefined is the C1 control of that number, and
//! so is one that it defines, since Latin-1 and windows-1252 often take turns.

use std::sync::LazyLock;

use encoding_rs as web;

use crate::codec::Codec;

/// Characters from here on are in none of the encodings.
const END: usize = 0x2600;

/// Encodings that text is commonly misread in, the likeliest first.
static ENCODINGS: LazyLock<Vec<Codec>> = LazyLock::new(|| {
    let webs = [
        web::WINDOWS_1252,
        web::WINDOWS_1251,
        web::WINDOWS_1250,
        web::ISO_8859_2,
        web::MACINTOSH,
        web::WINDOWS_1254,
        web::WINDOWS_1257,
        web::WINDOWS_1253,
    ];
    webs.into_iter().map(Codec::Web).chain(Codec::by_label("cp437")).collect()
});

/// One bit an encoding.
pub(super) type Mask = u16;

pub(super) static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let all: Vec<u8> = (0x80..=0xff).collect();
    let bytes: Vec<Vec<u8>> = ENCODINGS
        .iter()
        .map(|codec| {
            let mut of = vec![0; END];
            for byte in 0x80..0xa0 {
                of[usize::from(byte)] = byte;
            }
            for &byte in &all {
                let c = codec.decode(&[byte]).0.chars().next().map_or(0, |c| c as usize);
                if c < END {
                    of[c] = byte;
                }
            }
            of
        })
        .collect();
    let mut shape = vec![(0, 0); END];
    for (at, of) in bytes.iter().enumerate() {
        for (c, &byte) in of.iter().enumerate() {
            shape[c].0 |= Mask::from((0xc2..0xf5).contains(&byte)) << at;
            shape[c].1 |= Mask::from((0x80..0xc0).contains(&byte)) << at;
        }
    }
    Tables { bytes, shape }
});

/// See [`TABLES`].
pub(super) struct Tables {
    bytes: Vec<Vec<u8>>,
    /// In which encodings a character begins a sequence of UTF-8, and in which it goes on with one.
    shape: Vec<(Mask, Mask)>,
}

impl Tables {
    /// How many encodings there are.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// In which encodings `c` begins a sequence, and in which it continues one.
    pub(super) fn shape(&self, c: char) -> (Mask, Mask) {
        self.shape.get(c as usize).copied().unwrap_or_default()
    }

    /// The byte that `c` is in an encoding.
    pub(super) fn byte(&self, encoding: usize, c: char) -> Option<u8> {
        if c.is_ascii() {
            return Some(c as u8);
        }
        self.bytes[encoding].get(c as usize).copied().filter(|&byte| byte != 0)
    }
}
