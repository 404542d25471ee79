//! `detect FILE...`: path, encoding and confidence, separated by tabs, as `scutch decode --detect` prints them.
#![allow(clippy::print_stdout, reason = "a report on stdout is what it is for")]

use scutch_decode::{Config, Decoder, Hints};

fn main() -> std::io::Result<()> {
    let decoder = Decoder::new(&Config::default());
    let hints = Hints { html: true, ..Hints::default() };
    for path in std::env::args().skip(1) {
        match decoder.detect(&std::fs::read(&path)?, &hints) {
            Ok(found) => println!("{path}\t{}\t{:.3}", found.encoding, found.confidence),
            Err(_) => println!("{path}\tbinary\t1.000"),
        }
    }
    Ok(())
}
