//! A file's bytes, decompressed as they are read, capped, and with an end that can be told from
//! damage.

use std::io::{self, BufRead, Cursor, Read};

use bzip2::bufread::MultiBzDecoder;
use lz4_flex::frame::FrameDecoder as Lz4Decoder;
use memchr::memchr;
use zstd::stream::read::Decoder as ZstdDecoder;

#[expect(clippy::disallowed_types, reason = "this is the reader that goes on to the next member")]
type GzDecoder = flate2::bufread::GzDecoder<Counted>;

const CHUNK: usize = 64 << 10;
/// Below this size nothing counts as a decompression bomb.
pub(crate) const RATIO_FLOOR: u64 = 64 << 20;

/// Why the rest of a file cannot be read.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The machine failed.
    Machine(io::Error),
    /// The data is not what it should be.
    Damage(Damage),
}

/// What is wrong with the data: a reason to group by and a line for a person.
#[derive(Debug, Clone)]
pub(crate) struct Damage {
    pub(crate) reason: &'static str,
    pub(crate) detail: String,
}

/// What a decompressed file may grow to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caps {
    pub(crate) ratio: u64,
    pub(crate) size: u64,
}

/// How data is compressed, told by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    None,
    Gzip,
    Zstd,
    Bzip2,
    Lz4,
    Xz,
}

impl Codec {
    pub(crate) fn of_magic(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            // The first block's magic, or the end's in an empty file.
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, ..] => Self::Bzip2,
            [0x04, 0x22, 0x4d, 0x18, ..] => Self::Lz4,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            _ => Self::None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Lz4 => "lz4",
            Self::Xz => "xz",
        }
    }
}

/// A window onto decompressed bytes that grows on demand.
pub(crate) struct Stream {
    decoder: Decoder,
    codec: Codec,
    caps: Caps,
    /// Bytes decompressed so far.
    produced: u64,
    /// `buffer[start..end]` is decompressed and not consumed yet.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Set once there is nothing more to come.
    done: bool,
    fault: Option<Fault>,
}

impl Stream {
    /// Reads `file`, decompressing what begins like compressed data.
    ///
    /// `Ok(Err)` where it begins like data of a compression that is not supported.
    pub(crate) fn new(
        file: impl Read + Send + 'static,
        caps: Caps,
    ) -> io::Result<Result<Self, Codec>> {
        let mut input = Counted::new(Box::new(file));
        input.fill_head()?;
        let codec = Codec::of_magic(input.buffered());
        let decoder = match codec {
            Codec::None => Decoder::Plain(input),
            Codec::Gzip => Decoder::Gzip(Box::new(Gzip(GzDecoder::new(input)))),
            Codec::Zstd => Decoder::Zstd(ZstdDecoder::with_buffer(input)?),
            Codec::Bzip2 => Decoder::Bzip2(MultiBzDecoder::new(input)),
            Codec::Lz4 => Decoder::Lz4(Lz4(Box::new(Lz4Decoder::new(input)))),
            Codec::Xz => return Ok(Err(codec)),
        };
        Ok(Ok(Self {
            decoder,
            codec,
            caps,
            produced: 0,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            done: false,
            fault: None,
        }))
    }

    /// Bytes of the file read so far.
    pub(crate) fn position(&self) -> u64 {
        self.decoder.input().consumed
    }

    /// Decompressed bytes consumed so far.
    pub(crate) fn offset(&self) -> u64 {
        self.produced - (self.end - self.start) as u64
    }

    /// How the file is compressed.
    pub(crate) fn codec(&self) -> Codec {
        self.codec
    }

    /// What is at hand, without reading more.
    pub(crate) fn at_hand(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// At least `n` bytes; fewer only where the data ends (see [`Self::take_fault`]).
    pub(crate) fn peek(&mut self, n: usize) -> &[u8] {
        while self.end - self.start < n && !self.done {
            self.read_more(n);
        }
        self.at_hand()
    }

    /// Consumes `n` bytes that are at hand.
    pub(crate) fn consume(&mut self, n: usize) {
        self.start += n;
        debug_assert!(self.start <= self.end);
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            if self.buffer.len() > 64 * CHUNK {
                self.buffer = Vec::new(); // a huge record is over
            }
        }
    }

