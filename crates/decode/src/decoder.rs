use scutch_document::Rejection;

use crate::codec::Codec;
use crate::{Config, STAGE, binary, declared, unicode};

/// What is known of a document's encoding besides its bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// The charset that HTTP or the WARC record gave.
    pub charset: Option<&'a str>,
    /// Whether to look for an XML declaration or a `<meta>` element.
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
    /// A declared label that the bytes contradict.
    pub overruled: Option<String>,
    pub(crate) codec: Codec,
    /// Length of the byte order mark.
    pub(crate) bom: usize,
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
        let found = |codec: Codec, confidence, evidence| Detection {
            encoding: codec.name(),
            confidence,
            evidence,
            overruled: None,
            codec,
            bom: 0,
        };
        if let Some((codec, bom)) = declared::bom(bytes) {
            return Ok(Detection { bom, ..found(codec, 1.0, Evidence::Bom) });
        }
        if let Some(kind) = binary::signature(bytes) {
            return Err(Rejection::new(STAGE, "binary", kind));
        }
        let sample = &bytes[..bytes.len().min(self.sample)];
        if let Some(codec) = unicode::wide(sample) {
            return Ok(found(codec, 0.99, Evidence::Structure));
        }
        let controls = binary::control_share(sample);
        if controls > 0.02 {
            let detail = format!("{:.0} % control characters", controls * 100.0);
            return Err(Rejection::new(STAGE, "binary", detail));
        }
        let label = hints.charset.or_else(|| declared::label(bytes).filter(|_| hints.html));
        let declared = label.and_then(Codec::by_label);
        let utf8 = unicode::utf8(sample);
        let detection = if utf8.errors == 0 && (utf8.ascii || declared.is_none()) {
            let evidence = if utf8.ascii { Evidence::Ascii } else { Evidence::Utf8 };
            found(Codec::Utf8, 1.0, evidence)
        } else if utf8.likely() {
            found(Codec::Utf8, 0.99, Evidence::Utf8)
        } else if let Some(codec) =
            declared.filter(|&codec| codec != Codec::Utf8 && codec.decode(sample).1 == 0)
        {
            found(codec, 0.95, Evidence::Declared)
        } else {
            let mut detector =
                chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
            detector.feed(sample, sample.len() == bytes.len());
            let tld = hints.tld.map(str::to_ascii_lowercase);
            let tld =
                tld.as_deref().filter(|tld| tld.bytes().all(|byte| byte.is_ascii_lowercase()));
            let encoding = detector.guess(tld.map(str::as_bytes), chardetng::Utf8Detection::Deny);
            found(Codec::Web(encoding), 0.7, Evidence::Statistics)
        };
        let agrees = declared.is_none_or(|codec| codec == detection.codec)
            || detection.evidence == Evidence::Ascii;
        Ok(Detection { overruled: label.filter(|_| !agrees).map(str::to_owned), ..detection })
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
        if malformed > 2 + (text.chars().count() as f32 * self.max_malformed) as usize {
            let detail = format!("{malformed} malformed sequences as {}", detection.encoding);
            return Err(Rejection::new(STAGE, "undecodable", detail));
        }
        Ok(Decoded { text, detection, malformed })
    }
}
