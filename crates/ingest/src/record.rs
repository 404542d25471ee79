use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use crate::decompress::Codec;
use crate::jsonl::{self, Jsonl};
use crate::parquet::Parquet;
use crate::stream::{Caps, Damage, Fault, Stream};
use crate::text::Text;
use crate::warc::Warc;
use crate::{Config, Error, Format, Source};

/// Bytes of a record that are kept where it is too large or too damaged to be kept whole.
pub(crate) const EXCERPT: usize = 64 << 10;

/// One record of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The source's name.
    pub source: Arc<str>,
    /// The record's place in the source, counted from 0.
    pub number: u64,
    /// The id that the record itself carries.
    pub source_id: Option<String>,
    /// The page's address.
    pub url: Option<String>,
    /// The record's other fields, as a JSON object with its keys in the record's order.
    pub meta: Option<String>,
    /// What it holds.
    pub body: Body,
}

/// What a record holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Text, from a format that knows its encoding.
    Text(String),
    /// Bytes that are to be decoded.
    Bytes {
        /// The bytes.
        bytes: Vec<u8>,
        /// What they are once decoded.
        kind: Kind,
        /// The encoding that came with them, as it was written there.
        charset: Option<String>,
    },
    /// A record, or the rest of a file, that cannot be read.
    Broken {
        /// A short snake_case reason to group by: `bad_http`, `bad_json`, `bad_warc`, `bomb`,
        /// `clipped`, `corrupt`, `invalid_utf8`, `missing_text`, `not_text`, `too_large`,
        /// `unsupported`.
        reason: &'static str,
        /// One line for a person, with the place in the file.
        detail: String,
        /// Its bytes; only the first 64 KiB where it is too large or the file is damaged.
        raw: Vec<u8>,
    },
}

/// What bytes are once they are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text as it is.
    Plain,
    /// HTML, for [`crate::html_to_text`].
    Html,
}

/// The records of one source, in its order.
pub struct Records {
    source: Source,
    number: u64,
    /// None once the end is reached.
    reader: Option<Box<dyn Reader>>,
}

impl std::fmt::Debug for Records {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Records")
            .field("source", &self.source)
            .field("number", &self.number)
            .finish()
    }
}

impl Records {
    /// Bytes of the file read so far.
    pub fn position(&self) -> u64 {
        self.reader.as_ref().map_or(self.source.bytes, |reader| reader.position())
    }
}

impl Iterator for Records {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = match self.reader.as_mut()?.next() {
            Ok(Some(item)) => item,
            Ok(None) => {
                self.reader = None;
                return None;
            }
            Err(source) => {
                self.reader = None;
                return Some(Err(Error::Read { path: self.source.path.clone(), source }));
            }
        };
        let number = self.number;
        self.number += 1;
        Some(Ok(Record {
            source: self.source.name.clone(),
            number,
            source_id: item.source_id,
            url: item.url,
            meta: item.meta,
            body: item.body,
        }))
    }
}

/// A format's reader. Errors are the machine's; damage is an item.
pub(crate) trait Reader: Send {
    fn next(&mut self) -> io::Result<Option<Item>>;
    /// Bytes of the file read so far.
    fn position(&self) -> u64;
}

/// A record without its place.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) source_id: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) meta: Option<String>,
    pub(crate) body: Body,
}

impl From<Body> for Item {
    fn from(body: Body) -> Self {
        Self { source_id: None, url: None, meta: None, body }
    }
}

impl Item {
    pub(crate) fn broken(reason: &'static str, detail: String, raw: &[u8]) -> Self {
        Body::Broken { reason, detail, raw: raw.to_vec() }.into()
    }
}

/// The item for the rest of a damaged file, if it ended in damage; `raw` is what is left of it.
pub(crate) fn last_item(fault: Option<Fault>, place: &str, raw: &[u8]) -> io::Result<Option<Item>> {
    match fault {
        None => Ok(None),
        Some(Fault::Machine(error)) => Err(error),
        Some(Fault::Damage(Damage { reason, detail })) => {
            let raw = &raw[..raw.len().min(EXCERPT)];
            Ok(Some(Item::broken(reason, format!("{detail}{place}"), raw)))
        }
    }
}

/// Opens a source. What it holds is told by its ending, and by its first bytes where the ending says
/// nothing; how it is compressed is told by its first bytes alone.
///
/// # Errors
/// When the file cannot be opened or read.
pub fn open(source: &Source, config: &Config) -> Result<Records, Error> {
    let read_error = |error| Error::Read { path: source.path.clone(), source: error };
    let reader = open_reader(source, config).map_err(read_error)?;
    Ok(Records { source: source.clone(), number: 0, reader: Some(reader) })
}

