//! What the stage promises: spun text gets its words back, clean text is left alone, and every
//! change can be undone.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use scutch_document::{Document, DocumentStage, Edit, Origin, Verdict};
use scutch_repair::eval::Gold;
use scutch_repair::mine::{Least, Miner};
use scutch_repair::{Config, Family, Lexicon, Model, Repair, STAGE};

static REPAIR: LazyLock<Repair> = LazyLock::new(|| {
    let (lexicon, model) = (Lexicon::english(), Model::english());
    Repair::new(&Config::default(), Arc::new(lexicon), Arc::new(model))
});

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sample(name: &str) -> Document {
    let text =
        fs::read_to_string(root().join("tests/samples").join(name)).expect("a sample of the repo");
    Document::new(Origin::default(), text)
}

fn judged(document: &Document) -> (Vec<Edit>, f64) {
    match REPAIR.judge(document) {
        Verdict::Keep { edits, signals } => (edits, signals["spun_score"]),
        Verdict::Reject(rejection) => panic!("{rejection:?}"),
    }
}

const SPUN: &str = "000_f6aa39ef8e112418.txt";

#[test]
fn spun_text_gets_its_words_back() {
    let mut document = sample(SPUN);
    let decoded = document.text().to_owned();
    let (edits, score) = judged(&document);
    assert!(score > 0.1, "{score}");

    let file = "tests/gold/000.tsv";
    let gold = fs::read_to_string(root().join("crates/repair").join(file)).unwrap();
    let scores = Gold::parse(file, &gold).unwrap()[0].score(file, &decoded, &edits).unwrap();
    assert!(scores.right >= 40, "{scores:?}");
    assert!(scores.precision() >= 0.9 && scores.recall() >= 0.75, "{scores:?}");

    document.apply(STAGE, edits).unwrap();
    for words in ["White House", "National Security Adviser", "Middle East", "according to"] {
        assert!(document.text().contains(words), "{words}");
    }
    assert_eq!(document.restored().unwrap(), decoded);
}

/// In a run the gate is a stage of its own, and a text that it has read is not read again.
#[test]
fn what_the_gate_has_told_changes_no_decision() {
    let spun = sample(SPUN);
    // Spun, but too short to be called so.
    let short: Vec<&str> = spun.text().split(' ').skip(400).take(50).collect();
    let short = Document::new(Origin::default(), short.join(" "));
    let (edits, score) = judged(&short);
    assert!(score > Config::default().gate.spun && edits.is_empty(), "{score}");
    for mut document in [spun, short, sample("003_8e9a2609f1a46fa1.txt")] {
        let before = judged(&document);
        let Verdict::Keep { signals, .. } = REPAIR.gate().judge(&document) else { panic!() };
        document.signals = signals;
        assert_eq!(judged(&document), before);
    }
}

/// A spinner writes whole words with hyphens, but never changes a part of one.
#[test]
fn hyphenated_words_are_changed_as_a_whole_or_not_at_all() {
    let text = "The know-how firm mentioned on Monday that high-level talks at the White Home, in \
        keeping with a spokesman, have been within the non-public sector.";
    let mut document = Document::new(Origin::default(), text);
    document.apply(STAGE, REPAIR.restore(text)).unwrap();
    for words in ["The technology company", "high-level talks", "the private sector"] {
        assert!(document.text().contains(words), "{words}: {}", document.text());
    }
}

#[test]
fn a_second_run_finds_nothing_to_change() {
    let mut document = sample(SPUN);
    let (edits, _) = judged(&document);
    document.apply(STAGE, edits).unwrap();
    let again = Document::new(Origin::default(), document.text());
    let (edits, _) = judged(&again);
    let changes: Vec<&Edit> = edits.iter().filter(|edit| !edit.is_flag()).collect();
    assert!(changes.is_empty(), "{changes:?}");
}

#[test]
fn clean_text_and_other_languages_are_left_alone() {
    for name in ["003_8e9a2609f1a46fa1.txt", "004_8795b68136b604a4.txt"] {
        let (edits, score) = judged(&sample(name));
        let suspicious = Config::default().gate.suspicious;
        assert!(edits.is_empty() && score < suspicious, "{name}: {score}, {edits:?}");
    }
    let mut german = sample(SPUN);
    german.language = Some("de".to_owned());
    assert_eq!(REPAIR.judge(&german), Verdict::untouched());
}

