//! What clean text and the language model say of each pair, as `scripts/lexicon_weigh.py` asks.
//!
//! usage: evidence TEXT < PAIRS
//!
//! PAIRS are lines `spun form<TAB>original`. Prints for each: how often the original stands in TEXT,
//! in what share of those places the model prefers it to the spun form by three nats, how often the
//! spun form stands there in its own right, and in what share of those the model would prefer the
//! original as clearly: what a decoder finds, and what it spoils. Last come both log-probabilities.
//! Environment: MODEL (a file); one that was not made from TEXT, or it remembers too well.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for the terminal")]

mod common;

use std::collections::HashMap;
use std::{env, fs, io};

use scutch_repair::Score;
use scutch_repair::words::{Kind, Token, Tokens, hash_phrase, hash_word};

/// How much more probable counts as clear.
const CLEAR: Score = Score(3 * Score::NAT);
/// Places of one phrase that are looked at.
const MOST: usize = 300;
/// Words on either side that the model sees.
const AROUND: usize = 2;
/// Words of the longest phrase.
const LONGEST: usize = 8;

/// Places of a phrase: the words before and after, and how many places there are in all.
#[derive(Default)]
struct Places {
    count: usize,
    around: Vec<(Vec<u64>, Vec<u64>)>,
}

fn words(phrase: &str) -> Vec<u64> {
    phrase.split(' ').map(hash_word).collect()
}

fn main() {
    let text = fs::read_to_string(env::args().nth(1).unwrap()).unwrap();
    let pairs: Vec<(String, String)> = io::stdin()
        .lines()
        .map(|line| {
            let line = line.unwrap();
            let (spun, original) = line.split_once('\t').unwrap();
            (spun.to_owned(), original.to_owned())
        })
        .collect();
    let mut places: HashMap<u64, Places> = HashMap::new();
    for phrase in pairs.iter().flat_map(|(spun, original)| [spun, original]) {
        places.entry(hash_phrase(&words(phrase))).or_default();
    }
    for line in text.lines() {
        let tokens: Vec<Token> = Tokens::new(line).collect();
        let hashes: Vec<u64> = tokens.iter().map(|token| token.hash(line)).collect();
        for at in 0..tokens.len() {
            for end in at + 1..=tokens.len().min(at + LONGEST) {
                let last = &tokens[end - 1];
                if last.kind != Kind::Word || end > at + 1 && !last.joined {
                    break;
                }
                let Some(found) = places.get_mut(&hash_phrase(&hashes[at..end])) else { continue };
                found.count += 1;
                if found.around.len() < MOST {
                    let from = at.saturating_sub(AROUND);
                    let to = tokens.len().min(end + AROUND);
                    found.around.push((hashes[from..at].to_vec(), hashes[end..to].to_vec()));
                }
            }
        }
    }
    let model = common::model();
    let prefers = |places: &Places, one: &[u64], other: &[u64]| {
        let score = |(before, after): &(Vec<u64>, Vec<u64>), middle: &[u64]| {
            model.phrase(&[before, middle, after].concat())
        };
        let clear = |around| score(around, one) - score(around, other) > CLEAR;
        let clear = places.around.iter().filter(|&around| clear(around)).count();
        clear as f64 / places.around.len().max(1) as f64
    };
    for (spun, original) in &pairs {
        let (s, o) = (words(spun), words(original));
        let (at_s, at_o) = (&places[&hash_phrase(&s)], &places[&hash_phrase(&o)]);
        println!(
            "{spun}\t{original}\t{}\t{:.3}\t{}\t{:.3}\t{:.2}\t{:.2}",
            at_o.count,
            prefers(at_o, &o, &s),
            at_s.count,
            prefers(at_s, &o, &s),
            model.phrase(&s).to_nats(),
            model.phrase(&o).to_nats(),
        );
    }
}