    /// Consumes `n` bytes as far as there are any; returns how many there were.
    pub(crate) fn skip(&mut self, n: u64) -> u64 {
        let mut left = n;
        while left > 0 {
            let here = self.peek(1).len().min(usize::try_from(left).unwrap_or(usize::MAX));
            if here == 0 {
                break;
            }
            self.consume(here);
            left -= here as u64;
        }
        n - left
    }

    /// The length of the line that begins here, with its `\n`; `Err` of what is at hand when it is
    /// not over after `max` bytes, or when the data ends first.
    pub(crate) fn peek_line(&mut self, max: usize) -> Result<usize, usize> {
        let mut seen = 0;
        loop {
            if let Some(at) = memchr(b'\n', &self.at_hand()[seen..]) {
                let length = seen + at + 1;
                return if length <= max { Ok(length) } else { Err(length) };
            }
            seen = self.end - self.start;
            if seen > max || self.done {
                return Err(seen);
            }
            self.read_more(max);
        }
    }

    /// Consumes everything up to and with the next `\n`.
    pub(crate) fn skip_line(&mut self) {
        while !self.peek(1).is_empty() {
            match memchr(b'\n', self.at_hand()) {
                Some(at) => return self.consume(at + 1),
                None => self.consume(self.end - self.start),
            }
        }
    }

    /// Everything that is at hand.
    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        self.buffer.truncate(self.end);
        self.buffer.drain(..self.start);
        self.buffer.shrink_to_fit();
        self.buffer
    }

    /// Why the data ended, when that was not its proper end.
    pub(crate) fn take_fault(&mut self) -> Option<Fault> {
        if self.done { self.fault.take() } else { None }
    }

    /// Whether the data ended in damage that is more than being cut short.
    pub(crate) fn is_corrupt(&self) -> bool {
        matches!(&self.fault, Some(Fault::Damage(damage)) if damage.reason == "corrupt")
    }

    /// Reads once, on the way to `wanted` bytes at hand; sets `done` where nothing came.
    fn read_more(&mut self, wanted: usize) {
        self.make_room(wanted);
        match self.decoder.read(&mut self.buffer[self.end..]) {
            Ok(0) => self.done = true,
            Ok(n) => {
                self.end += n;
                self.produced += n as u64;
                if self.codec != Codec::None {
                    self.check_caps();
                }
            }
            Err(error) => {
                self.done = true;
                // Only the system's own errors have a number.
                self.fault = Some(match error.raw_os_error() {
                    Some(_) => Fault::Machine(error),
                    None => Fault::Damage(self.damage(&error)),
                });
            }
        }
    }

    /// Makes room at the buffer's end. What is at hand is moved only when a good part of the buffer
    /// is free, so that the cost of moving stays linear, and the buffer grows no larger than needed.
    fn make_room(&mut self, wanted: usize) {
        let length = self.buffer.len();
        if self.end < length {
            return;
        }
        if self.start > length / 4 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        } else {
            let enough = wanted.saturating_add(self.start + CHUNK);
            let grown = (length * 2).min(enough).max(length + CHUNK);
            self.buffer.reserve_exact(grown - length);
            self.buffer.resize(grown, 0);
        }
    }

    fn check_caps(&mut self) {
        let limit = self.caps.ratio.saturating_mul(self.position()).max(RATIO_FLOOR);
        if self.produced > limit.min(self.caps.size) {
            self.done = true;
            self.fault = Some(Fault::Damage(Damage {
                reason: "bomb",
                detail: format!(
                    "{} bytes of {} grow to more than {} bytes",
                    self.position(),
                    self.codec.name(),
                    limit.min(self.caps.size),
                ),
            }));
        }
    }

    fn damage(&self, error: &io::Error) -> Damage {
        let (codec, at) = (self.codec.name(), self.position());
        if error.kind() == io::ErrorKind::UnexpectedEof {
            let detail = format!("the {codec} data ends too early, at byte {at} of the file");
            Damage { reason: "clipped", detail }
        } else {
            let detail =
                format!("the {codec} data is damaged before byte {at} of the file: {error}");
            Damage { reason: "corrupt", detail }
        }
    }
}

