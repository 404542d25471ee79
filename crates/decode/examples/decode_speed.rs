//! `decode_speed utf8|legacy|clean PATH...`: MB/s on one core over the files (folders are walked), best of five.
//!
//! `utf8` joins the files and decodes the whole; `legacy` detects and decodes each file that is in
//! another encoding; `clean` runs the cleaning stage, and `mojibake` its mojibake rules alone.
#![allow(clippy::print_stdout, reason = "a report on stdout is what it is for")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use scutch_decode::{Clean, Config, Decoder, Hints, LineEnds, Policy};

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let task = args.next().unwrap_or_default();
    let mut files = Vec::new();
    for path in args {
        walk(Path::new(&path), &mut files)?;
    }
    files.sort();
    let contents: Vec<Vec<u8>> = files.iter().map(std::fs::read).collect::<Result<_, _>>()?;
    let decoder = Decoder::new(&Config::default());
    let hints = Hints { html: true, ..Hints::default() };
    let (bytes, seconds) = match task.as_str() {
        "utf8" => {
            let mut whole = contents.concat();
            while whole.len() < 64 << 20 {
                whole.extend_from_within(..);
            }
            (whole.len(), best(|| decoder.decode(&whole, &hints).map_or(0, |d| d.text.len())))
        }
        "legacy" => {
            let kept: Vec<&Vec<u8>> = contents
                .iter()
                .filter(|bytes| {
                    decoder.detect(bytes, &hints).is_ok_and(|found| found.encoding != "UTF-8")
                })
                .collect();
            let bytes = kept.iter().map(|bytes| bytes.len()).sum();
            let run =
                || kept.iter().map(|b| decoder.decode(b, &hints).map_or(0, |d| d.text.len())).sum();
            (bytes, best(run))
        }
        _ => {
            let config = Config::default();
            let keep = Policy::Keep;
            let clean = Clean::new(&match task.as_str() {
                "mojibake" => Config {
                    entities: false,
                    nfc: false,
                    line_ends: LineEnds::Keep,
                    controls: keep,
                    bidi: keep,
                    zero_width: keep,
                    ..config
                },
                _ => config,
            });
            let texts: Vec<String> = contents
                .iter()
                .filter_map(|bytes| decoder.decode(bytes, &hints).ok().map(|decoded| decoded.text))
                .collect();
            let bytes = texts.iter().map(String::len).sum();
            (bytes, best(|| texts.iter().map(|text| clean.edits(text).len()).sum()))
        }
    };
    println!("{task}: {:.1} MB/s ({bytes} bytes)", bytes as f64 / seconds / 1e6);
    Ok(())
}

/// Seconds on a core of the fastest of five runs.
fn best(mut run: impl FnMut() -> usize) -> f64 {
    let clock = Instant::now();
    // The scheduler's count is not disturbed by others on the machine; elsewhere the clock has to do.
    let now = || {
        std::fs::read_to_string("/proc/self/schedstat")
            .ok()
            .and_then(|text| text.split(' ').next()?.parse::<f64>().ok())
            .map_or_else(|| clock.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
    };
    (0..5)
        .map(|_| {
            let start = now();
            std::hint::black_box(run());
            now() - start
        })
        .fold(f64::INFINITY, f64::min)
}

fn walk(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            walk(&entry?.path(), files)?;
        }
    } else {
        files.push(path.to_owned());
    }
    Ok(())
}
