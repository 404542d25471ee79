//! Bytes in, text or a rejection out.

use proptest::prelude::*;
use scutch_decode::{Config, Decoder, Evidence, Filter, Hints};

fn decoder() -> Decoder {
    Decoder::new(&Config::default())
}

#[test]
fn byte_order_marks_decide() {
    for (bytes, encoding) in [
        (&b"\xef\xbb\xbfabc"[..], "UTF-8"),
        (b"\xff\xfea\0b\0c\0", "UTF-16LE"),
        (b"\xfe\xff\0a\0b\0c", "UTF-16BE"),
        (b"\xff\xfe\0\0a\0\0\0b\0\0\0c\0\0\0", "UTF-32LE"),
        (b"\0\0\xfe\xff\0\0\0a\0\0\0b\0\0\0c", "UTF-32BE"),
    ] {
        let decoded = decoder().decode(bytes, &Hints::default()).expect("text");
        assert_eq!((decoded.text.as_str(), decoded.detection.encoding), ("abc", encoding));
        assert_eq!(decoded.detection.evidence, Evidence::Bom);
    }
}

#[test]
fn a_declaration_that_the_bytes_contradict_is_overruled() {
    let page = "<meta charset=iso-8859-1><p>déjà vu, où ça ?".as_bytes();
    let hints = Hints { html: true, ..Hints::default() };
    let found = decoder().detect(page, &hints).expect("text");
    assert_eq!((found.encoding, found.overruled.as_deref()), ("UTF-8", Some("iso-8859-1")));
}

#[test]
fn a_declaration_that_fits_is_followed() {
    let page = b"<?xml version='1.0' encoding='ISO-8859-2'?><p>\xbe\xe1dn\xfd \xe8as</p>";
    let hints = Hints { html: true, ..Hints::default() };
    let decoded = decoder().decode(page, &hints).expect("text");
    assert_eq!(decoded.detection.encoding, "ISO-8859-2");
    assert!(decoded.text.ends_with("<p>žádný čas</p>"));
}

#[test]
fn what_is_no_text_is_rejected() {
    for bytes in [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &[0, 1, 2, 3, 4, 5, 6, 7].repeat(100)] {
        let rejection = decoder().decode(bytes, &Hints::default()).expect_err("binary");
        assert_eq!((rejection.stage, rejection.reason.as_ref()), ("decode", "binary"));
    }
}

#[test]
fn few_bad_bytes_are_replaced_and_counted() {
    let mut bytes = "Grüße aus Köln. ".repeat(50).into_bytes();
    bytes[101] = 0xff;
    let decoded = decoder().decode(&bytes, &Hints::default()).expect("text");
    assert_eq!((decoded.detection.encoding, decoded.malformed), ("UTF-8", 1));
    assert_eq!(decoded.text.matches('\u{fffd}').count(), 1);
}

proptest! {
    #[test]
    fn any_bytes_decode_or_are_rejected(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let hints = Hints { html: true, ..Hints::default() };
        if let Ok(decoded) = decoder().decode(&bytes, &hints) {
            prop_assert!((0.0..=1.0).contains(&decoded.detection.confidence));
        }
    }

    #[test]
    fn utf8_comes_back(text in "\\PC{1,80}") {
        let long = text.repeat(8);
        let decoded = decoder().decode(long.as_bytes(), &Hints::default()).expect("text");
        prop_assert_eq!(decoded.detection.encoding, "UTF-8");
        let mark = '\u{feff}';
        prop_assert_eq!(decoded.text.trim_start_matches(mark), long.trim_start_matches(mark));
    }

    #[test]
    fn a_stream_gives_what_the_whole_gives(words in prop::collection::vec("[a-zäöüß\n]{1,9}", 1..50)) {
        let bytes = words.join(" ").into_bytes();
        let mut out = Vec::new();
        let filter = Filter::new(&Config::default(), false);
        let filtered = filter.run(&mut &bytes[..], &mut out, &Hints::default()).expect("no I/O error");
        prop_assert_eq!(filtered.is_ok(), true);
        prop_assert_eq!(out, bytes);
    }
}
