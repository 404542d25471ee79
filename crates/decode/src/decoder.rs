use scutch_document::Rejection;

use crate::bytes::ascii_len;
use crate::codec::Codec;
use crate::statistics::{self, Favour};
use crate::unicode::{self, Utf8};
use crate::{Config, STAGE, binary, declared, escape};

/// Share of control characters above which no text is expected.
const MANY_CONTROLS: f32 = 0.2;
/// Share of control characters from which on the rest must read well.
const SOME_CONTROLS: f32 = 0.01;
/// Bits for a pair of bytes above which they read badly in every encoding; text needs 4 to 7.
const NOISE: f32 = 9.0;

/// What is known of a document's encoding besides its bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// The charset that HTTP or the WARC record gave.
    pub charset: Option<&'a str>,
    /// Whether to look for an XML declaration or a `<meta>` element; where the bytes begin with `<`
    /// they are looked for in any case.
    pub html: bool,
    /// The last label of the host name, which tells of the language.
    pub tld: Option<&'a str>,
}

/// What an encoding was recognised by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// A byte order mark.
    Bom,
    /// Only ASCII bytes.
    Ascii,
    /// Sequences that hardly any text but UTF-8 holds.
    Utf8,
    /// The form of the bytes: zero bytes of UTF-16 and UTF-32, escape sequences.
    Structure,
    /// A declaration (HTTP, WARC, `<meta>`, XML) that the bytes do not contradict.
    Declared,
    /// Byte statistics.
    Statistics,
}

/// An encoding, and how it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// The encoding's WHATWG name, or its IANA name where WHATWG has none.
    pub encoding: &'static str,
    /// The probability that decoding with it gives the text that was meant.
    pub confidence: f32,
    /// What it was recognised by.
    pub evidence: Evidence,
    pub(crate) codec: Codec,
    /// Length of the byte order mark.
    pub(crate) bom: usize,
}

impl Detection {
    fn new(codec: Codec, confidence: f32, evidence: Evidence) -> Self {
        let encoding = codec.name();
        Self { encoding, confidence, evidence, codec, bom: 0 }
    }
}

/// A document's text.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The text; each malformed sequence is a U+FFFD.
    pub text: String,
    /// The encoding, and how it was found.
    pub detection: Detection,
    /// Number of malformed sequences.
    pub malformed: usize,
}

/// Turns bytes into text.
#[derive(Debug, Clone)]
pub struct Decoder {
    sample: usize,
    max_malformed: f32,
}

impl Decoder {
    /// A decoder with these settings.
    pub fn new(config: &Config) -> Self {
        Self { sample: config.sample, max_malformed: config.max_malformed }
    }

    /// Finds the encoding of `bytes`.
    ///
    /// # Errors
    /// Reason `binary` when they are no text.
    pub fn detect(&self, bytes: &[u8], hints: &Hints) -> Result<Detection, Rejection> {
        if let Some((codec, bom)) = declared::bom(bytes) {
            return Ok(Detection { bom, ..Detection::new(codec, 1.0, Evidence::Bom) });
        }
        if let Some(kind) = binary::signature(bytes) {
            return Err(Rejection::new(STAGE, "binary", kind));
        }
        let sample = self.sample(bytes);
        let utf8 = Utf8::count(sample);
        // Its blank in a twentieth of the bytes makes it no UTF-16.
        let ebcdic = statistics::maybe_ebcdic(sample);
        if (!utf8.valid() && !ebcdic || memchr::memchr(0, sample).is_some())
            && let Some(codec) = unicode::wide(sample)
        {
            return Ok(Detection::new(codec, 0.99, Evidence::Structure));
        }
        if utf8.ascii()
            && let Some(codec) = escape::seven_bit(sample)
        {
            return Ok(Detection::new(codec, 0.99, Evidence::Structure));
        }
        let controls = binary::control_share(sample);
        let noise = || {
            let detail = format!("{:.0} % control characters", controls * 100.0);
            Err(Rejection::new(STAGE, "binary", detail))
        };
        if controls > MANY_CONTROLS {
            return noise();
        }
        let markup = hints.html || bytes.trim_ascii_start().starts_with(b"<");
        let label = hints.charset.or_else(|| declared::label(bytes).filter(|_| markup));
        let declared = label.and_then(Codec::by_label);
        // Hebrew and Greek in EBCDIC hardly need the upper half.
        let ascii = utf8.ascii() && !ebcdic;
        Ok(if ascii {
            Detection::new(Codec::Utf8, 1.0, Evidence::Ascii)
        } else if utf8.valid() && !utf8.ascii() {
            Detection::new(Codec::Utf8, 1.0, Evidence::Utf8)
        } else if utf8.likely() {
            Detection::new(Codec::Utf8, 0.99, Evidence::Utf8)
        } else {
            let favour = Favour {
                codec: declared.filter(|&codec| codec != Codec::Utf8),
                languages: hints.tld.map_or(&[], languages_of),
            };
            match statistics::guess(sample, &favour) {
                Some(guess) if controls > SOME_CONTROLS && guess.bits > NOISE => return noise(),
                Some(guess) => {
                    let agrees = favour.codec == Some(guess.codec);
                    let evidence = if agrees { Evidence::Declared } else { Evidence::Statistics };
                    Detection::new(guess.codec, guess.confidence, evidence)
                }
                None => Detection::new(Codec::Utf8, 1.0, Evidence::Ascii),
            }
        })
    }

