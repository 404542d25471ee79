//! Reads files and prints how fast: `cargo run --release -p scutch-ingest --example throughput -- PATH…`
//!
//! With `--text`, the texts (of HTML, as lines) go to stdout instead.

#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::path::PathBuf;
use std::time::Instant;

use scutch_ingest::{Body, Config, Error, Kind, discover, html_to_text, open};

fn main() -> Result<(), Error> {
    let mut paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let show = paths.first().is_some_and(|path| path.as_os_str() == "--text");
    paths.drain(..usize::from(show));
    let config = Config::default();

    let start = Instant::now();
    let sources = discover(&paths)?;
    let discovered = start.elapsed().as_secs_f64();

    let (mut records, mut broken, mut bytes, mut html) = (0u64, 0u64, 0, 0);
    let (mut reading, mut converting) = (0.0, 0.0);
    for source in &sources {
        let mut start = Instant::now();
        for record in open(source, &config)? {
            let body = record?.body;
            reading += start.elapsed().as_secs_f64();
            records += 1;
            match body {
                Body::Text(text) => {
                    bytes += text.len();
                    if show {
                        println!("{text}");
                    }
                }
                Body::Bytes { bytes: page, kind, .. } => {
                    bytes += page.len();
                    let page = String::from_utf8_lossy(&page);
                    if kind == Kind::Html {
                        html += page.len();
                        let start = Instant::now();
                        let text = html_to_text(&page);
                        converting += start.elapsed().as_secs_f64();
                        if show {
                            println!("{text}");
                        }
                    } else if show {
                        println!("{page}");
                    }
                }
                Body::Broken { raw, .. } => {
                    bytes += raw.len();
                    broken += 1;
                }
            }
            start = Instant::now();
        }
        reading += start.elapsed().as_secs_f64();
    }
    if !show {
        let rate = |bytes: usize, seconds: f64| bytes as f64 / 1e6 / seconds.max(1e-9);
        println!(
            "{} files in {discovered:.2} s, {records} records ({broken} broken)",
            sources.len()
        );
        println!("read: {:.1} MB, {:.0} MB/s", bytes as f64 / 1e6, rate(bytes, reading));
        println!("html_to_text: {:.1} MB, {:.0} MB/s", html as f64 / 1e6, rate(html, converting));
    }
    Ok(())
}
