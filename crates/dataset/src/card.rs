use std::fmt::Write;
use std::path::Path;

use arrow::datatypes::DataType;

use crate::batches::Batches;
use crate::{Error, Manifest, Table};

/// The dataset card: front matter as dataset hubs read it, then a page of prose.
///
/// It claims no licence and no language: those are for the person who publishes the texts to say.
pub(crate) fn render(dir: &Path, manifest: &Manifest) -> Result<String, Error> {
    let counts = &manifest.counts;
    let (documents, rejected) = (counts.documents, counts.rejected_total());
    let mut out = String::from("---\nconfigs:\n");
    for table in Table::ALL {
        let name = table.name();
        // Writing to a string cannot fail.
        let _ = write!(out, "- config_name: {name}\n  data_files: {name}/*.parquet\n");
        if table == Table::Documents {
            out.push_str("  default: true\n");
        }
    }
    let _ = write!(
        out,
        "size_categories:\n- {}\n---\n\n# Dataset card\n\n\
         Built by scutch {} from {} input records in {} files: {documents} clean documents and \
         {rejected} rejected records. {} edits lead from the decoded texts to the clean ones; \
         undoing them gives the decoded texts back.\n\n\
         | table | rows | what |\n|---|---:|---|\n\
         | `documents/` | {documents} | the clean documents |\n\
         | `rejected/` | {rejected} | every other record: the stage and the reason, and its text or raw bytes |\n\
         | `edits/` | {} | every change of a document's text: span, rule, before, after |\n\
         | `clusters/` | {} | the records of near-duplicate groups |\n\n",
        size_category(documents),
        env!("CARGO_PKG_VERSION"),
        manifest.records(),
        manifest.inputs.len(),
        counts.edits_total(),
        counts.edits_total(),
        counts.clustered,
    );
    if rejected > 0 {
        out.push_str(
            "Rejected, by stage and reason:\n\n| stage | reason | records |\n|---|---|---:|\n",
        );
        for (stage, reasons) in &counts.rejected {
            for (reason, n) in reasons {
                let _ = writeln!(out, "| {} | {} | {n} |", cell(stage), cell(reason));
            }
        }
        out.push('\n');
    }
    out.push_str(
        "`report.html` shows the whole at a glance. `manifest.json` names every input and output \
         with its BLAKE3, the settings and the models; `scutch verify` checks the files against \
         it, and `scutch restore` gives the decoded texts.\n\n\
         The texts' licence is not known to the program that built this; state it here before \
         publishing.\n",
    );
    for table in Table::ALL {
        let _ = write!(out, "\n## {}\n\n| column | type | what |\n|---|---|---|\n", table.name());
        for column in Batches::schema(dir, table)?.fields() {
            let (name, kind) = (column.name(), kind(column.data_type()));
            let null = if column.is_nullable() { " or null" } else { "" };
            let what = table.describe(name);
            let _ = writeln!(out, "| `{name}` | {kind}{null} | {what} |");
        }
    }
    Ok(out)
}

/// A type's name as SQL has it.
fn kind(kind: &DataType) -> &'static str {
    match kind {
        DataType::Boolean => "boolean",
        DataType::Int64 => "bigint",
        DataType::Float32 => "float",
        DataType::Float64 => "double",
        DataType::Binary => "blob",
        _ => "text",
    }
}

/// A value inside a Markdown table.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// The names that hubs know.
fn size_category(documents: u64) -> &'static str {
    match documents {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        1_000_000..10_000_000 => "1M<n<10M",
        10_000_000..100_000_000 => "10M<n<100M",
        100_000_000..1_000_000_000 => "100M<n<1B",
        1_000_000_000..10_000_000_000 => "1B<n<10B",
        _ => "n>10B",
    }
}
