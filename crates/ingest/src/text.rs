use std::io;

use crate::Config;
use crate::record::{Body, EXCERPT, Item, Kind, Reader, last_item};
use crate::stream::Stream;

/// A file that is one document.
pub(crate) struct Text {
    stream: Option<Stream>,
    kind: Kind,
    max_record: usize,
    position: u64,
}

impl Text {
    pub(crate) fn new(stream: Stream, kind: Kind, config: &Config) -> Self {
        let max_record = config.max_length();
        Self { stream: Some(stream), kind, max_record, position: 0 }
    }
}

impl Reader for Text {
    fn next(&mut self) -> io::Result<Option<Item>> {
        let Some(mut stream) = self.stream.take() else { return Ok(None) };
        let bytes = stream.peek(self.max_record.saturating_add(1));
        if bytes.len() > self.max_record {
            let detail =
                format!("a file of more than {} bytes (see input.max_record)", self.max_record);
            return Ok(Some(Item::broken("too_large", detail, &bytes[..EXCERPT.min(bytes.len())])));
        }
        self.position = stream.position();
        let fault = stream.take_fault();
        if let Some(item) = last_item(fault, "", stream.at_hand())? {
            return Ok(Some(item));
        }
        let bytes = stream.into_bytes();
        Ok(Some(Body::Bytes { bytes, kind: self.kind, charset: None }.into()))
    }

    fn position(&self) -> u64 {
        self.stream.as_ref().map_or(self.position, Stream::position)
    }
}
