//! The command line, as its users run it.

mod common;
#[path = "../../../../tests/support/crawl.rs"]
mod crawl;
mod filters;
mod readme;
mod run;
mod wrong_input;
