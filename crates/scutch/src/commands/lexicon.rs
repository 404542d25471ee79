//! `scutch lexicon` and `scutch lm`.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use scutch_dataset::Dataset;
use scutch_document::Id;
use scutch_repair::Lexicon;
use scutch_repair::lm::build::Ngrams;
use scutch_repair::mine::{Least, Miner};

use crate::Outcome;
use crate::args::{self, Common, Lm};
use crate::commands::{load_config, read_text, write_out};
use crate::talk::Talk;

pub(super) fn lexicon(common: &Common, command: args::Lexicon, talk: &Talk) -> Result<Outcome> {
    match command {
        args::Lexicon::Mine { dataset } => mine(common, &dataset, talk),
        args::Lexicon::Check { files } => {
            let mut out = String::new();
            for file in &files {
                let text = read_text(file)?;
                let name = file.display().to_string();
                let lexicon = Lexicon::parse(&[(&name, &text)])?;
                let _ = writeln!(out, "{name}: {} spun forms, ok", lexicon.entries().len());
            }
            if files.is_empty() {
                let _ =
                    writeln!(out, "built-in: {} spun forms", Lexicon::english().entries().len());
            }
            write_out(out.as_bytes())
        }
        args::Lexicon::Show { forms } => {
            let lexicon = whole(common)?;
            let mut out = String::new();
            let mut unknown: Vec<&String> = forms.iter().collect();
            for entry in lexicon.entries() {
                let is_it = |form: &str| form.eq_ignore_ascii_case(entry.spun());
                if forms.is_empty() || forms.iter().any(|form| is_it(form)) {
                    unknown.retain(|form| !is_it(form));
                    let originals: Vec<String> = entry
                        .originals()
                        .map(|original| format!("{}={}", original.text, original.weight))
                        .collect();
                    let _ = writeln!(out, "{}\t{}", entry.spun(), originals.join("; "));
                }
            }
            for form in unknown {
                talk.note(&format!("`{form}` is no spun form of the lexicon"));
            }
            write_out(out.as_bytes())
        }
    }
}

/// The lexicon that ships and the files of the config.
fn whole(common: &Common) -> Result<Lexicon> {
    let config = load_config(common)?;
    let files = config
        .repair
        .lexicon
        .iter()
        .map(|path| Ok((path.display().to_string(), read_text(path)?)))
        .collect::<Result<Vec<_>>>()?;
    Ok(Lexicon::english_with(&config.repair.families, &files)?)
}

/// Proposes pairs from the spun copies in `rejected` and the originals that were kept.
fn mine(common: &Common, path: &Path, talk: &Talk) -> Result<Outcome> {
    let dataset = Dataset::open(path)?;
    let lexicon = whole(common)?;
    let mut miner = Miner::default();
    let mut pairs = 0u64;
    for row in dataset.rejected()? {
        let row = row?;
        let (Some(spun), Some(kept)) = (&row.text, &row.duplicate_of) else { continue };
        if row.reason != "spun_copy" {
            continue;
        }
        let Ok(kept) = kept.parse::<Id>() else { continue };
        let Some(original) = dataset.document(kept)? else { continue };
        let site = row.origin.url.as_deref().unwrap_or(&row.origin.source);
        miner.add(site, spun, &original.text);
        pairs += 1;
    }
    let mut out =
        String::from("# spun form\toriginal\tcount\tdocuments\tsites\treverse\tknown\tcontext\n");
    for proposal in miner.proposals(&Least::default(), &lexicon) {
        let _ = writeln!(
            out,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            proposal.spun,
            proposal.original,
            proposal.count,
            proposal.documents,
            proposal.sites,
            proposal.reverse,
            if proposal.known { "known" } else { "new" },
            proposal.contexts.first().map(String::as_str).unwrap_or_default()
        );
    }
    talk.note(&format!("{pairs} spun copies aligned with their originals"));
    write_out(out.as_bytes())
}

/// Words seen fewer times than this count as unknown.
const RARE: u32 = 2;

pub(super) fn model(command: Lm, talk: &Talk) -> Result<Outcome> {
    let Lm::Build { input, output } = command;
    let text = read_text(&input)?;
    let arpa = input.extension().is_some_and(|ending| ending == "arpa");
    let ngrams =
        if arpa { Ngrams::from_arpa(text.lines()) } else { Ngrams::from_text(text.lines(), RARE) }
            .with_context(|| format!("{}: no model can be made of it", input.display()))?;
    let bytes = ngrams.to_bytes();
    std::fs::write(&output, &bytes)
        .with_context(|| format!("cannot write {}", output.display()))?;
    talk.note(&format!("wrote {} ({} bytes)", output.display(), bytes.len()));
    Ok(Outcome::Done)
}
