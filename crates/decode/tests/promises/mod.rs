//! What holds for any bytes: shared by the test of kept finds and the fuzz target.

use scutch_decode::{Clean, Config, Decoder, Filter, Hints, LineEnds, Policy};
use scutch_document::{Document, Edit, Origin};

/// Nothing is cleaned.
fn as_decoded() -> Config {
    Config {
        mojibake: false,
        entities: false,
        nfc: false,
        line_ends: LineEnds::Keep,
        controls: Policy::Keep,
        bidi: Policy::Keep,
        zero_width: Policy::Keep,
        ..Config::default()
    }
}

/// Detects, decodes and cleans `bytes`; a stream must give what the whole gives, edits must undo,
/// and a second cleaning must find nothing to change.
pub(crate) fn hold(bytes: &[u8]) {
    let config = Config::default();
    let hints = Hints { html: true, ..Hints::default() };
    let text = match Decoder::new(&config).decode(bytes, &hints) {
        Ok(decoded) => {
            let mut out = Vec::new();
            let filtered = Filter::new(&as_decoded()).run(&mut &bytes[..], &mut out, &hints);
            assert!(filtered.expect("no I/O error").is_ok());
            assert_eq!(out, decoded.text.as_bytes());
            decoded.text
        }
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    };
    let mut document = Document::new(Origin::default(), text.clone());
    document.apply("decode", Clean::new(&config).edits(&text)).expect("valid edits");
    assert_eq!(document.restored().expect("edits belong to the text"), text);
    let again = Clean::new(&Config { entities: false, ..config }).edits(document.text());
    assert!(again.iter().all(Edit::is_flag), "{:?}", document.text());
}
