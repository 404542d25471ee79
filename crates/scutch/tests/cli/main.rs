//! The command line, as its users run it.
#![expect(clippy::unwrap_used, reason = "only tests use it")]

mod common;
#[path = "../../../../tests/support/crawl.rs"]
mod crawl;
mod filters;
mod hostile;
mod readme;
mod run;
mod wrong_input;
