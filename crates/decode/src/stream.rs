use std::io::{self, Read, Write};

use scutch_document::{Rejection, apply};

use crate::{Clean, Config, Decoder, Detection, Hints};

/// Bytes that are read at a time.
const PIECE: usize = 1 << 20;

/// Decodes and cleans a stream in bounded memory.
///
/// The encoding is found in the beginning of the stream; the text is cleaned in blocks that end at
/// a line's end, or after [`PIECE`] bytes of a line that is longer.
#[derive(Debug, Clone)]
pub struct Filter {
    decoder: Decoder,
    clean: Clean,
}

/// What went through a [`Filter`].
#[derive(Debug, Clone, PartialEq)]
pub struct Filtered {
    /// The encoding, and how it was found.
    pub detection: Detection,
    /// Number of malformed sequences.
    pub malformed: u64,
}

impl Filter {
    /// A filter with these settings.
    pub fn new(config: &Config) -> Self {
        Self { decoder: Decoder::new(config), clean: Clean::new(config) }
    }

    /// Reads `input` to its end and writes its text, as UTF-8, to `output`.
    ///
    /// # Errors
    /// Those of reading and writing; the inner one is a stream that is no text.
    pub fn run(
        &self,
        input: &mut dyn Read,
        output: &mut dyn Write,
        hints: &Hints,
    ) -> io::Result<Result<Filtered, Rejection>> {
        let mut piece = Vec::with_capacity(PIECE);
        let mut last = fill(input, &mut piece)?;
        let detection = match self.decoder.detect(&piece, hints) {
            Ok(detection) => detection,
            Err(rejection) => return Ok(Err(rejection)),
        };
        let mut stream = detection.codec.stream();
        let mut malformed = 0;
        let mut text = String::new();
        let mut start = detection.bom;
        loop {
            malformed += stream.feed(&piece[start..], last, &mut text) as u64;
            start = 0;
            let cut = if last { text.len() } else { block(&text) };
            self.write(&text[..cut], output)?;
            text.drain(..cut);
            if last {
                return Ok(Ok(Filtered { detection, malformed }));
            }
            piece.clear();
            last = fill(input, &mut piece)?;
        }
    }

    fn write(&self, text: &str, output: &mut dyn Write) -> io::Result<()> {
        let clean = apply(text, &self.clean.edits(text)).map_err(io::Error::other)?;
        output.write_all(clean.as_bytes())
    }
}

/// Where the last whole line ends; all of a text that has waited too long for a line's end.
fn block(text: &str) -> usize {
    match memchr::memrchr(b'\n', text.as_bytes()) {
        Some(at) => at + 1,
        None if text.len() < PIECE => 0,
        None => text.len(),
    }
}

/// Fills `piece` up to its capacity; whether the input has ended.
fn fill(input: &mut dyn Read, piece: &mut Vec<u8>) -> io::Result<bool> {
    input.take((PIECE - piece.len()) as u64).read_to_end(piece)?;
    Ok(piece.len() < PIECE)
}
