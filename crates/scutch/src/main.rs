//! Scutch on the command line: arguments, progress, messages, exit codes.

mod args;
mod commands;
mod talk;

use std::process::ExitCode;

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

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return talk::refuse(&error),
    };
    let talk = talk::Talk::new(args.common.quiet, args.common.log);
    match commands::dispatch(args, &talk) {
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