/// Decompresses `bytes` to at most `max` bytes.
pub(crate) fn inflate(bytes: Vec<u8>, max: u64) -> Result<Vec<u8>, Damage> {
    let caps = Caps { ratio: u64::MAX, size: max };
    let corrupt = |error: io::Error| Damage { reason: "corrupt", detail: error.to_string() };
    let mut stream = match Stream::new(Cursor::new(bytes), caps).map_err(corrupt)? {
        Ok(stream) => stream,
        Err(codec) => {
            let detail = format!("{} compression is not supported", codec.name());
            return Err(Damage { reason: "unsupported", detail });
        }
    };
    stream.peek(usize::try_from(max).unwrap_or(usize::MAX).saturating_add(1));
    match stream.take_fault() {
        None => Ok(stream.into_bytes()),
        Some(Fault::Damage(damage)) => Err(damage),
        Some(Fault::Machine(error)) => Err(corrupt(error)),
    }
}

enum Decoder {
    Plain(Counted),
    Gzip(Box<Gzip>),
    Zstd(ZstdDecoder<'static, Counted>),
    Bzip2(MultiBzDecoder<Counted>),
    Lz4(Lz4),
}

impl Decoder {
    fn input(&self) -> &Counted {
        match self {
            Self::Plain(input) => input,
            Self::Gzip(gzip) => gzip.0.get_ref(),
            Self::Zstd(zstd) => zstd.get_ref(),
            Self::Bzip2(bzip2) => bzip2.get_ref(),
            Self::Lz4(lz4) => lz4.0.get_ref(),
        }
    }

    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(input) => input.read(out),
            Self::Gzip(gzip) => gzip.read(out),
            Self::Zstd(zstd) => zstd.read(out),
            Self::Bzip2(bzip2) => bzip2.read(out),
            Self::Lz4(lz4) => lz4.read(out),
        }
    }
}

/// All members of a gzip file, one after the other; padding with zero bytes is allowed, as gzip does.
struct Gzip(GzDecoder);

impl Gzip {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.0.read(out)?;
            if n > 0 {
                return Ok(n);
            }
            let input = self.0.get_mut();
            loop {
                let buffered = input.fill_buf()?;
                let zeros = buffered.iter().take_while(|&&byte| byte == 0).count();
                if buffered.is_empty() {
                    return Ok(0);
                }
                if zeros == 0 {
                    break;
                }
                input.consume(zeros);
            }
            let input = self.0.reset(Counted::new(Box::new(io::empty())));
            self.0.reset(input);
        }
    }
}

/// All frames of an LZ4 file, one after the other.
struct Lz4(Box<Lz4Decoder<Counted>>);

impl Lz4 {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.0.read(out)?;
            if n > 0 || self.0.get_mut().fill_buf()?.is_empty() {
                return Ok(n);
            }
        }
    }
}

/// A buffered reader that counts what is consumed.
struct Counted {
    inner: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    consumed: u64,
}

impl Counted {
    fn new(inner: Box<dyn Read + Send>) -> Self {
        Self { inner, buffer: Vec::new(), start: 0, end: 0, consumed: 0 }
    }

    fn buffered(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Fills the buffer with the first bytes, more than any magic number is long.
    fn fill_head(&mut self) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(CHUNK, 0);
        while self.end < 16 {
            match self.read_inner(&mut buffer[self.end..])? {
                0 => break,
                n => self.end += n,
            }
        }
        self.buffer = buffer;
        Ok(())
    }

    fn read_inner(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.inner.read(out) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = if self.start < self.end {
            let n = out.len().min(self.end - self.start);
            out[..n].copy_from_slice(&self.buffer[self.start..self.start + n]);
            self.start += n;
            n
        } else {
            self.read_inner(out)?
        };
        self.consumed += n as u64;
        Ok(n)
    }
}

impl BufRead for Counted {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            let mut buffer = std::mem::take(&mut self.buffer);
            buffer.resize(CHUNK, 0);
            let read = self.read_inner(&mut buffer);
            self.buffer = buffer;
            (self.start, self.end) = (0, 0);
            self.end = read?;
        }
        Ok(self.buffered())
    }

    fn consume(&mut self, n: usize) {
        self.start += n;
        self.consumed += n as u64;
    }
}
