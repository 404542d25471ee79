//! East Asian encodings that the WHATWG standard leaves out, brought back to ones that it holds.

use encoding_rs::{DecoderResult, EUC_KR, Encoding, GBK};

use crate::codec::Progress;

/// Appends the character that `pair` means in `encoding`; whether there is one.
fn push_pair(encoding: &'static Encoding, pair: [u8; 2], out: &mut String) -> bool {
    let mut buffer = [0; 16];
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let (result, _, len) = decoder.decode_to_utf8_without_replacement(&pair, &mut buffer, true);
    let text = std::str::from_utf8(&buffer[..len]).unwrap_or_default();
    let valid = result == DecoderResult::InputEmpty;
    out.push_str(if valid { text } else { "\u{fffd}" });
    valid
}

/// Seven-bit encodings that shift between ASCII and a set of 94 by 94 characters.
pub(crate) struct Shift {
    encoding: &'static Encoding,
    /// What shifts into the set, what shifts out of it, and what is left out.
    marks: [&'static [u8]; 3],
    shifted: bool,
}

impl Shift {
    pub(crate) fn hz() -> Self {
        Self { encoding: GBK, marks: [b"~{", b"~}", b"~\n"], shifted: false }
    }

    pub(crate) fn iso_2022_kr() -> Self {
        Self { encoding: EUC_KR, marks: [b"\x0e", b"\x0f", b"\x1b$)C"], shifted: false }
    }

    pub(crate) fn feed(&mut self, bytes: &[u8], out: &mut String) -> Progress {
        let mut malformed = 0;
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let [into, out_of, nothing] = self.marks;
            if rest.starts_with(into) {
                self.shifted = true;
                at += into.len();
            } else if rest.starts_with(out_of) {
                self.shifted = false;
                at += out_of.len();
            } else if rest.starts_with(nothing) {
                at += nothing.len();
            } else if self.marks.iter().any(|mark| mark.starts_with(rest)) {
                break;
            } else if rest.starts_with(b"~~") && self.encoding == GBK && !self.shifted {
                out.push('~');
                at += 2;
            } else if !self.shifted || rest[0] <= b' ' {
                let valid = rest[0].is_ascii();
                out.push(if valid { char::from(rest[0]) } else { '\u{fffd}' });
                malformed += usize::from(!valid);
                at += 1;
            } else if let &[first, second, ..] = rest {
                let valid = push_pair(self.encoding, [first | 0x80, second | 0x80], out);
                malformed += usize::from(!valid);
                at += 2;
            } else {
                break;
            }
        }
        Progress { done: at, malformed }
    }
}

/// Runs `pair` over the characters of more than one byte: it gives the length, and whether the
/// sequence was well-formed; `None` when the sequence is clipped.
fn multibyte(
    bytes: &[u8],
    out: &mut String,
    mut pair: impl FnMut(&[u8], &mut String) -> Option<(usize, bool)>,
) -> Progress {
    let (mut at, mut malformed) = (0, 0);
    while at < bytes.len() {
        if bytes[at].is_ascii() {
            out.push(char::from(bytes[at]));
            at += 1;
            continue;
        }
        let Some((len, valid)) = pair(&bytes[at..], out) else { break };
        at += len;
        malformed += usize::from(!valid);
    }
    Progress { done: at, malformed }
}

