//! `charset DIR`: scores detection on DIR/ENCODING-LANGUAGE/file; what went wrong, then the tables.
#![allow(clippy::print_stdout, reason = "a report on stdout is what it is for")]

use std::fs;
use std::path::{Path, PathBuf};

use scutch_decode::{Config, Decoder, Evidence, eval};

fn main() -> std::io::Result<()> {
    let root = std::env::args().nth(1).unwrap_or_default();
    let decoder = Decoder::new(&Config::default());
    let (mut all, mut statistics) = (eval::Report::default(), eval::Report::default());
    for folder in sorted(Path::new(&root))?.into_iter().filter(|path| path.is_dir()) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for file in sorted(&folder)? {
            let Some(scored) = eval::score(&decoder, &name, &fs::read(&file)?) else {
                println!("{name}: no such encoding");
                continue;
            };
            if !scored.right {
                let found = scored.found.unwrap_or("binary");
                println!("{} is not {found} ({:.3})", file.display(), scored.confidence);
            }
            if scored.evidence == Some(Evidence::Statistics) {
                statistics.add(scored.clone());
            }
            all.add(scored);
        }
    }
    println!("\nAll files:\n\n{all}\nThose recognised by statistics:\n\n{statistics}");
    Ok(())
}

fn sorted(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = entries.collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}
