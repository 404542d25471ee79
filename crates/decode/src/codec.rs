use encoding_rs::{DecoderResult, Encoding};

use crate::asian::{self, Shift};
use crate::pages::{self, Page};
use crate::utf7;

/// Bytes of a single-byte encoding that are decoded at once.
const PIECE: usize = 1024;

/// An encoding that can be decoded, whole or in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    /// UTF-8.
    Utf8,
    /// Another one of the WHATWG Encoding Standard, UTF-16 included.
    Web(&'static Encoding),
    /// A single-byte encoding that the standard leaves out.
    Page(&'static Page),
    /// UTF-32, big-endian or little-endian.
    Utf32 { big: bool },
    /// UTF-7 (RFC 2152).
    Utf7,
    /// Simplified Chinese in seven bits (RFC 1843).
    Hz,
    /// Korean in seven bits (RFC 1557).
    Iso2022Kr,
    /// Korean by its letters (KS X 1001, annex 3).
    Johab,
    /// Traditional Chinese (CNS 11643, planes 1 and 2).
    EucTw,
}

impl Codec {
    /// The encoding that a charset label names, in any of its spellings.
    pub(crate) fn by_label(label: &str) -> Option<Self> {
        let label = label.trim().to_ascii_lowercase();
        let web = |label: &str| match Encoding::for_label_no_replacement(label.as_bytes())? {
            encoding if encoding == encoding_rs::UTF_8 => Some(Self::Utf8),
            // The standard decodes these two alike, and so are the next.
            encoding if encoding == encoding_rs::GBK => Some(Self::Web(encoding_rs::GB18030)),
            encoding if encoding == encoding_rs::ISO_8859_8_I => {
                Some(Self::Web(encoding_rs::ISO_8859_8))
            }
            encoding if encoding == encoding_rs::X_USER_DEFINED => None,
            encoding => Some(Self::Web(encoding)),
        };
        Some(match label.as_str() {
            "us-ascii" | "ascii" | "utf-8-sig" => Self::Utf8,
            "utf-32" | "utf-32le" | "utf32" => Self::Utf32 { big: false },
            "utf-32be" => Self::Utf32 { big: true },
            "utf-7" | "utf7" | "unicode-1-1-utf-7" => Self::Utf7,
            "hz-gb-2312" | "hz" => Self::Hz,
            "iso-2022-kr" | "csiso2022kr" => Self::Iso2022Kr,
            "johab" | "cp1361" | "ms1361" => Self::Johab,
            "euc-tw" | "euctw" | "x-euc-tw" => Self::EucTw,
            "cp932" | "ms932" => Self::Web(encoding_rs::SHIFT_JIS),
            "cp949" | "uhc" => Self::Web(encoding_rs::EUC_KR),
            "cp936" => Self::Web(encoding_rs::GB18030),
            "cp950" => Self::Web(encoding_rs::BIG5),
            "cp874" => Self::Web(encoding_rs::WINDOWS_874),
            "macroman" | "mac-roman" => Self::Web(encoding_rs::MACINTOSH),
            "maccyrillic" | "mac-cyrillic" => Self::Web(encoding_rs::X_MAC_CYRILLIC),
            other => return web(other).or_else(|| pages::by_label(other).map(Self::Page)),
        })
    }

    /// The WHATWG or IANA name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Web(encoding) => encoding.name(),
            Self::Page(page) => page.name,
            Self::Utf32 { big: true } => "UTF-32BE",
            Self::Utf32 { big: false } => "UTF-32LE",
            Self::Utf7 => "UTF-7",
            Self::Hz => "HZ-GB-2312",
            Self::Iso2022Kr => "ISO-2022-KR",
            Self::Johab => "Johab",
            Self::EucTw => "EUC-TW",
        }
    }

    /// A decoder for one stream of bytes, which begins after any byte order mark.
    pub(crate) fn stream(self) -> Stream {
        Stream {
            state: match self {
                Self::Utf8 => State::Web(encoding_rs::UTF_8.new_decoder_without_bom_handling()),
                Self::Web(encoding) => State::Web(encoding.new_decoder_without_bom_handling()),
                Self::Page(page) => State::Page(page),
                Self::Utf32 { big } => State::Utf32 { big },
                Self::Utf7 => State::Utf7(utf7::Utf7::default()),
                Self::Hz => State::Shift(Shift::hz()),
                Self::Iso2022Kr => State::Shift(Shift::iso_2022_kr()),
                Self::Johab => State::Whole(asian::johab),
                Self::EucTw => State::Whole(asian::euc_tw),
            },
            carry: Vec::new(),
        }
    }

    /// Decodes all of `bytes`: the text, and how many malformed sequences became U+FFFD.
    pub(crate) fn decode(self, bytes: &[u8]) -> (String, usize) {
        let mut text = String::new();
        let malformed = self.stream().feed(bytes, true, &mut text);
        (text, malformed)
    }
}

