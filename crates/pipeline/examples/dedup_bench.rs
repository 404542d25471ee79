//! What near-duplicate detection costs: processor time and peak memory, by phase.
//!
//! ```text
//! dedup_bench text FILE.jsonl [MIB]     documents of a file ({"id", "text"} a line)
//! dedup_bench simulate COUNT [MIB]      made-up signatures, every tenth a copy of an earlier one
//! ```
//! MIB bounds the memory of sorting (default 1024). The folder for spill files is TMPDIR's. Linux only: time
//! and memory are read from /proc.

#![allow(clippy::print_stdout, reason = "the table is what it is for")]

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};

use scutch_dedup::{Config, KEY_BITS, Key, Mutable, Near, Sketch};
use scutch_document::{Document, Id, Origin};
use scutch_pipeline::near::NearPass;
use scutch_repair::Lexicon;

/// Documents that are held at once.
const BATCH: usize = 4096;
/// Words of a made-up text: few, for the disk.
const WORDS: u64 = 32;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (mode, of) = match arguments.as_slice() {
        [mode, of, ..] => (mode.as_str(), of),
        _ => return Err("usage: dedup_bench text FILE.jsonl [MIB] | simulate COUNT [MIB]".into()),
    };
    let memory = arguments.get(2).map_or(Ok(1024), |mib| mib.parse::<usize>())? << 20;
    let dir = tempfile::tempdir()?;
    let mut bench =
        Bench { pass: NearPass::new(&Config::default(), dir.path(), memory)?, documents: 0 };
    let mut bytes = 0;
    let mut sketching = 0.0;
    let mut observing = 0.0;
    if mode == "text" {
        let near = Near::new(&Config::default());
        let lexicon = Lexicon::english();
        let mutable = Mutable::new(move |word| lexicon.is_mutable(word));
        let mut batch = Vec::with_capacity(BATCH);
        let mut lines = BufReader::new(fs::File::open(of)?).split(b'\n').peekable();
        while let Some(line) = lines.next() {
            let line: serde_json::Value = serde_json::from_slice(&line?)?;
            let text = line["text"].as_str().ok_or("a line without text")?.to_owned();
            bytes += text.len();
            let origin = Origin { id: Id(bytes as u128), ..Origin::default() };
            batch.push(Document::new(origin, text));
            if batch.len() == BATCH || lines.peek().is_none() {
                let start = seconds()?;
                let sketches: Vec<Sketch> =
                    batch.iter().map(|document| near.sketch(document, &mutable)).collect();
                sketching += seconds()? - start;
                let start = seconds()?;
                for (document, sketch) in batch.drain(..).zip(sketches) {
                    bench.observe(sketch, &document)?;
                }
                observing += seconds()? - start;
            }
        }
    } else {
        let count: u64 = of.parse()?;
        let start = seconds()?;
        for i in 0..count {
            let origin = Origin { id: Id(u128::from(i)), ..Origin::default() };
            bench.observe(made_up(i), &Document::new(origin, ""))?;
        }
        observing += seconds()? - start;
    }
    let documents = bench.documents;
    let start = seconds()?;
    let mut found = 0u64;
    for finding in bench.pass.finish()? {
        finding?;
        found += 1;
    }
    let clustering = seconds()? - start;
    let whole = sketching + observing + clustering;
    println!("{documents} documents, {found} in clusters, peak memory {} MiB", peak()?);
    for (name, time) in [
        ("signatures", sketching),
        ("bands to disk", observing),
        ("sort, compare, cluster", clustering),
        ("all", whole),
    ] {
        let each = 1e6 * time / documents.max(1) as f64;
        let rate = bytes as f64 / 1e6 / time.max(1e-9);
        println!("{name:24}{time:9.2} s{each:9.2} us a document{rate:9.1} MB/s");
    }
    Ok(())
}

struct Bench {
    pass: NearPass,
    documents: u64,
}

impl Bench {
    fn observe(&mut self, sketch: Sketch, document: &Document) -> Result<(), Box<dyn Error>> {
        self.pass.observe(self.documents, sketch, document)?;
        self.documents += 1;
        Ok(())
    }
}

/// A signature with as many keys as a text of 2 kB has. Every tenth repeats half of the keys, and all words, of one
/// before it.
fn made_up(i: u64) -> Sketch {
    let config = Config::default();
    let of = if i % 10 == 9 { i - 1 - mix(i) % i.min(1_000_000) } else { i };
    let count = (config.near.keys + config.spin.keys) as u64;
    let posted = (config.near.posted + config.spin.posted) as u64;
    let keys = (0..count)
        .map(|k| {
            let source = if k % 2 == 0 { of } else { i };
            let value = (mix(source * count + k) >> (64 - KEY_BITS)) as u32;
            Key { value, posted: k < posted }
        })
        .collect();
    let words = (0..WORDS).flat_map(|k| (mix(of * WORDS + k) as u32).to_le_bytes()).collect();
    Sketch { words, keys, ..Sketch::default() }
}

/// splitmix64 (Steele, Lea, Flood, OOPSLA 2014).
fn mix(n: u64) -> u64 {
    let mut z = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Processor time of this process so far, all threads.
fn seconds() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(") ").next().unwrap_or_default();
    let ticks: f64 = fields.split(' ').skip(11).take(2).flat_map(str::parse::<f64>).sum();
    Ok(ticks / 100.0)
}

/// Peak memory of this process, in MiB.
fn peak() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? >> 10)
}
