//! Any bytes: detected, decoded, cleaned; the edits apply, undo and leave nothing to do.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scutch_decode::{Clean, Config, Decoder, Filter, Hints};
use scutch_document::{Document, Origin};

fuzz_target!(|bytes: &[u8]| {
    let config = Config::default();
    let hints = Hints { html: true, ..Hints::default() };
    let text = match Decoder::new(&config).decode(bytes, &hints) {
        Ok(decoded) => {
            let mut out = Vec::new();
            let filtered = Filter::new(&config, false).run(&mut &bytes[..], &mut out, &hints);
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
    assert!(again.iter().all(scutch_document::Edit::is_flag), "{:?}", document.text());
});
