//! Scutch on the command line: arguments, progress, messages, exit codes.

mod args;
mod commands;
mod talk;

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::process::ExitCode;
use std::sync::Mutex;

use clap::Parser;

use crate::args::Args;

/// Many small allocations on many threads are what it is made for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How a command ended, when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// All is well.
    Done,
    /// It worked, and what it looked at is not well: `verify` found damage, `diff` a difference.
    NotWell,
}

/// What the last panic said. Those on bad data are caught where they happen, and the record is rejected:
/// of them nothing is said.
static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

/// The error for a panic that nobody caught.
fn mistake() -> anyhow::Error {
    let said = LAST_PANIC.lock().unwrap_or_else(|lock| lock.into_inner());
    anyhow::anyhow!("this is a mistake of scutch, please report it: {said}")
}

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return talk::refuse(&error),
    };
    let talk = talk::Talk::new(args.common.quiet, args.common.log);
    set_hook(Box::new(|panic| {
        let said = panic.to_string();
        // That of a scope follows on that of a thread in it, which tells more.
        if !said.ends_with("a scoped thread panicked") {
            *LAST_PANIC.lock().unwrap_or_else(|lock| lock.into_inner()) = said;
        }
    }));
    let outcome = catch_unwind(AssertUnwindSafe(|| commands::dispatch(args, &talk)));
    match outcome.unwrap_or_else(|_| Err(mistake())) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::NotWell) => ExitCode::from(1),
        Err(error) => {
            if talk::is_broken_pipe(&error) {
                return ExitCode::SUCCESS;
            }
            talk.error(&error);
            ExitCode::from(talk::exit_code(&error))
        }
    }
}
