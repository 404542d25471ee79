//! What reading files promises; one program, so that it is linked once.

#![allow(clippy::unwrap_used, reason = "a test may end with its own mistakes")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

mod bad_data;
mod common;
#[cfg(unix)]
mod discovery;
mod html;
mod real_data;
mod records;
