//! A file's bytes, decompressed as they are read, capped, and with an end that can be told from
//! damage.

use std::io::{self, Cursor, Read};

use memchr::memchr;

use crate::decompress::{CHUNK, Codec, Decoder};

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
    /// The data broke in a place after which there may be more.
    resumable: bool,
}

impl Stream {
    /// Reads `file`, of about `size` bytes, decompressing what begins like compressed data.
    ///
    /// `Ok(Err)` where it begins like data of a compression that is not supported.
    pub(crate) fn new(
        file: impl Read + Send + 'static,
        size: u64,
        caps: Caps,
    ) -> io::Result<Result<Self, Codec>> {
        let (codec, decoder) = Decoder::new(Box::new(file), size)?;
        let Some(mut decoder) = decoder else { return Ok(Err(codec)) };
        // What was read to tell the codec need not be copied where there is none.
        let (buffer, end) = decoder.take_head();
        Ok(Ok(Self {
            decoder,
            codec,
            caps,
            produced: end as u64,
            buffer,
            start: 0,
            end,
            done: false,
            fault: None,
            resumable: false,
        }))
    }

    /// Bytes of the file read so far.
    pub(crate) fn position(&self) -> u64 {
        self.decoder.position()
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

    /// Consumes `n` bytes, as far as there are so many.
    pub(crate) fn skip(&mut self, mut n: u64) {
        while n > 0 && !self.peek(1).is_empty() {
            let here = self.at_hand().len().min(usize::try_from(n).unwrap_or(usize::MAX));
            self.consume(here);
            n -= here as u64;
        }
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

    /// Whether the last record, of `length` bytes at hand, is damaged as well: data that is not merely
    /// cut short goes on for a while as garbage before a decoder notices.
    pub(crate) fn is_tainted(&self, length: usize) -> bool {
        self.is_corrupt() && self.offset() + length as u64 > self.decoder.verified()
    }

    fn is_corrupt(&self) -> bool {
        matches!(&self.fault, Some(Fault::Damage(damage)) if damage.reason == "corrupt")
    }

    /// Goes on after damage, where that can be: at the next member of a gzip file. To be called once
    /// the fault is taken and everything at hand is consumed.
    pub(crate) fn resume(&mut self) -> io::Result<bool> {
        let goes_on = std::mem::take(&mut self.resumable) && self.decoder.resume()?;
        self.done = !goes_on;
        Ok(goes_on)
    }

    /// Reads once, on the way to `wanted` bytes at hand; sets `done` where nothing came.
    fn read_more(&mut self, wanted: usize) {
        self.make_room(wanted);
        match self.decoder.read(&mut self.buffer[self.end..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
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
                self.resumable = self.is_corrupt();
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
    let (size, caps) = (bytes.len() as u64, Caps { ratio: u64::MAX, size: max });
    let corrupt = |error: io::Error| Damage { reason: "corrupt", detail: error.to_string() };
    let mut stream = match Stream::new(Cursor::new(bytes), size, caps).map_err(corrupt)? {
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
