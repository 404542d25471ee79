//! What is said on stderr: errors, notes, progress.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanCount, HumanDuration, ProgressBar, ProgressStyle};
use scutch_pipeline::Progress;

use crate::args::Log;
use crate::commands::visible;

/// The voice on stderr.
pub(crate) struct Talk {
    quiet: bool,
    log: Log,
}

impl Talk {
    pub(crate) fn new(quiet: bool, log: Log) -> Self {
        Self { quiet, log }
    }

    /// One line for the person who runs the command.
    pub(crate) fn note(&self, message: &str) {
        if !self.quiet {
            self.say("info", message);
        }
    }

    /// Something is wrong, and the command goes on.
    pub(crate) fn warn(&self, message: &str) {
        match self.log {
            Log::Text => self.say("warning", &format!("warning: {}", visible(message))),
            Log::Json => self.say("warning", message),
        }
    }

    /// The one line of a command that failed.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        // Causes that a message repeats already are left out.
        let mut message = error.to_string();
        for cause in error.chain().skip(1).map(ToString::to_string) {
            if !message.contains(&cause) {
                message = format!("{message}: {cause}");
            }
        }
        match self.log {
            Log::Text => self.say("error", &format!("error: {}", visible(&message))),
            Log::Json => self.say("error", &message),
        }
    }

    /// The progress of a run, as a bar on a terminal and as a line every few seconds elsewhere.
    pub(crate) fn progress(&self) -> Box<dyn Progress> {
        if self.quiet {
            Box::new(scutch_pipeline::Quiet)
        } else if self.log == Log::Text && std::io::stderr().is_terminal() {
            Box::new(Bar(Mutex::new((ProgressBar::hidden(), 0))))
        } else {
            Box::new(Lines { json: self.log == Log::Json, pass: Mutex::new(None) })
        }
    }

    fn say(&self, level: &str, message: &str) {
        say(self.log == Log::Json, level, message);
    }
}

/// Nothing can be done when stderr is gone, so its errors are dropped.
fn say(json: bool, level: &str, message: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = if json {
        writeln!(stderr, "{}", serde_json::json!({"level": level, "message": message}))
    } else {
        writeln!(stderr, "{message}")
    };
}

/// What clap says: help on stdout, a wrong command on stderr, as JSON where that was asked for.
pub(crate) fn refuse(error: &clap::Error) -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let json = words.iter().any(|word| word == "--log=json")
        || words.windows(2).any(|pair| pair[0] == "--log" && pair[1] == "json");
    if json && error.use_stderr() {
        let said = error.to_string();
        say(true, "error", said.trim_start_matches("error: ").trim_end());
    } else {
        // Nothing can be done when the reader is gone.
        let _ = error.print();
    }
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

/// 2 where the command or the config must change, 130 after Ctrl-C, 1 otherwise.
pub(crate) fn exit_code(error: &anyhow::Error) -> u8 {
    for cause in error.chain() {
        if cause.is::<scutch_pipeline::ConfigError>() || cause.is::<crate::commands::Usage>() {
            return 2;
        }
        match cause.downcast_ref::<scutch_pipeline::Error>() {
            Some(scutch_pipeline::Error::Interrupted) => return 130,
            Some(error) if error.is_usage() => return 2,
            _ => {}
        }
    }
    1
}

/// Whether the reader of our output went away: no failure of ours.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

/// The bar, and the records so far.
struct Bar(Mutex<(ProgressBar, u64)>);

impl Bar {
    fn with(&self, job: impl FnOnce(&mut (ProgressBar, u64))) {
        job(&mut self.0.lock().unwrap_or_else(|lock| lock.into_inner()));
    }
}

impl Progress for Bar {
    fn begin(&self, pass: &'static str, bytes: u64) {
        let style = ProgressStyle::with_template(
            "{prefix:>6} {bar:32} {bytes}/{total_bytes}  {binary_bytes_per_sec}  {msg} records  ETA {eta}",
        )
        .unwrap_or_else(|_| ProgressStyle::default_bar());
        self.with(|state| {
            *state = (ProgressBar::new(bytes).with_style(style).with_prefix(pass), 0);
        });
    }

    fn advance(&self, bytes: u64, records: u64) {
        self.with(|(bar, seen)| {
            bar.inc(bytes);
            *seen += records;
            bar.set_message(HumanCount(*seen).to_string());
        });
    }

    fn end(&self) {
        self.with(|(bar, _)| bar.finish_and_clear());
    }
}

struct Lines {
    json: bool,
    pass: Mutex<Option<Pass>>,
}

struct Pass {
    name: &'static str,
    begun: Instant,
    said: Instant,
    total: u64,
    bytes: u64,
    records: u64,
}

const EVERY: Duration = Duration::from_secs(5);

impl Lines {
    fn say(&self, pass: &Pass) {
        let seconds = pass.begun.elapsed().as_secs_f64().max(1e-3);
        let rate = pass.bytes as f64 / seconds;
        let left = pass.total.saturating_sub(pass.bytes) as f64 / rate.max(1.0);
        if self.json {
            let line = serde_json::json!({
                "level": "progress", "pass": pass.name, "bytes": pass.bytes, "of": pass.total,
                "records": pass.records, "seconds": seconds,
            });
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        } else {
            let line = format!(
                "{}: {} of {}, {} records, {}/s, ETA {}",
                pass.name,
                HumanBytes(pass.bytes),
                HumanBytes(pass.total),
                HumanCount(pass.records),
                HumanBytes(rate as u64),
                HumanDuration(Duration::from_secs_f64(left.min(1e9)))
            );
            say(false, "progress", &line);
        }
    }

    fn with(&self, job: impl FnOnce(&mut Option<Pass>)) {
        job(&mut self.pass.lock().unwrap_or_else(|lock| lock.into_inner()));
    }
}

impl Progress for Lines {
    fn begin(&self, name: &'static str, total: u64) {
        let now = Instant::now();
        self.with(|pass| {
            *pass = Some(Pass { name, begun: now, said: now, total, bytes: 0, records: 0 });
        });
    }

    fn advance(&self, bytes: u64, records: u64) {
        self.with(|pass| {
            let Some(pass) = pass else { return };
            pass.bytes += bytes;
            pass.records += records;
            if pass.said.elapsed() >= EVERY {
                pass.said = Instant::now();
                self.say(pass);
            }
        });
    }

    fn end(&self) {
        self.with(|pass| {
            if let Some(pass) = pass.take() {
                self.say(&pass);
            }
        });
    }
}
