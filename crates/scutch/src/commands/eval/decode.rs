//! Files in folders named by their encoding.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rayon::prelude::*;
use scutch_decode::eval::{Report, Scored};
use scutch_pipeline::Config;

use crate::commands::read_file;

/// A folder of folders `ENCODING-LANGUAGE`, each with files in that encoding; `None` holds binary files.
pub(super) fn score(config: &Config, gold: &Path) -> Result<String> {
    let decoder = scutch_decode::Decoder::new(&config.decode);
    let mut files: Vec<(String, PathBuf)> = Vec::new();
    for folder in sorted(gold)? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if folder.is_dir() {
            files.extend(sorted(&folder)?.into_iter().map(|file| (name.clone(), file)));
        }
    }
    let scored: Vec<Scored> = files
        .par_iter()
        .map(|(folder, file)| Ok(scutch_decode::eval::score(&decoder, folder, &read_file(file)?)))
        .filter_map(Result::transpose)
        .collect::<Result<_>>()?;
    let mut report = Report::default();
    scored.into_iter().for_each(|file| report.add(file));
    Ok(report.to_string())
}

/// What lies in a folder, sorted by name.
fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let place = || format!("cannot read {}", folder.display());
    let mut paths = std::fs::read_dir(folder)
        .with_context(place)?
        .map(|entry| Ok(entry.with_context(place)?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
