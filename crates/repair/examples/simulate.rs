//! Spins clean articles with a lexicon and measures how much of them comes back.
//!
//! usage: simulate JSONL ARTICLES SHARE KNOWN GENERAL HIDDEN SEED
//!
//! The spinner draws on a thesaurus: it knows a pair with the probability that the lexicon gives it,
//! times KNOWN or GENERAL as is the pair's family, and takes one of an original's forms by weight;
//! SHARE of the slots are spun. The decoder's lexicon lacks a share HIDDEN of all originals. Prints
//! how many originals and pairs the spinner knows, token accuracy before and after, the share of spun
//! places restored, of good words broken, how many articles pass the gate, and how often the language
//! model prefers the original in its context. Environment: LEXICON, MODEL (`common`), SPUN (a file to
//! write the spun texts to), WRONG (set: prints what is not restored most often).

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for the terminal")]

mod common;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::{env, fs};

use scutch_repair::gate::Outcome;
use scutch_repair::words::{Case, Kind, Token, Tokens, hash_word, lower};
use scutch_repair::{Config, Family, Lexicon, Repair};

/// A splitmix64 sequence: the same spins on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as f64 / u64::MAX as f64
    }
}

/// A spun text, the places of its spun forms, and what stood there.
struct Spun {
    text: String,
    slots: Vec<(Range<usize>, String)>,
}

fn share_of(word: &str, seed: u64) -> f64 {
    Random(hash_word(word) ^ seed).next()
}

/// As the lexicon has it: a pair that weighs so much is known to every other spinner.
const DOUBT: f64 = 4.0;

type Dictionary = BTreeMap<String, Vec<(String, f64)>>;

fn spin(text: &str, dictionary: &Dictionary, share: f64, random: &mut Random) -> Spun {
    let tokens: Vec<Token> = Tokens::new(text).collect();
    let words: Vec<String> = tokens.iter().map(|t| lower(&text[t.start..t.stem_end])).collect();
    let mut out = Spun { text: String::new(), slots: Vec::new() };
    let (mut done, mut at) = (0, 0);
    'next: while at < tokens.len() {
        for length in (1..=5).rev().filter(|length| at + length <= tokens.len()) {
            let span = &tokens[at..at + length];
            let fits = span.iter().enumerate().all(|(n, token)| {
                token.kind == Kind::Word
                    && matches!(token.case, Case::Lower | Case::Title)
                    && (n == 0 || token.joined)
                    && (n + 1 == length || !token.possessive())
            });
            if !fits {
                continue;
            }
            let Some(forms) = dictionary.get(&words[at..at + length].join(" ")) else { continue };
            if random.next() >= share {
                at += length;
                continue 'next;
            }
            let total: f64 = forms.iter().map(|(_, weight)| weight).sum();
            let mut pick = random.next() * total;
            let form = forms.iter().find(|(_, weight)| {
                pick -= weight;
                pick <= 0.0
            });
            let form = &form.unwrap_or(&forms[0]).0;
            let (start, end) = (span[0].start, span[length - 1].stem_end);
            out.text.push_str(&text[done..start]);
            let begin = out.text.len();
            if span[0].case == Case::Title {
                let mut chars = form.chars();
                out.text.extend(chars.next().into_iter().flat_map(char::to_uppercase));
                out.text.push_str(chars.as_str());
            } else {
                out.text.push_str(form);
            }
            out.slots.push((begin..out.text.len(), text[start..end].to_owned()));
            done = end;
            at += length;
            continue 'next;
        }
        at += 1;
    }
    out.text.push_str(&text[done..]);
    out
}

fn plain(text: &str) -> Vec<String> {
    Tokens::new(text).map(|token| lower(&text[token.start..token.end])).collect()
}