fn open_reader(source: &Source, config: &Config) -> io::Result<Box<dyn Reader>> {
    let name = source.name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let (stem, packed) = split_compression(&name);
    let ending = stem.rsplit_once('.').map_or("", |(_, ending)| ending);
    let file = || File::open(&source.path);
    if UNSUPPORTED.contains(&ending) {
        let detail = format!(".{ending} files are not supported: unpack it first");
        return Ok(Box::new(Single::unsupported(detail, file()?)?));
    }
    let caps = Caps { ratio: config.max_ratio, size: config.max_size };
    let mut stream = match Stream::new(file()?, source.bytes, caps)? {
        Ok(stream) => stream,
        Err(codec) => {
            let codec = codec.name();
            let detail = format!("{codec} compression is not supported: decompress it first");
            return Ok(Box::new(Single::unsupported(detail, file()?)?));
        }
    };
    stream.peek(EXCERPT);
    let codec = stream.codec();
    let head = stream.at_hand();
    let head = &head[..head.len().min(EXCERPT)];
    if packed && codec == Codec::None && !looks_like_text(head) {
        let reason = if head.len() < MAX_CUT { "clipped" } else { "corrupt" };
        let detail = "the ending says compressed, the first bytes do not".to_owned();
        return Ok(Box::new(Single(Some(Item::broken(reason, detail, head)))));
    }
    let format = Format::of_ending(ending, config).unwrap_or_else(|| sniff(head));
    Ok(match format {
        Format::Json if jsonl::begins_with_text(head, config) => {
            Box::new(Jsonl::new(stream, config))
        }
        Format::Jsonl if jsonl::is_utf16(head) => {
            let detail = "JSON lines in UTF-16 are not supported: convert them to UTF-8 first, as \
                          `scutch decode` does";
            Box::new(Single::unsupported(detail.to_owned(), file()?)?)
        }
        Format::Jsonl => Box::new(Jsonl::new(stream, config)),
        Format::Json if jsonl::is_array_of_objects(head) => {
            let detail = "an array of JSON objects is not supported: write one object a line, as \
                          `jq -c '.[]'` does";
            Box::new(Single::unsupported(detail.to_owned(), file()?)?)
        }
        Format::Parquet if codec == Codec::None => match Parquet::open(file()?, config)? {
            Ok(parquet) => Box::new(parquet),
            Err(item) => Box::new(Single(Some(item))),
        },
        Format::Parquet => {
            let codec = codec.name();
            let detail = format!("Parquet within {codec} is not supported: decompress it first");
            Box::new(Single::unsupported(detail, file()?)?)
        }
        Format::Warc => Box::new(Warc::new(stream, config)),
        Format::Html => Box::new(Text::new(stream, Kind::Html, config)),
        Format::Text | Format::Json => Box::new(Text::new(stream, Kind::Plain, config)),
    })
}

/// Endings of compressions and archives that are not read.
const UNSUPPORTED: [&str; 10] = ["xz", "lzma", "br", "z", "tar", "tgz", "tbz2", "zip", "7z", "rar"];
/// Below this length a compressed file can be cut within its magic number.
const MAX_CUT: usize = 8;

/// Takes a compression's ending off; says whether there was one.
fn split_compression(name: &str) -> (&str, bool) {
    match name.rsplit_once('.') {
        Some((stem, "gz" | "gzip" | "zst" | "zstd" | "bz2" | "lz4")) => (stem, true),
        _ => (name, false),
    }
}

/// Text as a browser or a user may have left it, decompressed under its old name.
fn looks_like_text(head: &[u8]) -> bool {
    // One sequence may be cut at the end.
    head.len() >= MAX_CUT && !head.contains(&0) && head.utf8_chunks().count() <= 2
}

/// What data without a telling ending holds.
fn sniff(head: &[u8]) -> Format {
    match head {
        [b'W', b'A', b'R', b'C', b'/', b'0'..=b'9', ..] => Format::Warc,
        [b'P', b'A', b'R', b'1', ..] => Format::Parquet,
        _ => Format::Text,
    }
}

/// A source of one item, known beforehand.
struct Single(Option<Item>);

impl Single {
    fn unsupported(detail: String, file: File) -> io::Result<Self> {
        let mut raw = Vec::new();
        file.take(EXCERPT as u64).read_to_end(&mut raw)?;
        Ok(Self(Some(Item::broken("unsupported", detail, &raw))))
    }
}

impl Reader for Single {
    fn next(&mut self) -> io::Result<Option<Item>> {
        Ok(self.0.take())
    }

    fn position(&self) -> u64 {
        0
    }
}
