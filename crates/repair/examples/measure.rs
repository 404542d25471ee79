//! Measures the stage on files: see scripts/repair_measure.sh.
//!
//! usage: measure gold GOLD ROOT | choices ROOT GOLD... | gate JSONL | clean JSONL | mutable JSONL | show FILE | why FILE
//!
//! Environment: LEXICON, MODEL (`common`).

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a tool for the terminal"
)]

mod common;

use std::sync::Arc;
use std::{env, fs};

use scutch_repair::eval::{Gold, Necessary, Scores};
use scutch_repair::gate::Outcome;
use scutch_repair::words::{Case, Kind, Tokens};
use scutch_repair::{Config, Repair};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let started = std::time::Instant::now();
    let (model, lexicon) = (common::model(), common::lexicon());
    let parsed = started.elapsed();
    let repair = Repair::new(&Config::default(), Arc::new(lexicon), Arc::new(model));
    eprintln!("lexicon {parsed:?}, gate {:?}", started.elapsed() - parsed);
    match arguments[0].as_str() {
        "gold" => {
            let mut all = Scores::default();
            for gold in Gold::parse("gold", &fs::read_to_string(&arguments[1]).unwrap()).unwrap() {
                let text = fs::read_to_string(format!("{}/{}", arguments[2], gold.path)).unwrap();
                println!("{:?}", repair.gate().read(&text));
                all.add(gold.score("gold", &text, &repair.restore(&text)).unwrap());
            }
            for error in &all.errors {
                println!("{error}");
            }
            println!(
                "{} edits, {} right, {} of {} repaired: precision {:.3} recall {:.3} F0.5 {:.3}",
                all.edits,
                all.right,
                all.repaired,
                all.must,
                all.precision(),
                all.recall(),
                all.f05()
            );
        }
        "choices" => {
            let model = common::model();
            let [mut stand, mut restored, mut choices] = [0; 3];
            for file in &arguments[2..] {
                for gold in Gold::parse(file, &fs::read_to_string(file).unwrap()).unwrap() {
                    let text =
                        fs::read_to_string(format!("{}/{}", arguments[1], gold.path)).unwrap();
                    let places = gold.necessary(file, &text).unwrap();
                    choices += places.len();
                    for (number, (span, accepted)) in places.iter().enumerate() {
                        let any = |text: &str, span: &_| {
                            accepted.iter().any(|one| common::prefers(&model, text, span, one))
                        };
                        stand += usize::from(any(&text, span));
                        let repair = |places: &[Necessary<'_>], from: usize, to: usize| {
                            let (mut out, mut done) = (String::new(), from);
                            for (span, accepted) in places {
                                out += &text[done..span.start];
                                out += &accepted[0];
                                done = span.end;
                            }
                            out + &text[done..to]
                        };
                        let before = repair(&places[..number], 0, span.start);
                        let behind = repair(&places[number + 1..], span.end, text.len());
                        let here = before.len()..before.len() + span.len();
                        let all = before + &text[span.clone()] + &behind;
                        restored += usize::from(any(&all, &here));
                    }
                }
            }
            println!(
                "of {choices} choices {stand} as the text stands, {restored} with all others repaired"
            );
        }
        "gate" => {
            let text = fs::read_to_string(&arguments[1]).unwrap();
            let mut readings = Vec::new();
            let started = std::time::Instant::now();
            let mut bytes = 0;
            for line in text.lines() {
                let value: serde_json::Value = serde_json::from_str(line).unwrap();
                let text = value["text"].as_str().unwrap();
                bytes += text.len();
                readings.push((repair.gate().read(text), value["id"].to_string()));
            }
            let seconds = started.elapsed().as_secs_f64();
            readings.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
            for (reading, id) in readings.iter().take(15) {
                println!("{id} {reading:?}");
            }
            readings.sort_by(|a, b| b.0.window.total_cmp(&a.0.window));
            for (reading, id) in readings.iter().take(15) {
                println!("{id} {reading:?}");
            }
            println!(
                "{} documents {bytes} bytes, {:.1} MB/s with JSON",
                readings.len(),
                bytes as f64 / 1e6 / seconds
            );
        }
        "show" => {
            let text = fs::read_to_string(&arguments[1]).unwrap();
            for edit in repair.restore(&text) {
                println!("{} {:?} -> {:?} {:.2}", edit.rule, edit.before, edit.after, edit.score);
            }
        }
        "clean" => {
            let texts = common::texts(&arguments[1]);
            let started = std::time::Instant::now();
            let outcomes: Vec<Outcome> =
                texts.iter().map(|text| repair.gate().outcome(&repair.gate().read(text))).collect();
            let seconds = started.elapsed().as_secs_f64();
            let count = |wanted| outcomes.iter().filter(|&&outcome| outcome == wanted).count();
            let bytes: usize = texts.iter().map(String::len).sum();
            println!(
                "{} documents, {} suspicious, {} spun, {:.0} MB/s",
                texts.len(),
                count(Outcome::Suspicious),
                count(Outcome::Spun),
                bytes as f64 / 1e6 / seconds
            );
        }
        "mutable" => {
            let (mut words, mut left, mut names) = (0, 0, 0);
            for text in common::texts(&arguments[1]) {
                for token in Tokens::new(&text) {
                    words += 1;
                    if !repair.lexicon().is_mutable(&text[token.start..token.stem_end]) {
                        left += 1;
                        names += usize::from(token.case != Case::Lower || token.kind != Kind::Word);
                    }
                }
            }
            let percent = |n| 100.0 * n as f64 / words as f64;
            println!(
                "{words} tokens, {:.1} % immutable, {:.1} % lower-case words",
                percent(left),
                percent(left - names)
            );
        }
        "why" => {
            let text = fs::read_to_string(&arguments[1]).unwrap();
            for place in scutch_repair::explain::explain(&repair, &text) {
                let from = text.floor_char_boundary(place.span.start.saturating_sub(20));
                let to = text.ceil_char_boundary((place.span.end + 20).min(text.len()));
                println!(
                    "{:?}\t{}\tm{:.1} g{:.1}\t{}\t{}",
                    place.choice,
                    place.before,
                    place.margin,
                    place.gap,
                    place
                        .alternatives
                        .iter()
                        .take(5)
                        .map(|(a, b)| format!("{a} {b:.1}"))
                        .collect::<Vec<_>>()
                        .join(", "),
                    text[from..to].replace('\n', " "),
                );
            }
        }
        _ => {}
    }
}
