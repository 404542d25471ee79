//! One stage as a Unix filter: text in, text out.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use scutch_decode::Hints;
use scutch_document::{Document, Origin, Rejection};
use scutch_pipeline::{Config, Stage, Stages};
use serde_json::json;

use crate::Outcome;
use crate::args::{self, Common, Filter};
use crate::commands::fields::Fields;
use crate::commands::{load_config, open, pool, write_out};
use crate::talk::Talk;

/// Of a file nothing is known but what it says itself: a BOM, an XML or HTML declaration.
const FILE: Hints<'static> = Hints { charset: None, html: true, tld: None };

pub(super) fn decode(common: &Common, filter: &Filter, talk: &Talk) -> Result<Outcome> {
    let config = load_config(common)?;
    if filter.jsonl {
        return json_lines(common, filter, config, Stage::Decode, talk);
    }
    let (mut input, name) = open(filter.file.as_deref())?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let filtered = scutch_decode::Filter::new(&config.decode)
        .run(&mut input, &mut out, &FILE)
        .with_context(|| format!("cannot decode {name}"))?
        .map_err(|why| anyhow::anyhow!("{name}: {}: {}", why.reason, why.detail))?;
    out.flush()?;
    if filtered.malformed > 0 {
        let (n, encoding) = (filtered.malformed, filtered.detection.encoding);
        talk.warn(&format!("{name}: {n} malformed sequences as {encoding} became U+FFFD"));
    }
    Ok(Outcome::Done)
}

pub(super) fn strip(common: &Common, strip: &args::Strip, talk: &Talk) -> Result<Outcome> {
    let mut config = load_config(common)?;
    if let Some(profile) = strip.profile {
        config.strip.profile = profile.into();
    }
    filter(common, &strip.filter, config, Stage::Strip, talk)
}

pub(super) fn repair(common: &Common, args: &Filter, talk: &Talk) -> Result<Outcome> {
    filter(common, args, load_config(common)?, Stage::Repair, talk)
}

impl From<args::Profile> for scutch_strip::Profile {
    fn from(profile: args::Profile) -> Self {
        match profile {
            args::Profile::Footers => Self::Footers,
            args::Profile::Article => Self::Article,
        }
    }
}

/// `scutch decode --detect FILE...`: a file that cannot be read is named, and the others are not lost.
pub(super) fn detect(common: &Common, args: &args::Decode, talk: &Talk) -> Result<Outcome> {
    let config = load_config(common)?;
    let decoder = scutch_decode::Decoder::new(&config.decode);
    let mut files: Vec<&Path> =
        args.filter.file.iter().chain(&args.more).map(PathBuf::as_path).collect();
    if files.is_empty() {
        files.push(Path::new("-"));
    }
    let mut outcome = Outcome::Done;
    for path in files {
        let bytes = match read(Some(path), &config) {
            Ok((bytes, _)) => bytes,
            Err(error) => {
                talk.warn(&format!("{error:#}; left out"));
                outcome = Outcome::NotWell;
                continue;
            }
        };
        let (encoding, confidence) = match decoder.detect(&bytes, &FILE) {
            Ok(detection) => (detection.encoding.to_owned(), detection.confidence),
            Err(rejection) => (rejection.reason.into_owned(), 1.0),
        };
        let line = format!("{}\t{encoding}\t{confidence:.3}\n", path.display());
        write_out(line.as_bytes())?;
    }
    Ok(outcome)
}

/// The stages of a config in which this one is on alone.
fn only(stage: Stage, config: Config) -> Result<Stages> {
    Ok(Stages::new(&Config { stages: vec![stage], ..config })?)
}

/// All of a file, or of standard input, and its name.
fn read(file: Option<&Path>, config: &Config) -> Result<(Vec<u8>, String)> {
    let (input, name) = open(file)?;
    let most = config.input.max_record;
    let mut bytes = Vec::new();
    input
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {name}"))?;
    if bytes.len() as u64 > most {
        bail!("{name}: {}", too_large(most));
    }
    Ok((bytes, name))
}

/// Of a record that `scutch run` would not read either.
fn too_large(most: u64) -> String {
    format!("more than {most} bytes (see input.max_record)")
}

