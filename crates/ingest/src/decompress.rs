//! Decompression of whole files: all members, frames or streams of one, to its last byte.

use std::io::{self, BufRead, Read};

use bzip2::bufread::MultiBzDecoder;
use lz4_flex::frame::FrameDecoder as Lz4Decoder;
use zstd::stream::read::Decoder as ZstdDecoder;

#[expect(clippy::disallowed_types, reason = "this is the reader that goes on to the next member")]
type GzDecoder = flate2::bufread::GzDecoder<Counted>;

/// Bytes that are read at a time.
pub(crate) const CHUNK: usize = 64 << 10;
/// Bytes of the longest magic number, and some.
const MAX_MAGIC: usize = 16;

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

/// A file under decompression.
pub(crate) enum Decoder {
    Plain(Counted),
    Gzip(Box<Gzip>),
    Zstd(ZstdDecoder<'static, Counted>),
    Bzip2(MultiBzDecoder<Counted>),
    Lz4(Lz4),
}

impl Decoder {
    /// Tells the codec of `file`, of about `size` bytes, by its first ones. No decoder where the codec
    /// is not supported.
    pub(crate) fn new(file: Box<dyn Read + Send>, size: u64) -> io::Result<(Codec, Option<Self>)> {
        let mut input = Counted::new(file);
        // A small file needs but a small buffer; one byte more shows that it is over.
        let size = usize::try_from(size).unwrap_or(CHUNK).saturating_add(1);
        input.refill(size.clamp(MAX_MAGIC, CHUNK))?;
        let codec = Codec::of_magic(input.buffered());
        let decoder = match codec {
            Codec::None => Self::Plain(input),
            Codec::Gzip => Self::Gzip(Box::new(Gzip::new(input))),
            Codec::Zstd => Self::Zstd(ZstdDecoder::with_buffer(input)?),
            Codec::Bzip2 => Self::Bzip2(MultiBzDecoder::new(input)),
            Codec::Lz4 => Self::Lz4(Lz4(Box::new(Lz4Decoder::new(input)))),
            Codec::Xz => return Ok((codec, None)),
        };
        Ok((codec, Some(decoder)))
    }

    /// Bytes of the file consumed so far.
    pub(crate) fn position(&self) -> u64 {
        match self {
            Self::Plain(input) => input.consumed,
            Self::Gzip(gzip) => gzip.member.get_ref().consumed,
            Self::Zstd(zstd) => zstd.get_ref().consumed,
            Self::Bzip2(bzip2) => bzip2.get_ref().consumed,
            Self::Lz4(lz4) => lz4.0.get_ref().consumed,
        }
    }

    /// Of the bytes produced, those whose checksum is known to be right, as far as that is known.
    pub(crate) fn verified(&self) -> u64 {
        if let Self::Gzip(gzip) = self { gzip.verified } else { 0 }
    }

    /// The first bytes of a file that is not compressed: a buffer, and how much of it is filled.
    pub(crate) fn take_head(&mut self) -> (Vec<u8>, usize) {
        if let Self::Plain(input) = self { input.take_head() } else { (Vec::new(), 0) }
    }

    /// Goes on behind damage, at the next member of a gzip file; false where there is none.
    pub(crate) fn resume(&mut self) -> io::Result<bool> {
        if let Self::Gzip(gzip) = self { gzip.next_member() } else { Ok(false) }
    }

    /// Reads decompressed bytes; 0 only at the end, or where `out` is empty.
    pub(crate) fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
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
pub(crate) struct Gzip {
    member: GzDecoder,
    /// Where it begins in the file.
    member_start: u64,
    produced: u64,
    /// Of all bytes produced, those whose checksum was right.
    verified: u64,
}

impl Gzip {
    fn new(input: Counted) -> Self {
        Self { member: GzDecoder::new(input), member_start: 0, produced: 0, verified: 0 }
    }

    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.member.read(out)?;
            self.produced += n as u64;
            if n == 0 {
                self.verified = self.produced;
            }
            if n > 0 || !self.member.get_mut().skip_to(|bytes| bytes[0] != 0)? {
                return Ok(n);
            }
            self.start_member();
        }
    }

    /// Begins anew where the input stands.
    fn start_member(&mut self) {
        let input = self.member.reset(Counted::new(Box::new(io::empty())));
        self.member_start = input.consumed;
        self.member.reset(input);
    }

    /// Passes over a damaged member, up to what begins like another. Damage can make a member seem
    /// longer than it is, so the search begins at its beginning, as far back as the buffer reaches.
    fn next_member(&mut self) -> io::Result<bool> {
        let input = self.member.get_mut();
        input.rewind(self.member_start + 1);
        let found = input.skip_to(|bytes| Codec::of_magic(bytes) == Codec::Gzip)?;
        self.start_member();
        Ok(found)
    }
}

/// All frames of an LZ4 file, one after the other.
pub(crate) struct Lz4(Box<Lz4Decoder<Counted>>);

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
pub(crate) struct Counted {
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

    /// Fills the buffer, of at least `size` bytes, up to its end or the file's: where a decoder meets
    /// damage must not depend on how much the system hands out at a time.
    fn refill(&mut self, size: usize) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        if self.buffer.len() < size {
            self.buffer.resize(size, 0);
        }
        while self.end < self.buffer.len() {
            match self.inner.read(&mut self.buffer[self.end..]) {
                Ok(0) => break,
                Ok(n) => self.end += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Hands the buffer over, and how much of it is filled; all of that counts as consumed.
    fn take_head(&mut self) -> (Vec<u8>, usize) {
        let end = std::mem::take(&mut self.end);
        self.consumed += end as u64;
        (std::mem::take(&mut self.buffer), end)
    }

    /// Takes back what was consumed from this position of the file on, as far as the buffer reaches.
    fn rewind(&mut self, position: u64) {
        let back = self.consumed.saturating_sub(position).min(self.start as u64);
        self.consumed -= back;
        self.start -= back as usize;
    }

    /// Passes over everything before the place where `begins` is true of the bytes from there on;
    /// false when there is no such place.
    fn skip_to(&mut self, begins: impl Fn(&[u8]) -> bool) -> io::Result<bool> {
        loop {
            if self.buffered().len() < MAX_MAGIC {
                self.refill(CHUNK)?;
            }
            let buffered = self.buffered();
            let length = buffered.len();
            if let Some(at) = (0..length).find(|&at| begins(&buffered[at..])) {
                self.consume(at);
                return Ok(true);
            }
            // The last bytes may be the beginning of what is looked for.
            self.consume(if length < MAX_MAGIC { length } else { length - MAX_MAGIC + 1 });
            if length < MAX_MAGIC {
                return Ok(false);
            }
        }
    }
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end {
            let n = self.inner.read(out)?;
            self.consumed += n as u64;
            return Ok(n);
        }
        let n = out.len().min(self.end - self.start);
        out[..n].copy_from_slice(&self.buffer[self.start..self.start + n]);
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Counted {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            self.refill(CHUNK)?;
        }
        Ok(self.buffered())
    }

    fn consume(&mut self, n: usize) {
        self.start += n;
        self.consumed += n as u64;
    }
}