/// Decodes one stream piece by piece.
pub(crate) struct Stream {
    state: State,
    /// The beginning of a character whose end the next piece brings.
    carry: Vec<u8>,
}

enum State {
    Web(encoding_rs::Decoder),
    Page(&'static Page),
    Utf32 {
        big: bool,
    },
    Utf7(utf7::Utf7),
    Shift(Shift),
    /// Decodes the whole characters of a piece.
    Whole(fn(&[u8], &mut String) -> Progress),
}

/// How far a piece was decoded.
pub(crate) struct Progress {
    /// Bytes of whole characters, malformed ones included.
    pub(crate) done: usize,
    pub(crate) malformed: usize,
}

impl Stream {
    /// Appends what `bytes` decode to; returns the number of malformed sequences among them.
    pub(crate) fn feed(&mut self, bytes: &[u8], last: bool, out: &mut String) -> usize {
        if let State::Web(decoder) = &mut self.state {
            return feed_web(decoder, bytes, last, out);
        }
        let joined;
        let bytes = if self.carry.is_empty() {
            bytes
        } else {
            self.carry.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.carry);
            &joined[..]
        };
        let Progress { done, malformed } = match &mut self.state {
            State::Web(_) => Progress { done: bytes.len(), malformed: 0 },
            State::Page(page) => single(bytes, page, out),
            State::Utf32 { big } => utf32(bytes, *big, out),
            State::Utf7(utf7) => utf7.feed(bytes, last, out),
            State::Shift(shift) => shift.feed(bytes, out),
            State::Whole(decode) => decode(bytes, out),
        };
        let rest = &bytes[done..];
        if !last {
            self.carry = rest.to_vec();
        } else if !rest.is_empty() {
            out.push('\u{fffd}');
            return malformed + 1;
        }
        malformed
    }
}

fn feed_web(
    decoder: &mut encoding_rs::Decoder,
    mut bytes: &[u8],
    last: bool,
    out: &mut String,
) -> usize {
    let mut malformed = 0;
    loop {
        let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
        out.reserve(room.unwrap_or(bytes.len()));
        let (result, read) = decoder.decode_to_string_without_replacement(bytes, out, last);
        bytes = &bytes[read..];
        match result {
            DecoderResult::InputEmpty => return malformed,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                malformed += 1;
                out.push('\u{fffd}');
            }
        }
    }
}

fn single(bytes: &[u8], page: &Page, out: &mut String) -> Progress {
    let mut malformed = 0;
    out.reserve(bytes.len() + bytes.len() / 2);
    let mut buffer = [0; 3 * PIECE];
    for piece in bytes.chunks(PIECE) {
        let mut end = 0;
        for &byte in piece {
            let [character @ .., len] = page.utf8[usize::from(byte)];
            // The next character takes the place of what is too much.
            buffer[end..end + 3].copy_from_slice(&character);
            end += usize::from(len);
            malformed += usize::from(page.points[usize::from(byte)] == '\u{fffd}');
        }
        out.push_str(simdutf8::basic::from_utf8(&buffer[..end]).unwrap_or_default());
    }
    Progress { done: bytes.len(), malformed }
}

fn utf32(bytes: &[u8], big: bool, out: &mut String) -> Progress {
    let mut malformed = 0;
    let (units, _) = bytes.as_chunks::<4>();
    out.reserve(units.len());
    for &unit in units {
        let code = if big { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) };
        out.push(char::from_u32(code).unwrap_or_else(|| {
            malformed += 1;
            '\u{fffd}'
        }));
    }
    Progress { done: units.len() * 4, malformed }
}