/// The longest common subsequence of two texts' tokens, as a share of the longer one.
fn accuracy(a: &str, b: &str) -> (usize, usize) {
    let (a, b) = (plain(a), plain(b));
    let mut row = vec![0usize; b.len() + 1];
    for x in &a {
        let mut diagonal = 0;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == y { diagonal + 1 } else { above.max(row[j]) };
            diagonal = above;
        }
    }
    (row[b.len()], a.len().max(b.len()))
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let number = |at: usize| -> f64 { arguments[at].parse().unwrap() };
    let (articles, share, hidden) = (number(1) as usize, number(2), number(5));
    let known = |family| match family {
        Family::Known => number(3),
        Family::General => number(4),
        _ => 0.0,
    };
    let seed = number(6) as u64;
    let all = common::lexicon();
    let names = ["known.tsv", "words.tsv", "translated.tsv", "tortured.tsv"];
    let mut decoder = names.map(|name| (name, String::new()));
    for entry in all.entries() {
        for one in entry.originals().filter(|one| share_of(one.text, seed + 1) >= hidden) {
            let line = format!("{}\t{}={}\n", entry.spun(), one.text, one.weight);
            decoder[one.family as usize].1 += &line;
        }
    }
    let decoder: Vec<(&str, &str)> = decoder.iter().map(|(name, text)| (*name, &**text)).collect();
    let lexicon = Lexicon::parse(&decoder).unwrap();
    let mut dictionary = Dictionary::new();
    let mut pairs = 0;
    for entry in all.entries() {
        for original in entry.originals() {
            let weight = f64::from(original.weight);
            let pair = format!("{} < {}", entry.spun(), original.text);
            if share_of(&pair, seed) < known(original.family) * weight / (weight + DOUBT) {
                let form = (entry.spun().to_owned(), weight);
                dictionary.entry(lower(original.text)).or_default().push(form);
                pairs += 1;
            }
        }
    }
    let model = Arc::new(common::model());
    let repair = Repair::new(&Config::default(), Arc::new(lexicon), Arc::clone(&model));

    let mut random = Random(seed);
    let (mut before, mut after) = ((0, 0), (0, 0));
    let (mut slots, mut restored, mut changed) = (0, 0, 0);
    let (mut good, mut broken, mut gated, mut read) = (0, 0, 0, 0);
    let (mut better, mut choices) = (0, 0);
    let mut seconds = 0.0;
    let mut bytes = 0;
    let mut wrong: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut texts = String::new();
    let clean = common::texts(&arguments[0]);
    for text in clean.iter().step_by((clean.len() / articles).max(1)) {
        if text.len() < 1000 || text.len() > 12000 {
            continue;
        }
        let spun = spin(text, &dictionary, share, &mut random);
        read += 1;
        texts += &format!("{}\n", serde_json::json!({"id": read, "text": spun.text}));
        let outcome = repair.gate().outcome(&repair.gate().read(&spun.text));
        gated += usize::from(outcome == Outcome::Spun);
        let started = std::time::Instant::now();
        let edits = repair.restore(&spun.text);
        seconds += started.elapsed().as_secs_f64();
        bytes += spun.text.len();
        let mut fixed = String::new();
        let mut done = 0;
        for edit in &edits {
            fixed.push_str(&spun.text[done..edit.start]);
            fixed.push_str(&edit.after);
            done = edit.end;
        }
        fixed.push_str(&spun.text[done..]);
        let (a, b) = accuracy(text, &spun.text);
        before = (before.0 + a, before.1 + b);
        let (a, b) = accuracy(text, &fixed);
        after = (after.0 + a, after.1 + b);
        let edits: Vec<_> = edits.iter().filter(|edit| !edit.is_flag()).collect();
        for (span, original) in &spun.slots {
            slots += 1;
            let over: Vec<_> =
                edits.iter().filter(|e| e.start < span.end && span.start < e.end).collect();
            changed += usize::from(!over.is_empty());
            let got: String = over.iter().map(|e| e.after.as_str()).collect::<Vec<_>>().join(" ");
            let right = over.len() == 1
                && over[0].start >= span.start
                && over[0].end <= span.end
                && lower(&format!(
                    "{}{}{}",
                    &spun.text[span.start..over[0].start],
                    got,
                    &spun.text[over[0].end..span.end]
                )) == lower(original);
            restored += usize::from(right);
            if !right {
                let key = (format!("{} < {}", &spun.text[span.clone()], original), got);
                *wrong.entry(key).or_default() += 1;
            }
            if !span.is_empty() {
                choices += 1;
                better += usize::from(common::prefers(&model, &spun.text, span, original));
            }
        }
        let tokens: Vec<Token> = Tokens::new(&spun.text).collect();
        for token in &tokens {
            let spoiled =
                spun.slots.iter().any(|(s, _)| s.start < token.end && token.start < s.end);
            if spoiled {
                continue;
            }
            good += 1;
            let hit = edits.iter().find(|e| e.start < token.end && token.start < e.end);
            if let Some(edit) = hit {
                let word = &spun.text[token.start..token.end];
                if !lower(&edit.after).split(' ').any(|w| w == lower(word)) {
                    broken += 1;
                    *wrong
                        .entry((format!("BROKEN {}", edit.before), edit.after.clone()))
                        .or_default() += 1;
                }
            }
        }
    }
    if let Ok(path) = env::var("SPUN") {
        fs::write(path, texts).unwrap();
    }
    let percent = |a: usize, b: usize| 100.0 * a as f64 / b.max(1) as f64;
    println!(
        "{read} articles, {} heads, {pairs} pairs: tokens {:.1} % -> {:.1} %; {slots} places, {:.1} % changed, {:.1} % restored; {:.2} % of good words broken; gate {:.1} %; {:.2} MB/s; choices {:.1} %",
        dictionary.len(),
        percent(before.0, before.1),
        percent(after.0, after.1),
        percent(changed, slots),
        percent(restored, slots),
        percent(broken, good),
        percent(gated, read),
        bytes as f64 / 1e6 / seconds,
        percent(better, choices),
    );
    let mut wrong: Vec<_> = wrong.into_iter().collect();
    wrong.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    if env::var("WRONG").is_ok() {
        for ((place, got), count) in wrong.iter().take(80) {
            println!("{count}\t{place}\t{got}");
        }
    }
}
