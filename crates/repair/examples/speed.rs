//! Measures how fast the stage is, and shows what it decides, so that two builds can be compared.
//!
//! usage: speed start | speed gate JSONL | speed repair JSONL | speed decisions JSONL
//!
//! `start` times what happens before the first text, and the decoder's beginning; `gate` and `repair`
//! print MB of text per second of CPU, the best of five rounds (`repair` of documents that the gate
//! has read, as in a run); `decisions` prints every reading and edit. The texts of `simulate`
//! (environment: SPUN) are for `repair`. Environment: LEXICON, MODEL (`common`).

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for the terminal")]

mod common;

use std::sync::Arc;
use std::time::Instant;
use std::{env, fs};

use scutch_document::{Document, DocumentStage, Edit, Origin, Signals, Verdict};
use scutch_repair::{Config, Repair};

/// As in the program that ships.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Seconds of CPU that this process has used; of the clock where the system does not tell.
fn seconds(started: Instant) -> f64 {
    let told = fs::read_to_string("/proc/self/schedstat").ok();
    let used = told.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    used.map_or_else(|| started.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

/// A round reads so many bytes or more: the system counts CPU time in steps of some milliseconds.
const ROUND: usize = 1 << 20;

/// The documents' MB of text per second, in the best of five rounds.
fn speed(documents: &[Document], mut job: impl FnMut(&Document)) -> f64 {
    let started = Instant::now();
    let bytes: usize = documents.iter().map(|document| document.text().len()).sum();
    let times = ROUND.div_ceil(bytes.max(1));
    let rounds = (0..5).map(|_| {
        let before = seconds(started);
        (0..times).for_each(|_| documents.iter().for_each(&mut job));
        seconds(started) - before
    });
    (bytes * times) as f64 / 1e6 / rounds.fold(f64::INFINITY, f64::min)
}

/// Edits and signals of a document that is kept.
fn keep(verdict: Verdict) -> (Vec<Edit>, Signals) {
    match verdict {
        Verdict::Keep { edits, signals } => (edits, signals),
        Verdict::Reject(_) => Default::default(),
    }
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let started = Instant::now();
    let before = seconds(started);
    let lexicon = common::lexicon();
    let parsed = seconds(started);
    let repair = Repair::new(&Config::default(), Arc::new(lexicon), Arc::new(common::model()));
    let ready = seconds(started);
    let texts = arguments.get(1).map(|path| common::texts(path)).unwrap_or_default();
    let mut documents: Vec<Document> =
        texts.into_iter().map(|text| Document::new(Origin::default(), text)).collect();
    match arguments[0].as_str() {
        "start" => {
            let (lexicon, stage) = (1e3 * (parsed - before), 1e3 * (ready - parsed));
            repair.restore("");
            let decoder = 1e3 * (seconds(started) - ready);
            println!(
                "lexicon {lexicon:.1} ms, gate {stage:.1} ms; with a spun text {decoder:.1} ms"
            );
        }
        "gate" => {
            let mut words = 0;
            let speed = speed(&documents, |one| words += repair.gate().read(one.text()).words);
            println!("gate: {speed:.1} MB/s, {words} words");
        }
        "repair" => {
            // The gate has its stage before this one.
            for document in &mut documents {
                document.signals = keep(repair.gate().judge(document)).1;
            }
            let mut edits = 0;
            let speed = speed(&documents, |one| edits += keep(repair.judge(one)).0.len());
            println!("repair: {speed:.2} MB/s, {edits} edits");
        }
        _ => {
            for (number, document) in documents.iter().enumerate() {
                println!("{number} {:?}", repair.gate().read(document.text()));
                println!("{:?}", repair.judge(document));
                for edit in repair.restore(document.text()) {
                    println!("{edit:?}");
                }
            }
        }
    }
}
