//! What the sketches promise: copies meet and are recognised, others are not.

use std::sync::LazyLock;

use proptest::prelude::*;
use scutch_dedup::{
    Config, KEY_BITS, Key, Likeness, Meeting, Mutable, Near, PAIRED, Place, Reason, Sketch, meet,
    meet_twice,
};
use scutch_document::{Document, Fixed, Origin};

fn sketch(text: &str) -> Sketch {
    static MUTABLE: LazyLock<Mutable> =
        LazyLock::new(|| Mutable::new(|word| word.starts_with('m')));
    Near::new(&Config::default()).sketch(&Document::new(Origin::default(), text), &MUTABLE)
}

/// Whether `copy`, the one that ranks below, finds `better`.
fn meet_in_keys(better: &Sketch, copy: &Sketch) -> bool {
    let of_kind = |kind| {
        let posted = |key: &&Key| key.posted && key.value >> (KEY_BITS - 1) == kind;
        let asked = |key: &&Key| copy.keys.iter().any(|it| it.value == key.value);
        better.keys.iter().filter(posted).filter(asked).count()
    };
    of_kind(0) >= 2 || of_kind(1) >= 2
}

fn compare(a: &Sketch, b: &Sketch) -> Option<Likeness> {
    let near = Near::new(&Config::default());
    near.compare(&near.shingles(a), &near.shingles(b))
}

fn similarity(reason: Reason, a: &Sketch, b: &Sketch) -> f32 {
    let near = Near::new(&Config::default());
    near.similarity(reason, &near.shingles(a), &near.shingles(b))
}

/// A text of `words` words, no two texts of different seeds alike.
fn text(seed: u64, words: usize) -> Vec<String> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (0..words)
        .map(|i| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // Every fourth word is a name, the others stand in the lexicon.
            if i % 4 == 0 { format!("N{}", state >> 48) } else { format!("m{}", state >> 54) }
        })
        .collect()
}

#[test]
fn one_word_in_twenty_changed_is_found_as_the_s_curve_says() {
    let found = (0..1000u64)
        .filter(|&seed| {
            let original = text(seed, 330);
            let mut copy = original.clone();
            for at in (seed as usize % 20..330).step_by(20) {
                copy[at] = format!("changed{at}");
            }
            let (a, b) = (sketch(&original.join(" ")), sketch(&copy.join(" ")));
            meet_in_keys(&a, &b) && compare(&a, &b).is_some()
        })
        .count();
    assert!(found >= 990, "{found} of 1000");
}

#[test]
fn similarity_is_the_jaccard_similarity_of_the_shingles() {
    // a b c d e f and a b c u x y: 4 shingles each, 1 in common.
    let (a, b) = (sketch("a b c d e f"), sketch("a b c u x y"));
    assert_eq!(similarity(Reason::NearCopy, &a, &b), 1.0 / 7.0);
    assert_eq!(similarity(Reason::ContainedCopy, &a, &b), 1.0 / 4.0);
    assert_eq!(compare(&a, &b), None);
}

#[test]
fn case_punctuation_and_line_breaks_make_no_difference() {
    let (a, b) = (sketch("One, two:\nthree four FIVE six"), sketch("one two three four five six."));
    assert_eq!(a.words, b.words);
    assert_eq!(a.keys, b.keys);
}

#[test]
fn a_part_of_a_text_is_contained_in_it() {
    let words = text(1, 400);
    let (whole, part) = (sketch(&words.join(" ")), sketch(&words[..80].join(" ")));
    let likeness = compare(&whole, &part).unwrap();
    assert_eq!((likeness.reason, likeness.similarity), (Reason::ContainedCopy, 1.0));
}

#[test]
fn a_spun_copy_meets_its_original_through_the_names() {
    for seed in 0..200 {
        let original = text(seed, 330);
        let spun: Vec<_> = original
            .iter()
            .enumerate()
            .map(|(i, word)| if word.starts_with('m') { format!("m{i}") } else { word.clone() })
            .collect();
        let (a, b) = (sketch(&original.join(" ")), sketch(&spun.join(" ")));
        assert!(similarity(Reason::NearCopy, &a, &b) < 0.1);
        assert!(meet_in_keys(&a, &b));
        let likeness = compare(&a, &b).unwrap();
        assert_eq!((likeness.reason, likeness.similarity), (Reason::SpunCopy, 1.0));
    }
}

#[test]
fn errors_all_over_a_text_leave_its_words_in_their_order() {
    // Two prints of one text: in each, every sixth word at a stretch of its own is damaged.
    let original = text(1, 330);
    let print = |stretch: usize| {
        let word = |(at, word): (usize, &String)| {
            let damaged = (at * at + stretch * at / 7 + stretch) % 11 < 2;
            if damaged { format!("{word}x{stretch}") } else { word.clone() }
        };
        sketch(&original.iter().enumerate().map(word).collect::<Vec<_>>().join(" "))
    };
    let (a, b) = (print(0), print(5));
    assert!(similarity(Reason::NearCopy, &a, &b) < 0.25);
    let likeness = compare(&a, &b).unwrap();
    assert_eq!(likeness.reason, Reason::NoisyCopy);
    assert!((0.55..0.8).contains(&likeness.similarity), "{likeness:?}");
    assert_eq!(compare(&a, &sketch(&text(2, 330).join(" "))), None);
}

