//! What each command does.

mod config;
mod dataset;
mod dedup;
mod eval;
mod fields;
mod filter;
mod inspect;
mod lexicon;
mod run;
mod show;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use clap::CommandFactory;
use scutch_pipeline::Config;

use crate::Outcome;
use crate::args::{Args, Command, Common};
use crate::talk::Talk;

pub(crate) use show::visible;

/// A command that asks for what cannot be done: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

pub(crate) fn dispatch(args: Args, talk: &Talk) -> Result<Outcome> {
    let common = &args.common;
    match args.command {
        Command::Run(run) => run::run(common, run, talk),
        Command::Decode(decode) if decode.detect => filter::detect(common, &decode, talk),
        Command::Decode(decode) => filter::decode(common, &decode.filter, talk),
        Command::Strip(strip) => filter::strip(common, &strip, talk),
        Command::Repair(filter) => filter::repair(common, &filter, talk),
        Command::Dedup(dedup) => dedup::dedup(common, &dedup, talk),
        Command::Inspect(inspect) => inspect::inspect(common, &inspect),
        Command::Restore(restore) => dataset::restore(&restore),
        Command::Verify { dataset } => dataset::verify(&dataset, talk),
        Command::Diff { a, b } => dataset::diff(&a, &b, talk),
        Command::Report { dataset } => dataset::report(&dataset),
        Command::Eval { task, gold, profile } => eval::eval(common, task, &gold, profile),
        Command::Lexicon(command) => lexicon::lexicon(common, command, talk),
        Command::Lm(command) => lexicon::model(command, talk),
        Command::Config(command) => config::config(common, command),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "scutch", &mut script);
            write_out(&script)
        }
    }
}

/// The config of `--config`, or the defaults.
fn load_config(common: &Common) -> Result<Config> {
    Ok(match &common.config {
        Some(path) => Config::load(path)?,
        None => Config::default(),
    })
}

fn threads(common: &Common) -> usize {
    common.threads.map_or_else(
        || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        usize::from,
    )
}

/// A flag that Ctrl-C raises.
fn until_ctrl_c() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .context("cannot listen for Ctrl-C")?;
    Ok(stop)
}

/// A pool of `--threads` workers.
fn pool(common: &Common) -> Result<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads(common))
        .build()
        .context("cannot start worker threads")
}

/// The file, or standard input.
fn open(file: Option<&Path>) -> Result<(Box<dyn Read + Send>, String)> {
    match file.filter(|path| *path != Path::new("-")) {
        None => Ok((Box::new(std::io::stdin()), "standard input".to_owned())),
        Some(path) => {
            let file = std::fs::File::open(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            Ok((Box::new(file), path.display().to_string()))
        }
    }
}

fn read_file(path: &PathBuf) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn read_text(path: &PathBuf) -> Result<String> {
    String::from_utf8(read_file(path)?).with_context(|| format!("{} is not UTF-8", path.display()))
}

/// Writes data to stdout, whole.
fn write_out(bytes: &[u8]) -> Result<Outcome> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()?;
    Ok(Outcome::Done)
}
