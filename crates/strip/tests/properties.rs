//! What holds for every text.

use std::sync::LazyLock;

use proptest::prelude::*;
use scutch_document::{CorpusStage, Document, Fixed, Origin, Verdict};
use scutch_strip::{Config, LineRow, Profile, RepeatedLine, SiteLines, Strip};

static FOOTERS: LazyLock<Strip> = LazyLock::new(|| build(Profile::Footers));
/// Drops prose too.
static EAGER: LazyLock<Strip> = LazyLock::new(|| {
    let config = Config { footers_below: 0.2, ..Config::default() };
    Strip::new(&config, &[]).expect("shipped rules are valid")
});
static ARTICLE: LazyLock<Strip> = LazyLock::new(|| build(Profile::Article));

fn build(profile: Profile) -> Strip {
    Strip::new(&Config { profile, ..Config::default() }, &[]).expect("shipped rules are valid")
}

fn stripped(strip: &Strip, text: &str) -> Document {
    stripped_with(strip, text, &[])
}

fn stripped_with(strip: &Strip, text: &str, repeated: &[RepeatedLine]) -> Document {
    let mut document = Document::new(Origin::default(), text);
    let Verdict::Keep { edits, .. } = strip.judge_with(&document, repeated) else {
        panic!("rejected")
    };
    document.apply("strip", edits).expect("edits fit the text");
    document
}

/// For each page of a site, its lines that stand on others.
fn site(pages: &[String]) -> Vec<Vec<RepeatedLine>> {
    let stage = SiteLines::new(&Config { repeated: 2, ..Config::default() });
    let mut rows = Vec::new();
    for (i, page) in pages.iter().enumerate() {
        let origin = Origin { url: Some("https://example.com/".to_owned()), ..Origin::default() };
        stage.observe(i as u64, &Document::new(origin, page.as_str()), &mut |row| rows.push(row));
    }
    rows.sort_unstable();
    let mut found = vec![Vec::new(); pages.len()];
    stage.decide(&mut rows.into_iter(), &mut |line| found[line.ordinal as usize].push(line));
    found
}

/// Lines that rules and model care about, among others.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("Read more".to_owned()),
        Just("👉 example.com".to_owned()),
        Just("HomeBusinessMarco Rubio speaks".to_owned()),
        Just("HomeNewsRead more".to_owned()),
        Just("HomeNewsHomeBusinessMarco Rubio speaks".to_owned()),
        Just("Leave a Reply".to_owned()),
        Just("Name *".to_owned()),
        Just("A sentence that begins like many others and then breaks off at the…".to_owned()),
        // Prose that goes, and prose that stays.
        Just("We use cookies on our website to give you the best experience and to show you advertising that is relevant to you.".to_owned()),
        Just("This site uses Akismet to reduce spam. Learn how your comment data is processed and how long it is kept.".to_owned()),
        Just("By clicking on subscribe you agree to our terms of use and privacy policy; you can unsubscribe at any time.".to_owned()),
        Just("The council voted on Tuesday to extend the line to the harbour, after two years of debate.\r".to_owned()),
        "[A-Z][a-z]{2,8}( [a-z]{2,9}){0,20}[.!?,:]?",
        "\\PC{0,60}",
        "[ \\t]{0,3}[a-z.]{0,12}[ \\t]{0,3}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::collection::vec(line(), 0..60).prop_map(|lines| lines.join("\n")),
        any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn undo_gives_the_text_back(text in text()) {
        for strip in [&*FOOTERS, &*ARTICLE] {
            let document = stripped(strip, &text);
            prop_assert_eq!(document.restored().expect("edits can be undone"), text.clone());
        }
    }

    #[test]
    fn footers_changes_nothing_twice(text in text()) {
        let once = stripped(&FOOTERS, &text);
        let twice = stripped(&FOOTERS, once.text());
        prop_assert_eq!(twice.text(), once.text());
    }

    #[test]
    fn what_stays_is_lines_of_the_text(text in text()) {
        let document = stripped(&ARTICLE, &text);
        let mut lines = text.split('\n');
        for line in document.text().split('\n').filter(|line| !line.trim().is_empty()) {
            prop_assert!(lines.any(|other| other.ends_with(line)), "{line:?}");
        }
    }

    #[test]
    fn rows_survive_the_disk(a in any::<[u64; 3]>(), counts in any::<[u32; 2]>()) {
        let row = LineRow { site: a[0], line: a[1], ordinal: a[2] };
        let mut bytes = Vec::new();
        row.write(&mut bytes);
        prop_assert_eq!(LineRow::read(&mut &bytes[..]), Some(row));
        let found = RepeatedLine { ordinal: a[0], line: a[1], count: counts[0], pages: counts[1] };
        let mut bytes = Vec::new();
        found.write(&mut bytes);
        prop_assert_eq!(RepeatedLine::read(&mut &bytes[..]), Some(found));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn footers_changes_nothing_twice_with_its_site(
        pool in prop::collection::vec(line(), 1..40),
        pages in prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 0..40), 2..6),
    ) {
        let pages: Vec<String> = pages
            .iter()
            .map(|lines| lines.iter().map(|at| at.get(&pool).as_str()).collect::<Vec<_>>().join("\n"))
            .collect();
        for (text, repeated) in pages.iter().zip(site(&pages)) {
            let once = stripped_with(&EAGER, text, &repeated);
            let twice = stripped_with(&EAGER, once.text(), &repeated);
            prop_assert_eq!(twice.text(), once.text());
        }
    }
}

#[test]
fn hostile_texts_end() {
    for text in [
        "x".repeat(50_000_000),
        "a.com ".repeat(2_000_000),
        "\n".repeat(5_000_000),
        "Name\n".repeat(200_000),
        "HomeNews".repeat(5_000_000) + " and more",
        "👉 a.com\n".repeat(200_000),
        "\0\u{fffd}\u{202e}".repeat(1_000_000),
    ] {
        stripped(&FOOTERS, &text);
    }
}

/// A text of more lines than any page has is read in parts; no line is lost or forgotten for that.
#[test]
fn a_text_of_very_many_lines_is_stripped_everywhere() {
    let prose =
        |number| format!("On day {number} the rain kept on until the evening, and nobody came.\n");
    let form = |number| match number % 500 {
        499 => "Leave a Reply\nYour email address will not be published.\nName *\nEmail *\n",
        _ => "",
    };
    let text: String = (0..300_000).map(|number| prose(number) + form(number)).collect();
    let document = stripped(&FOOTERS, &text);
    let kept: String = (0..300_000).map(prose).collect();
    assert!(document.text() == kept, "{} of {} bytes", document.text().len(), kept.len());
}

#[test]
fn lines_of_a_site_are_counted_once_a_page() {
    let stage = SiteLines::new(&Config { repeated: 2, ..Config::default() });
    let pages = [
        ("https://news.example.co.uk/a", "Menu\nMenu\nOne"),
        ("https://www.example.co.uk/b", "MENU!\nTwo"),
        ("https://other.co.uk/", "Menu\nThree"),
        ("", "Menu"),
    ];
    let mut rows = Vec::new();
    for (ordinal, (url, text)) in pages.iter().enumerate() {
        let origin = Origin { url: Some((*url).to_owned()), ..Origin::default() };
        stage.observe(ordinal as u64, &Document::new(origin, *text), &mut |row| rows.push(row));
    }
    rows.sort_unstable();
    let mut found = Vec::new();
    stage.decide(&mut rows.into_iter(), &mut |line| {
        found.push((line.ordinal, line.count, line.pages));
    });
    assert_eq!(found, [(0, 2, 2), (1, 2, 2)]);
}