#[test]
fn a_giant_list_of_numbers_is_compared_by_its_beginning() {
    // Without a bound the comparison would take time with the square of half a million.
    let list = |of: usize| sketch(&format!("1 {of} mouse mine ").repeat(250_000));
    let (a, b) = (list(2), list(3));
    assert_eq!(a.kept.len(), 4 * 2048);
    assert!(similarity(Reason::SpunCopy, &a, &b) < 0.8);
    assert_eq!(compare(&a, &b), None);
}

#[test]
fn a_text_of_another_language_has_no_spin_proof_shingles() {
    // No word of it stands in the lexicon: all of them would count as names.
    let words: Vec<_> = (0..100).map(|i| format!("Wort{i}")).collect();
    assert!(sketch(&words.join(" ")).kept.is_empty());
}

#[test]
fn chinese_copies_are_found_character_by_character() {
    let original: String =
        (0..300u32).filter_map(|i| char::from_u32(0x4e00 + i * i % 5000)).collect();
    let copy: String =
        original.chars().enumerate().filter(|(i, _)| i % 20 != 3).map(|p| p.1).collect();
    let (a, b) = (sketch(&original), sketch(&copy));
    assert!(meet_in_keys(&a, &b));
    assert!(compare(&a, &b).is_some());
}

#[test]
fn a_reason_that_nobody_wrote_is_none() {
    let reasons = [Reason::NearCopy, Reason::ContainedCopy, Reason::SpunCopy, Reason::NoisyCopy];
    for (code, reason) in (0u8..).zip(reasons) {
        assert_eq!(Reason::read(&mut &[code][..]), Some(reason));
    }
    assert!((4..=255).all(|code| Reason::read(&mut &[code][..]).is_none()));
}

proptest! {
    #[test]
    fn a_sketch_survives_the_disk(text in "\\PC{0,300}", other in "\\PC{0,300}") {
        let near = Near::new(&Config::default());
        let (a, b) = (sketch(&text), sketch(&other));
        let mut bytes = Vec::new();
        a.write(&mut bytes);
        let read = near.read(&bytes).unwrap();
        prop_assert_eq!(near.compare(&read, &near.shingles(&b)), compare(&a, &b));
        prop_assert!(text.trim().is_empty() || near.compare(&read, &near.shingles(&a)).is_some()
            || a.words.is_empty());
        for cut in 0..bytes.len() {
            // Less than was written is never more than was there, and does not panic.
            let _ = near.read(&bytes[..cut]);
        }
    }

    #[test]
    fn what_is_told_apart_early_is_no_copy(
        a in "[a-c]( [a-c]){0,120}",
        b in "[a-c]( [a-c]){0,120}",
    ) {
        let config = Config::default();
        let (a, b) = (sketch(&a), sketch(&b));
        let enough = similarity(Reason::NearCopy, &a, &b) >= config.near.jaccard;
        let near = compare(&a, &b).filter(|found| found.reason == Reason::NearCopy);
        prop_assert_eq!(near.is_some(), enough);
        prop_assert_eq!(compare(&a, &b), compare(&b, &a));
    }

    #[test]
    fn what_meets_twice_is_paired_once(group in prop::collection::btree_set(0u32..50, 0..30)) {
        let meeting = |number| Meeting { place: Place::present(number), posted: true };
        let group: Vec<_> = group.into_iter().map(meeting).collect();
        let paired = |keys: &[u32]| {
            let mut rows = Vec::new();
            keys.iter().for_each(|&key| meet(key, &group, |pair| rows.push(pair)));
            rows.sort();
            meet_twice(rows.into_iter().map(Ok::<_, ()>)).count()
        };
        let (words, kept) = (1, 1 << (KEY_BITS - 1));
        let pairs = paired(&[words, words + 1]);
        prop_assert_eq!(pairs > 0, group.len() > 1);
        prop_assert_eq!(paired(&[words]), 0);
        prop_assert_eq!(paired(&[words, kept]), 0, "one key of each kind");
        prop_assert_eq!(paired(&[kept, kept + 1, kept + 2]), pairs);
        prop_assert_eq!(paired(&[words, words + 1, kept, kept + 1]), pairs);
    }

    #[test]
    fn found_are_the_first_eight_that_are_posted_and_rank_before(
        group in prop::collection::vec(any::<bool>(), 0..30),
        old in 0usize..5,
    ) {
        let place = |i: usize| match i < old {
            true => Place { dataset: 0, number: i as u32 },
            false => Place::present(i as u32),
        };
        let group: Vec<_> =
            group.iter().enumerate().map(|(i, &posted)| Meeting { place: place(i), posted }).collect();
        let mut pairs = Vec::new();
        meet(1, &group, |pair| pairs.push((pair.first, pair.second)));
        let expected = (old..group.len()).flat_map(|i| {
            let posted = group[..i].iter().filter(|it| it.posted).take(PAIRED);
            posted.map(move |it| (it.place, i as u32))
        });
        prop_assert_eq!(pairs, expected.collect::<Vec<_>>());
    }

    #[test]
    fn a_text_is_its_own_copy(text in "[a-z]{1,8}( [a-z]{1,8}){0,60}") {
        let sketch = sketch(&text);
        let likeness = compare(&sketch, &sketch).unwrap();
        prop_assert_eq!((likeness.similarity, likeness.reason), (1.0, Reason::NearCopy));
        prop_assert!(!sketch.keys.is_empty());
    }
}