#[test]
fn families_can_be_left_out() {
    let lexicon = Lexicon::english_with(&[Family::Known, Family::General], &[]).unwrap();
    assert!(lexicon.has("white home", "white house"));
    assert!(!lexicon.has("profound learning", "deep learning"));
    assert!(Lexicon::english().has("profound learning", "deep learning"));
}

/// Two other ways to spoil a text: translation there and back, and the terms of papers.
#[test]
fn bad_translations_and_tortured_phrases() {
    for (spun, expected) in [
        (
            "The authorities person been anxious since the commencement of the twelvemonth, and \
             the curate said that helium would enactment to the metropolis aft the meeting. It is \
             1 of the astir important questions successful the state, arsenic galore radical \
             person said, and the effect volition beryllium known by the extremity of the week. \
             The institution has besides announced that its caller merchandise volition beryllium \
             disposable successful the outpouring, oregon astatine slightest earlier the summertime.",
            ["he would", "after the meeting", "will be known", "at least"].as_slice(),
        ),
        (
            "Profound learning has made momentous advancement in counterfeit consciousness. In \
             this paper we propose a convolutional neural organization that utilizes colossal \
             information. The irregular woodland is utilized as a benchmark.",
            &["Deep learning", "artificial intelligence", "big data", "random forest"],
        ),
    ] {
        let mut document = Document::new(Origin::default(), spun);
        document.apply(STAGE, REPAIR.restore(spun)).unwrap();
        for words in expected {
            assert!(document.text().contains(words), "{words} in {}", document.text());
        }
    }
}

/// Pairs that the lexicon is kept from knowing come back from two spun copies of a clean text.
#[test]
fn mining_recovers_held_out_pairs() {
    let held_out = [
        ("negotiations", "bargainings"),
        ("concerns", "apprehensions"),
        ("countries", "lands"),
        ("agreements", "pacts"),
        ("peace talks", "amity chats"),
    ];
    let mut miner = Miner::default();
    for (site, name) in
        [("a.com", "003_8e9a2609f1a46fa1.txt"), ("b.com", "004_8795b68136b604a4.txt")]
    {
        let document = sample(name);
        let mut spun = document.text().replace("peace talks", "amity chats");
        for (original, form) in &held_out[..4] {
            spun = spun.replace(&format!(" {original}"), &format!(" {form}"));
        }
        miner.add(site, &spun, document.text());
    }
    let empty = Lexicon::parse(&[]).unwrap();
    let proposals = miner.proposals(&Least { documents: 1, sites: 1 }, &empty);
    let found = |original: &str, form: &str| {
        proposals.iter().any(|pair| pair.spun == form && pair.original == original)
    };
    let recovered = held_out.iter().filter(|(original, form)| found(original, form)).count();
    assert!(recovered >= 4, "{proposals:?}");
    assert!(proposals.iter().all(|pair| held_out.iter().any(|(o, _)| pair.original.contains(o))));
}

#[test]
fn a_damaged_model_is_an_error() {
    let lines = ["the house is white and the dog is big", "the dog is white"];
    let model =
        scutch_repair::lm::build::Ngrams::from_text(lines.into_iter(), 1).unwrap().to_bytes();
    assert!(Model::from_bytes(&model).is_ok());
    for length in 0..model.len() {
        assert!(Model::from_bytes(&model[..length]).is_err());
    }
    for at in 0..model.len() {
        let mut damaged = model.clone();
        damaged[at] ^= 0xff;
        if let Ok(model) = Model::from_bytes(&damaged) {
            model.phrase(&[1, 2, 3]); // whatever it says, it must not panic
        }
    }
}

#[test]
fn hostile_texts_do_no_harm() {
    let long_line = "overseas minister ".repeat(20_000);
    let glued = "a/".repeat(50_000) + &"x".repeat(50_000) + &"'".repeat(50_000);
    for text in [long_line.as_str(), glued.as_str(), "\0\0\0", "", "a pair of,", ",,,282", "’s ’s"]
    {
        let mut document = Document::new(Origin::default(), text);
        document.apply(STAGE, REPAIR.restore(text)).unwrap();
        assert_eq!(document.restored().unwrap(), text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_repair_can_be_undone(text in "([a-zA-Z’'., \n\u{e9}“—-]|an |a |the |White Home|in keeping with|three,715|authorities’s|2 ){0,60}") {
        let mut document = Document::new(Origin::default(), text.as_str());
        document.apply(STAGE, REPAIR.restore(&text)).unwrap();
        prop_assert_eq!(document.restored().unwrap(), text);
    }
}
