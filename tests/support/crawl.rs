//! A small crawl of our own making, for tests that need one.
#![allow(clippy::unwrap_used, reason = "only tests use it, and not all have the lint on")]

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A crawl of our own making: pages of two sites with a footer, copies, near copies, spun text, bad
/// lines, bytes of other encodings, an archive.
pub(crate) fn crawl(dir: &Path) {
    std::fs::create_dir_all(dir.join("pages")).unwrap();
    let samples = root().join("tests/samples");
    for entry in std::fs::read_dir(samples).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, dir.join("pages").join(path.file_name().unwrap())).unwrap();
    }
    let mut lines = String::new();
    for page in 0..120 {
        let site = ["one.example.org", "two.example.net"][page % 2];
        // Pages 0, 10, 20, … are copies of each other, 1, 11, 21, … differ in a word.
        let seed = match page % 10 {
            0 => 1000,
            1 => 1001,
            _ => page,
        };
        let mut text = String::from("Home\\nNews\\nContact us\\n");
        for sentence in 0..30 {
            let at = |n: usize| WORDS[mixed(seed * 1000 + sentence * 10 + n) % WORDS.len()];
            let _ = write!(text, "The {} of the {} was {} by {}. ", at(1), at(2), at(3), at(4));
            if sentence % 6 == 5 {
                text.push_str("\\n");
            }
        }
        if page % 10 == 1 {
            let _ = write!(text, "It was written on day {page}.");
        }
        text.push_str("\\nLeave a reply\\nYour email address will not be published.\\nName *\\nEmail *\\nPost Comment");
        let _ = writeln!(
            lines,
            "{{\"id\": \"{page}\", \"url\": \"https://{site}/{page}\", \"text\": \"{text}\", \"rank\": {page}}}"
        );
        if page % 40 == 7 {
            lines.push_str("{\"text\": broken\n{\"no\": \"text\"}\n\n");
        }
    }
    std::fs::write(dir.join("pages.jsonl"), lines).unwrap();
    let (russian, _, _) = encoding_rs::WINDOWS_1251.encode(
        "Переговоры между сторонами начались в понедельник утром, сообщает агентство со ссылкой на источник.",
    );
    std::fs::write(dir.join("pages/russian.txt"), russian).unwrap();
    std::fs::write(
        dir.join("pages/picture.png"),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08",
    )
    .unwrap();
    std::fs::write(dir.join("pages/empty.txt"), b"").unwrap();
}

/// Spreads numbers (the finisher of splitmix64), so that pages differ and every run makes the same.
fn mixed(n: usize) -> usize {
    let mut z = (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) as usize
}

const WORDS: [&str; 64] = [
    "river",
    "bridge",
    "council",
    "harbour",
    "painter",
    "museum",
    "library",
    "engine",
    "forest",
    "village",
    "teacher",
    "garden",
    "market",
    "railway",
    "theatre",
    "island",
    "mountain",
    "window",
    "kitchen",
    "letter",
    "journey",
    "winter",
    "summer",
    "orchestra",
    "factory",
    "doctor",
    "farmer",
    "castle",
    "desert",
    "ocean",
    "planet",
    "camera",
    "bicycle",
    "hospital",
    "festival",
    "newspaper",
    "tunnel",
    "valley",
    "cathedral",
    "workshop",
    "sailor",
    "merchant",
    "poet",
    "soldier",
    "baker",
    "miller",
    "weaver",
    "carpenter",
    "blacksmith",
    "shepherd",
    "fisherman",
    "gardener",
    "tailor",
    "potter",
    "glazier",
    "mason",
    "cooper",
    "tanner",
    "dyer",
    "brewer",
    "clerk",
    "judge",
    "sheriff",
    "mayor",
];
