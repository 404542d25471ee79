//! HTML as lines: each `NAME.html` of the fixtures gives its `NAME.txt`.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use scutch_ingest::html_to_text;

#[test]
fn fixtures() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/ingest/html");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "html") {
            let expected = fs::read_to_string(path.with_extension("txt")).unwrap();
            let text = html_to_text(&fs::read_to_string(&path).unwrap());
            assert_eq!(format!("{text}\n"), expected, "{}", path.display());
            count += 1;
        }
    }
    assert!(count > 0);
}

/// Would take hours if any of them took quadratic time.
#[test]
fn hostile_pages_are_read_to_the_end() {
    const SIZE: usize = 4 << 20;
    let pieces = [
        "<div>",
        "<b>",
        "<a><p>",
        "<table><td>",
        "<svg><p>",
        "<template>",
        "<!--",
        "<!",
        "</",
        "&",
        "&#",
        "&a",
        " a",
        "<p a",
        "<textarea>",
        "<pre>",
        "\u{a0}",
        "<script><!--<script>",
        "<",
        "\n",
        "<p>\u{a0} ",
        "\0",
    ];
    for piece in pieces {
        let text = html_to_text(&format!("first<p>{}", piece.repeat(SIZE / piece.len())));
        assert!(text.starts_with("first"), "{piece}");
    }
    let attributes: String = (0..SIZE / 8).map(|n| format!(" a{n}=")).collect();
    assert_eq!(html_to_text(&format!("<p {attributes}>text")), "text");
    assert_eq!(html_to_text(&format!("<{}>text", "x".repeat(SIZE))), "text");
}

#[test]
fn a_tag_may_have_any_number_of_attributes() {
    let attributes = [
        "a=\"b\" ",
        "a = \"b\"\r\n",
        "a='b' ",
        "a\"=\"b\" ",
        "=\"b\"\t",
        "a=\"b\"",
        "a=b ",
        "/a=\"/>\" ",
    ];
    let texts = move || {
        for attribute in attributes {
            for count in [1, 255, 256, 257, 513, 100_000] {
                let many = attribute.repeat(count);
                for (page, text) in [
                    (format!("one<p {many}>two</p {many}>three"), "one\ntwo\nthree"),
                    (format!("one<svg {many} />two"), "onetwo"),
                    (format!("one<svg {many}>two</svg>three"), "onethree"),
                    (format!("one<title {many}><b></title>"), "one\n<b>"),
                ] {
                    assert_eq!(html_to_text(&page), text, "{count} times {attribute}");
                }
            }
        }
    };
    // Workers may have small stacks.
    std::thread::Builder::new().stack_size(256 << 10).spawn(texts).unwrap().join().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_comes_through_escaped(text in "[^\\r\\x00]{0,200}") {
        let html = text.replace('&', "&amp;").replace('<', "&lt;");
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(words(&html_to_text(&html)), words(&text));
    }

    #[test]
    fn lines_are_trimmed_and_never_blank(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("<p>"), Just("</p>"), Just("<td>"), Just("<br>"), Just(" "), Just("\n"), Just("x"),
                Just("&nbsp;"), Just("<svg>"), Just("</svg>"), Just("<a>"), Just("</a>"), Just("<title>"),
                Just("</title>"), Just("<script>"), Just("</script>"), Just("é"), Just("<"),
                Just("<template>"), Just("</template>"), Just("&"), Just("<b/>"), Just("<!--"), Just("-->"),
                Just("</"),
            ],
            0..60,
        ),
    ) {
        let text = html_to_text(&pieces.concat());
        for line in text.lines() {
            prop_assert_eq!(line, line.trim());
            prop_assert!(!line.is_empty());
        }
    }
}
