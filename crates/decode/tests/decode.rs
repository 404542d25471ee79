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
    assert_eq!((found.encoding, found.evidence), ("UTF-8", Evidence::Utf8));
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

#[test]
fn damaged_utf_8_is_utf_8() {
    let mut bytes = "Où est passé l’été ? À côté, là.".as_bytes().to_vec();
    bytes.remove(2);
    bytes.push(0xc3);
    let decoded = decoder().decode(&bytes, &Hints::default()).expect("text");
    let text = "O\u{fffd} est passé l’été ? À côté, là.\u{fffd}";
    assert_eq!((decoded.text.as_str(), decoded.detection.encoding), (text, "UTF-8"));
}

#[test]
fn a_character_at_the_end_of_the_sample_is_seen_whole() {
    for before in 0..4 {
        let text = "a".repeat(Config::default().sample - before) + "中文";
        let decoded = decoder().decode(text.as_bytes(), &Hints::default()).expect("text");
        assert_eq!(decoded.detection.encoding, "UTF-8");
        assert!(decoded.text == text);
    }
}

#[test]
fn a_clipped_sequence_alone_is_no_utf_8() {
    let decoded = decoder().decode(b"He is at the caf\xe9", &Hints::default()).expect("text");
    assert_eq!(
        (decoded.text.as_str(), decoded.detection.encoding),
        ("He is at the café", "windows-1252")
    );
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
        let filter = Filter::new(&Config::default());
        let filtered = filter.run(&mut &bytes[..], &mut out, &Hints::default()).expect("no I/O error");
        prop_assert_eq!(filtered.is_ok(), true);
        prop_assert_eq!(out, bytes);
    }
}

#[derive(serde::Deserialize)]
struct Case {
    /// What it is recognised as; encodings that give the same text go by the commonest.
    encoding: String,
    text: String,
    hex: String,
}

/// The cases in `cases/encodings.json`, to which anyone can add.
#[test]
fn encodings_are_told_from_two_sentences() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/encodings.json");
    let json = std::fs::read_to_string(path).expect("readable");
    let cases: Vec<Case> = serde_json::from_str(&json).expect("a list of cases");
    let mut wrong = Vec::new();
    for case in cases {
        let digit = |at: usize| u8::from_str_radix(&case.hex[at..at + 2], 16).expect("hexadecimal");
        let bytes: Vec<u8> = (0..case.hex.len()).step_by(2).map(digit).collect();
        match decoder().decode(&bytes, &Hints::default()) {
            Ok(found) if found.detection.encoding == case.encoding && found.text == case.text => {}
            found => wrong.push((case.encoding, found.map(|found| (found.detection, found.text)))),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn seven_bit_encodings_are_told_by_their_escapes() {
    for (bytes, encoding, text) in [
        (&b"~{VPND~} and ~~ again ~{VPND~}\n"[..], "HZ-GB-2312", "中文 and ~ again 中文\n"),
        (b"\x1b$)C\x0eGQ1[\x0f is Korean\n", "ISO-2022-KR", "한글 is Korean\n"),
        (b"\x1b$BF|K\\8l\x1b(B.\n", "ISO-2022-JP", "日本語.\n"),
        (b"+BBIEPgQ7 +BEIEPgQ8 1 +- 1\n", "UTF-7", "Вол том 1 + 1\n"),
    ] {
        let decoded = decoder().decode(bytes, &Hints::default()).expect("text");
        assert_eq!((decoded.detection.encoding, decoded.text.as_str()), (encoding, text));
    }
}

#[test]
fn seven_bit_text_without_escapes_stays() {
    for text in [
        "C++ and a+b, call +49 30 1234567 or a+b+c=d",
        "~{ is not closed",
        "x ~} y",
        "Google+ and +1 -",
    ] {
        let decoded = decoder().decode(text.as_bytes(), &Hints::default()).expect("text");
        assert_eq!((decoded.detection.encoding, decoded.text.as_str()), ("UTF-8", text));
    }
}

#[test]
fn utf_16_without_a_mark_is_told() {
    for text in [
        "Plain English text.\n",
        "Просто русский текст.\n",
        "これは日本語の文章です。\n",
        "这是一个中文句子。\n",
        "一片黑沉沉的云雾从国外开始围绕在上",
    ] {
        let long = text.repeat(6);
        let little: Vec<u8> = long.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = long.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, encoding) in [(little, "UTF-16LE"), (big, "UTF-16BE")] {
            let decoded = decoder().decode(&bytes, &Hints::default()).expect("text");
            assert_eq!(
                (decoded.detection.encoding, decoded.text.as_str()),
                (encoding, long.as_str())
            );
        }
    }
}

#[test]
fn johab_and_euc_tw_follow_their_standards() {
    for (charset, bytes, text) in [
        ("johab", &b"\xd0\x65\x8b\x69 \xd9\x31\xe0\x31\n"[..], "한글 \u{3000}伽\n"),
        ("euc-tw", b"\xc4\xe3\xc5\xc6\xc7\xf3\n", "中文字\n"),
    ] {
        let hints = Hints { charset: Some(charset), ..Hints::default() };
        let decoded = decoder().decode(&bytes.repeat(3), &hints).expect("text");
        assert_eq!((decoded.text, decoded.malformed), (text.repeat(3), 0));
    }
}
