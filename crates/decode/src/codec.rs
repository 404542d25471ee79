use encoding_rs::{DecoderResult, Encoding};

/// An encoding that can be decoded, whole or in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    /// UTF-8.
    Utf8,
    /// Another one of the WHATWG Encoding Standard, UTF-16 included.
    Web(&'static Encoding),
    /// UTF-32, big-endian or little-endian.
    Utf32 { big: bool },
}

impl Codec {
    /// The encoding that a charset label names, in any of its spellings.
    pub(crate) fn by_label(label: &str) -> Option<Self> {
        let label = label.trim();
        match label.to_ascii_lowercase().as_str() {
            "utf-32" | "utf-32le" | "utf32" | "utf-32-le" => Some(Self::Utf32 { big: false }),
            "utf-32be" | "utf-32-be" => Some(Self::Utf32 { big: true }),
            _ => match Encoding::for_label_no_replacement(label.as_bytes())? {
                encoding if encoding == encoding_rs::UTF_8 => Some(Self::Utf8),
                encoding => Some(Self::Web(encoding)),
            },
        }
    }

    /// The WHATWG or IANA name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Web(encoding) => encoding.name(),
            Self::Utf32 { big: true } => "UTF-32BE",
            Self::Utf32 { big: false } => "UTF-32LE",
        }
    }

    /// A decoder for one stream of bytes, which begins after any byte order mark.
    pub(crate) fn stream(self) -> Stream {
        Stream {
            state: match self {
                Self::Utf8 => State::Web(encoding_rs::UTF_8.new_decoder_without_bom_handling()),
                Self::Web(encoding) => State::Web(encoding.new_decoder_without_bom_handling()),
                Self::Utf32 { big } => State::Utf32 { big },
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
    Utf32 { big: bool },
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
        let (done, malformed) = match self.state {
            State::Web(_) => (bytes.len(), 0),
            State::Utf32 { big } => utf32(bytes, big, out),
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
        out.reserve(room.unwrap_or(bytes.len()).min(4 * bytes.len() + 64));
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

/// Whole characters of `bytes`: how many bytes they took, and how many were malformed.
fn utf32(bytes: &[u8], big: bool, out: &mut String) -> (usize, usize) {
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
    (units.len() * 4, malformed)
}
