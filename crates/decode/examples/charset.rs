//! `charset DIR`: scores detection on DIR/ENCODING-LANGUAGE/file and prints what went wrong.
#![allow(clippy::print_stdout, reason = "a report on stdout is what it is for")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use scutch_decode::{Config, Decoder, Evidence, eval};

fn main() -> std::io::Result<()> {
    let root = std::env::args().nth(1).unwrap_or_default();
    let decoder = Decoder::new(&Config::default());
    let mut scored = Vec::new();
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in sorted(Path::new(&root))? {
        if !folder.is_dir() {
            continue;
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for file in sorted(&folder)? {
            let bytes = fs::read(&file)?;
            let Some(score) = eval::score(&decoder, &name, &bytes) else {
                println!("{name}: no such encoding");
                continue;
            };
            if !score.right {
                let found = score.found.unwrap_or("binary");
                let base = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                wrong
                    .entry(name.clone())
                    .or_default()
                    .push(format!("{base} {found} {:.3}", score.confidence));
            }
            scored.push(score);
        }
    }
    for (folder, files) in &wrong {
        println!("{folder}: {}", files.join(", "));
    }
    let share = |name: &str, keep: &dyn Fn(&eval::Scored) -> bool| {
        let (mut right, mut all) = (0, 0);
        for score in scored.iter().filter(|score| keep(score)) {
            all += 1;
            right += usize::from(score.right);
        }
        println!("{name}: {right} of {all} = {:.2} %", 100.0 * right as f32 / all as f32);
    };
    share("web", &|score| score.web);
    share("all", &|_| true);
    share("binary", &|score| score.gold.is_none());
    for (name, only) in [("all", false), ("statistics", true)] {
        let (mut gap, mut all) = (0.0, 0.0);
        println!("confidence, files, right: {name}");
        for decile in 0..10 {
            let of: Vec<_> = scored
                .iter()
                .filter(|s| !only || s.evidence == Some(Evidence::Statistics))
                .filter(|s| (s.confidence * 10.0).min(9.0) as usize == decile)
                .collect();
            let n = of.len() as f32;
            let mean = of.iter().map(|s| s.confidence).sum::<f32>() / n.max(1.0);
            let right = of.iter().filter(|s| s.right).count() as f32 / n.max(1.0);
            println!("{mean:.3} {n:5} {right:.3}");
            gap += (mean - right).abs() * n;
            all += n;
        }
        println!("expected calibration error: {:.4}", gap / all);
    }
    Ok(())
}

fn sorted(folder: &Path) -> std::io::Result<Vec<std::path::PathBuf>> {
    let mut paths = fs::read_dir(folder)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}