fn filter(
    common: &Common,
    args: &Filter,
    config: Config,
    stage: Stage,
    talk: &Talk,
) -> Result<Outcome> {
    if args.jsonl {
        return json_lines(common, args, config, stage, talk);
    }
    let (bytes, name) = read(args.file.as_deref(), &config)?;
    let stages = only(stage, config)?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let decoded = stages
                .decoder
                .decode(error.as_bytes(), &FILE)
                .map_err(|why| anyhow::anyhow!("{name}: {}: {}", why.reason, why.detail))?;
            talk.note(&format!("{name} is not UTF-8; read as {}", decoded.detection.encoding));
            decoded.text
        }
    };
    let mut document = Document::new(Origin::default(), text);
    match stages.filter(stage, &mut document) {
        Ok(()) => write_out(document.text().as_bytes()),
        Err(why) => {
            talk.warn(&format!("{name}: {}: {}", why.reason, why.detail));
            Ok(Outcome::Done)
        }
    }
}

/// Lines that are worked on at once.
const BATCH_LINES: usize = 4096;
/// And their bytes.
const BATCH_BYTES: usize = 8 << 20;

fn json_lines(
    common: &Common,
    args: &Filter,
    config: Config,
    stage: Stage,
    talk: &Talk,
) -> Result<Outcome> {
    let most = config.input.max_record;
    let stages = only(stage, config)?;
    let pool = pool(common)?;
    let (input, name) = open(args.file.as_deref())?;
    let mut input = BufReader::with_capacity(1 << 20, input);
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut number = 0u64;
    let mut outcome = Outcome::Done;
    loop {
        let mut lines =
            read_batch(&mut input, most).with_context(|| format!("cannot read {name}"))?;
        if number == 0
            && let Some(first) = lines.first_mut()
        {
            if first.starts_with(b"\xff\xfe") || first.starts_with(b"\xfe\xff") {
                bail!("{name} is UTF-16: make UTF-8 of it first, as `scutch decode` does");
            }
            if first.starts_with(BOM) {
                first.drain(..BOM.len());
            }
        }
        if lines.is_empty() {
            break;
        }
        let worked = |line: &Vec<u8>| match line.len() as u64 > most {
            true => bail!(too_large(most)),
            false => one_line(&stages, stage, line),
        };
        let results: Vec<_> = pool.install(|| lines.par_iter().map(worked).collect());
        for result in results {
            number += 1;
            match result {
                Ok(Some(line)) => {
                    out.write_all(line.as_bytes())?;
                    out.write_all(b"\n")?;
                }
                Ok(None) => {}
                Err(why) => {
                    talk.warn(&format!("{name}, line {number}: {why}; left out"));
                    outcome = Outcome::NotWell;
                }
            }
        }
    }
    out.flush()?;
    Ok(outcome)
}

/// The mark that some writers put before the first line.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// The next lines, without their ends; empty at the end of the input. Of a line of more than `most`
/// bytes comes its beginning, one byte more than that.
fn read_batch(input: &mut impl BufRead, most: u64) -> std::io::Result<Vec<Vec<u8>>> {
    let mut lines = Vec::new();
    let mut bytes = 0;
    while lines.len() < BATCH_LINES && bytes < BATCH_BYTES {
        let mut line = Vec::new();
        if input.take(most.saturating_add(1)).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if line.pop_if(|last| *last == b'\n').is_none() {
            input.skip_until(b'\n')?;
        }
        bytes += line.len();
        lines.push(line);
    }
    Ok(lines)
}

/// One JSON document through the stage; nothing for a blank line.
fn one_line(stages: &Stages, stage: Stage, line: &[u8]) -> Result<Option<String>> {
    if line.trim_ascii().is_empty() {
        return Ok(None);
    }
    let mut fields: Fields = serde_json::from_slice(line).map_err(|error| {
        // The line's number is told elsewhere.
        anyhow::anyhow!("{}", error.to_string().replacen("at line 1 column", "at column", 1))
    })?;
    let (text, url): (String, _) = (fields.get("text")?, fields.get("url").ok());
    let mut document = Document::new(Origin { url, ..Origin::default() }, text);
    document.language = fields.get("language").ok();
    let rejection = stages.filter(stage, &mut document).err();
    for (name, value) in &document.signals {
        fields.set(name, value)?;
    }
    let (_, text, edits) = document.into_parts();
    fields.set("text", &text)?;
    fields.set("edits", &edits)?;
    if let Some(Rejection { stage, reason, detail, .. }) = rejection {
        let rejected = json!({"stage": stage, "reason": reason, "detail": detail});
        fields.set("rejected", &rejected)?;
    }
    Ok(Some(serde_json::to_string(&fields)?))
}