/// Decodes Johab: syllables are put together from their letters, the rest is KS X 1001.
pub(crate) fn johab(bytes: &[u8], out: &mut String) -> Progress {
    multibyte(bytes, out, |rest, out| {
        let &[first, second, ..] = rest else { return None };
        let valid = match first {
            0x84..=0xd3 => match syllable(u16::from_be_bytes([first, second])) {
                Some(c) => {
                    out.push(c);
                    true
                }
                None => {
                    out.push('\u{fffd}');
                    false
                }
            },
            0xd9..=0xde | 0xe0..=0xf9 if matches!(second, 0x31..=0x7e | 0x91..=0xfe) => {
                let cell = second - if second < 0x91 { 0x31 } else { 0x43 };
                let row = if first < 0xe0 {
                    0x21 + 2 * (first - 0xd9)
                } else {
                    0x4a + 2 * (first - 0xe0)
                };
                let pair = [(row + cell / 94) | 0x80, (0x21 + cell % 94) | 0x80];
                push_pair(EUC_KR, pair, out)
            }
            _ => {
                out.push('\u{fffd}');
                false
            }
        };
        // The second byte of a malformed pair may be a character of its own.
        Some((if valid || !second.is_ascii() { 2 } else { 1 }, valid))
    })
}

/// The syllable, or the single letter, of five bits each for beginning, middle and end.
fn syllable(code: u16) -> Option<char> {
    const FIRST: [char; 19] = [
        'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ',
        'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ',
    ];
    const LAST: [char; 28] = [
        '\0', 'ㄱ', 'ㄲ', 'ㄳ', 'ㄴ', 'ㄵ', 'ㄶ', 'ㄷ', 'ㄹ', 'ㄺ', 'ㄻ', 'ㄼ', 'ㄽ', 'ㄾ', 'ㄿ',
        'ㅀ', 'ㅁ', 'ㅂ', 'ㅄ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ',
    ];
    let bits = |shift: u16| u32::from(code >> shift & 31);
    let first = match bits(10) {
        1 => None,
        n @ 2..=20 => Some(n - 2),
        _ => return None,
    };
    let middle = match bits(5) {
        2 => None,
        n @ 3..=7 => Some(n - 3),
        n @ 10..=15 => Some(n - 5),
        n @ 18..=23 => Some(n - 7),
        n @ 26..=29 => Some(n - 9),
        _ => return None,
    };
    let last = match bits(0) {
        n @ 1..=17 => n - 1,
        n @ 19..=29 => n - 2,
        _ => return None,
    };
    match (first, middle, last) {
        (Some(first), Some(middle), last) => {
            char::from_u32(0xac00 + (first * 21 + middle) * 28 + last)
        }
        (Some(first), None, 0) => Some(FIRST[first as usize]),
        (None, Some(middle), 0) => char::from_u32(0x314f + middle),
        (None, None, last) if last > 0 => Some(LAST[last as usize]),
        _ => None,
    }
}

/// Planes 1 and 2 of CNS 11643, generated by `scripts/decode_tables.py`.
static CNS: &[u8] = include_bytes!("../data/cns11643.bin");

/// Decodes EUC-TW.
pub(crate) fn euc_tw(bytes: &[u8], out: &mut String) -> Progress {
    multibyte(bytes, out, |rest, out| {
        let (plane, pair) = match rest {
            [0x8e, plane @ 0xa1..=0xa2, first, second, ..] => (plane - 0xa1, [*first, *second]),
            [0x8e, 0xa1..=0xa2, ..] | [0x8e] | [0xa1..=0xff] => return None,
            [first @ 0xa1..=0xff, second, ..] => (0, [*first, *second]),
            _ => {
                out.push('\u{fffd}');
                return Some((1, false));
            }
        };
        let c = cell(plane, pair);
        out.push(c.unwrap_or('\u{fffd}'));
        let len = if rest[0] == 0x8e { 4 } else { 2 };
        Some((if c.is_some() || !pair[1].is_ascii() { len } else { 1 }, c.is_some()))
    })
}

fn cell(plane: u8, pair: [u8; 2]) -> Option<char> {
    let [row, column] = pair.map(|byte| usize::from(byte.wrapping_sub(0xa1)));
    let at = 2 * ((usize::from(plane) * 94 + row) * 94 + column);
    let unit = u16::from_le_bytes([*CNS.get(at)?, *CNS.get(at + 1)?]);
    char::from_u32(unit.into()).filter(|&c| c != '\0' && row < 94 && column < 94)
}
