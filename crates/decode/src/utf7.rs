//! UTF-7 (RFC 2152).

use crate::codec::Progress;

/// A UTF-7 decoder between two pieces of its input.
#[derive(Default)]
pub(crate) struct Utf7 {
    /// Bits of a run of base64 that make no code unit yet, and how many they are.
    run: Option<(u32, u32)>,
    /// Whether the run has had no digit yet.
    empty: bool,
    /// The first half of a surrogate pair.
    high: Option<u16>,
}

impl Utf7 {
    pub(crate) fn feed(&mut self, bytes: &[u8], last: bool, out: &mut String) -> Progress {
        let mut malformed = 0;
        for &byte in bytes {
            match (self.run, digit(byte)) {
                (Some((bits, count)), Some(digit)) => {
                    self.empty = false;
                    let (bits, count) = (bits << 6 | digit, count + 6);
                    self.run = Some(if count < 16 {
                        (bits, count)
                    } else {
                        let rest = count - 16;
                        malformed += self.unit((bits >> rest) as u16, out);
                        (bits & ((1 << rest) - 1), rest)
                    });
                }
                (Some(_), None) => {
                    malformed += self.end(out);
                    match byte {
                        b'-' if self.empty => out.push('+'),
                        b'-' => {}
                        _ => malformed += plain(byte, out),
                    }
                }
                (None, _) if byte == b'+' => {
                    self.run = Some((0, 0));
                    self.empty = true;
                }
                (None, _) => malformed += plain(byte, out),
            }
        }
        if last {
            malformed += self.end(out);
        }
        Progress { done: bytes.len(), malformed }
    }

    fn unit(&mut self, unit: u16, out: &mut String) -> usize {
        let pair = self.high.take();
        let units = [pair.unwrap_or(unit), unit];
        let units = if pair.is_some() { &units[..] } else { &units[1..] };
        if pair.is_none() && (0xd800..0xdc00).contains(&unit) {
            self.high = Some(unit);
            return 0;
        }
        let mut malformed = 0;
        for c in char::decode_utf16(units.iter().copied()) {
            malformed += usize::from(c.is_err());
            out.push(c.unwrap_or('\u{fffd}'));
        }
        malformed
    }

    /// Ends a run: what is left of it must be padding.
    fn end(&mut self, out: &mut String) -> usize {
        let bits = self.run.take().map_or(0, |(bits, count)| if count < 6 { bits } else { 1 });
        let bad = bits != 0 || self.high.take().is_some();
        if bad {
            out.push('\u{fffd}');
        }
        usize::from(bad)
    }
}

fn plain(byte: u8, out: &mut String) -> usize {
    out.push(if byte.is_ascii() { char::from(byte) } else { '\u{fffd}' });
    usize::from(!byte.is_ascii())
}

/// The six bits that a byte of base64 stands for.
pub(crate) fn digit(byte: u8) -> Option<u32> {
    let digit = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(digit.into())
}
