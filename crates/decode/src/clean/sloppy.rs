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
                let c = codec.decode(&[byte]).0.chars().next();
                let c = c.filter(|&c| c != '\u{fffd}').map_or(byte.into(), |c| c as usize);
                if c < END {
                    of[c] = byte;
                }
            }
            of
        })
        .collect();
    let mut shape = vec![Shape::default(); END];
    for (c, shape) in shape.iter_mut().enumerate() {
        shape.letter = Letter::of(char::from_u32(c as u32).unwrap_or_default());
        for (at, of) in bytes.iter().enumerate() {
            shape.begins |= Mask::from((0xc2..0xf5).contains(&of[c])) << at;
            shape.goes_on |= Mask::from((0x80..0xc0).contains(&of[c])) << at;
        }
    }
    Tables { bytes, shape }
});

/// See [`TABLES`].
pub(super) struct Tables {
    bytes: Vec<Vec<u8>>,
    shape: Vec<Shape>,
}

/// What a character may be a misread byte of.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shape {
    /// In which encodings it begins a sequence of UTF-8.
    pub(super) begins: Mask,
    /// In which encodings it goes on with one.
    pub(super) goes_on: Mask,
    pub(super) letter: Letter,
}

/// What kind of letter a character is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Letter {
    #[default]
    None,
    Lower,
    Upper,
    Caseless,
}

impl Letter {
    fn of(c: char) -> Self {
        match c {
            // The florin sign is a letter by its category only.
            _ if !c.is_alphabetic() || c == 'ƒ' => Self::None,
            _ if c.is_lowercase() => Self::Lower,
            _ if c.is_uppercase() => Self::Upper,
            _ => Self::Caseless,
        }
    }

    /// Whether it and the `next` one are not just letters of a word.
    pub(super) fn is_odd(self, next: Self) -> bool {
        use Letter::{Lower, None, Upper};
        matches!((self, next), (None, _) | (_, None) | (Lower, Upper) | (Upper, Lower))
    }
}

impl Tables {
    /// How many encodings there are.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// What the character of this code may be a byte of.
    pub(super) fn shape(&self, code: usize) -> Shape {
        self.shape.get(code).copied().unwrap_or_default()
    }

    /// The byte that `c` is in an encoding.
    pub(super) fn byte(&self, encoding: usize, c: char) -> Option<u8> {
        if c.is_ascii() {
            return Some(c as u8);
        }
        self.bytes[encoding].get(c as usize).copied().filter(|&byte| byte != 0)
    }
}