    /// The part that detection looks at: the beginning, or where bytes beyond ASCII begin.
    fn sample<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let head = &bytes[..bytes.len().min(self.sample)];
        // A character that the end of the head clips tells nothing.
        let whole = &head[..head.len().saturating_sub(3)];
        if head.len() == bytes.len() || !whole.is_ascii() {
            return head;
        }
        let first = ascii_len(bytes);
        if first == bytes.len() {
            return head;
        }
        let start = first - self.sample.min(first) / 8;
        &bytes[start..bytes.len().min(start + self.sample)]
    }

    /// Finds the encoding of `bytes` and decodes them.
    ///
    /// # Errors
    /// Reason `binary` when they are no text, `undecodable` when too much of them is malformed.
    pub fn decode(&self, bytes: &[u8], hints: &Hints) -> Result<Decoded, Rejection> {
        let detection = self.detect(bytes, hints)?;
        let body = &bytes[detection.bom..];
        let (text, malformed) = match detection.codec {
            Codec::Utf8 => match simdutf8::basic::from_utf8(body) {
                Ok(text) => (text.to_owned(), 0),
                Err(_) => Codec::Utf8.decode(body),
            },
            codec => codec.decode(body),
        };
        if malformed > 2 && malformed as f32 > self.max_malformed * text.chars().count() as f32 {
            let detail = format!("{malformed} malformed sequences as {}", detection.encoding);
            return Err(Rejection::new(STAGE, "undecodable", detail));
        }
        Ok(Decoded { text, detection, malformed })
    }
}

/// Languages of a country's pages, where the model has them.
fn languages_of(tld: &str) -> &'static [&'static str] {
    match tld.to_ascii_lowercase().as_str() {
        "al" => &["sq"],
        "at" | "de" | "ch" | "li" => &["de"],
        "bg" => &["bg"],
        "br" | "pt" => &["pt"],
        "by" => &["be", "ru"],
        "cat" => &["ca"],
        "cn" => &["zh"],
        "cz" => &["cs"],
        "dk" => &["da"],
        "ee" => &["et"],
        "es" | "mx" | "ar" | "cl" | "co" | "pe" | "ve" => &["es"],
        "fi" => &["fi"],
        "fr" => &["fr"],
        "gr" | "cy" => &["el"],
        "hk" | "tw" => &["zh-hant"],
        "hr" | "ba" => &["hr", "bs"],
        "hu" => &["hu"],
        "il" => &["he", "he-vis"],
        "is" => &["is"],
        "it" => &["it"],
        "jp" => &["ja"],
        "kr" => &["ko"],
        "kz" => &["kk", "ru"],
        "lt" => &["lt"],
        "lv" => &["lv"],
        "mk" => &["mk"],
        "mn" => &["mn"],
        "mt" => &["mt"],
        "nl" | "be" => &["nl"],
        "no" => &["nb", "nn"],
        "pl" => &["pl"],
        "ro" | "md" => &["ro"],
        "rs" => &["sr", "hr"],
        "ru" | "su" => &["ru"],
        "sa" | "ae" | "eg" | "ma" | "dz" | "sy" | "jo" | "kw" => &["ar"],
        "se" => &["sv"],
        "si" => &["sl"],
        "sk" => &["sk"],
        "th" => &["th"],
        "tj" => &["tg", "ru"],
        "tr" => &["tr"],
        "ua" => &["uk", "ru"],
        "vn" => &["vi"],
        _ => &[],
    }
}
