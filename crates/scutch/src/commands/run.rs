//! `scutch run`.

use std::cmp::Reverse;
use std::fmt::Write;

use anyhow::Result;
use indicatif::{HumanBytes, HumanCount};
use scutch_pipeline::{Error, Request, Stage, Summary};

use crate::Outcome;
use crate::args::{Common, Run};
use crate::commands::{load_config, threads, until_ctrl_c};
use crate::talk::Talk;

/// Reasons and rules of a stage that are listed one by one; the report has more.
const LISTED: usize = 12;

pub(super) fn run(common: &Common, run: Run, talk: &Talk) -> Result<Outcome> {
    let mut config = load_config(common)?;
    if let Some(list) = &run.stages {
        config.stages = Stage::parse_list(list)?;
    }
    let request = Request {
        inputs: run.input,
        output: run.output,
        against: run.against,
        threads: threads(common),
        memory: common.memory,
        resume: run.resume,
    };
    let begun = std::time::Instant::now();
    let summary = scutch_pipeline::run(&config, &request, &*talk.progress(), &*until_ctrl_c()?)
        .map_err(|error| match error {
            Error::Interrupted => {
                anyhow::Error::new(error).context("interrupted; go on with --resume")
            }
            error => error.into(),
        })?;
    let seconds = begun.elapsed().as_secs_f64();
    talk.note(&describe(&summary, seconds, request.threads));
    talk.note(&format!("wrote {}", request.output.display()));
    if summary.counts.documents == 0 {
        let output = request.output.display();
        talk.warn(&format!(
            "no document is left: `scutch inspect {output}` tells what became of the records"
        ));
    }
    Ok(Outcome::Done)
}

/// What came out, as a person wants to read it.
fn describe(summary: &Summary, seconds: f64, threads: usize) -> String {
    let mut out = String::new();
    let count = |n: u64| HumanCount(n).to_string();
    let megabytes = summary.input_bytes as f64 / 1e6;
    let _ = writeln!(
        out,
        "{} records ({}) in {seconds:.1} s: {:.1} MB/s on {threads} threads",
        count(summary.records),
        HumanBytes(summary.input_bytes),
        megabytes / seconds.max(1e-3)
    );
    let counts = &summary.counts;
    let _ = writeln!(
        out,
        "  {:>10}  clean documents ({})",
        count(counts.documents),
        HumanBytes(summary.text_bytes)
    );
    for (what, tally) in [("rejected", &counts.rejected), ("edits", &counts.edits)] {
        for (stage, names) in tally {
            let mut names: Vec<(&str, u64)> = names.iter().map(|(k, n)| (k.as_str(), *n)).collect();
            names.sort_by_key(|&(name, n)| (Reverse(n), name));
            let (listed, others) = names.split_at(names.len().min(LISTED));
            for (name, n) in listed {
                let _ = writeln!(out, "  {:>10}  {what} by {stage}: {name}", count(*n));
            }
            if !others.is_empty() {
                let sum = others.iter().map(|(_, n)| n).sum();
                let others = others.len();
                let _ = writeln!(out, "  {:>10}  {what} by {stage}: {others} others", count(sum));
            }
        }
    }
    let total: f64 = summary.time.iter().map(|(_, time)| time.as_secs_f64()).sum();
    let shares: Vec<String> = summary
        .time
        .iter()
        .map(|(work, time)| {
            format!("{work} {:.0} %", 100.0 * time.as_secs_f64() / total.max(f64::MIN_POSITIVE))
        })
        .collect();
    let _ = write!(out, "  time by stage: {}", shares.join(", "));
    out
}
