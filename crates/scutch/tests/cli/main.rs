//! The command line, as its users run it.
#![expect(clippy::unwrap_used, reason = "only tests use it")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod common;
#[path = "../../../../tests/support/crawl.rs"]
mod crawl;
mod filters;
mod hostile;
mod readme;
mod run;
mod wrong_input;
