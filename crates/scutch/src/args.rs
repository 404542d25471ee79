//! The command line, and what `--help` teaches.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// Turns crawled bytes into a clean, deduplicated, explained Parquet dataset.
#[derive(Debug, Parser)]
#[command(
    name = "scutch",
    version,
    max_term_width = 100,
    after_help = "Start with:  scutch run --input crawl/ --output clean/\n\
                  Then:        scutch inspect clean/        what happened to the documents\n\n\
                  Exit codes: 0 done; 1 failed, or not all is well (damage, a difference, lines left out);\n\
                  2 wrong usage or config; 130 interrupted (go on with --resume)."
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command understands.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Common {
    /// Config file (TOML); without it the defaults that `scutch config show` prints
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Worker threads [default: one a core]; the output does not depend on it
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Memory for buffers and sorting, such as 512MiB; the output does not depend on it
    #[arg(long, global = true, value_name = "SIZE", default_value = "2GiB", value_parser = size)]
    pub(crate) memory: u64,
    /// Say nothing but errors and warnings
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// How to talk on stderr
    #[arg(long, global = true, value_enum, default_value_t = Log::Text)]
    pub(crate) log: Log,
}

/// How messages look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Log {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the whole chain over files and folders, and writes a dataset
    #[command(after_help = "\
        Reads text, HTML, JSONL, WARC, WET and Parquet, each also as .gz, .zst, .bz2 or .lz4.\n\
        Writes beside DIR and renames at the end; an interrupted run goes on with --resume.\n\n\
        Example: scutch run --input crawl/*.warc.gz extra.jsonl --output clean --memory 4GiB")]
    Run(Run),
    /// Decodes bytes of any encoding to UTF-8: a Unix filter
    Decode(Decode),
    /// Removes link farms, teasers, forms and other boilerplate: a Unix filter
    Strip(Strip),
    /// Gives spun text its words back: a Unix filter
    Repair(Filter),
    /// Finds exact, near and spun copies among JSON lines
    #[command(after_help = "\
        Prints a line a document: {\"id\", \"cluster\", \"kept\", \"duplicate_of\", \"similarity\"};\n\
        the cluster is null where a document stands alone.")]
    Dedup(Dedup),
    /// Shows what happened to a document: a coloured diff with the rules' names
    Inspect(Inspect),
    /// Prints the decoded text of documents, as it was before any edit
    Restore(Restore),
    /// Checks a dataset against its manifest
    Verify {
        /// The dataset's folder
        dataset: PathBuf,
    },
    /// Tells how two builds of a dataset differ
    Diff {
        /// The one build
        a: PathBuf,
        /// The other build
        b: PathBuf,
    },
    /// Prints the HTML report of a dataset: one self-contained page (each dataset has its own as report.html)
    Report {
        /// The dataset's folder
        dataset: PathBuf,
    },
    /// Scores a stage on a labelled set: precision, recall, F
    #[command(after_help = "\
        decode  a folder of folders ENCODING-LANGUAGE (None-… where they are binary), each with files\n\
        strip   JSONL, a page a line: {\"url\", \"lines\": [[LINE, 1 for content or 0 for boilerplate], …]}\n\
        dedup   JSONL, a pair a line: {\"a\": TEXT, \"b\": TEXT, \"duplicate\": true or false};\n        \
                or NAME.truth, two ids a line, beside NAME.train, an id, a space and a text a line\n\
        repair  TSV as docs/repair.md describes it")]
    Eval {
        /// What to score
        #[arg(value_enum)]
        task: Task,
        /// The labelled set, in the task's format (below)
        gold: PathBuf,
        /// strip: which profile to score
        #[arg(long, value_enum)]
        profile: Option<Profile>,
    },
    /// Looks at, checks and grows the lexicon of spun words
    #[command(subcommand)]
    Lexicon(Lexicon),
    /// Builds language models
    #[command(subcommand)]
    Lm(Lm),
    /// Looks at and checks config files
    #[command(subcommand)]
    Config(Config),
    /// Prints a completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Run {
    /// Files, folders and globs to read; hidden files only where they are named themselves
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    pub(crate) input: Vec<PathBuf>,
    /// The dataset's folder; must not exist yet
    #[arg(long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// Stages to run: decode, dedup, strip, repair, separated by commas, or none
    #[arg(long, value_name = "LIST")]
    pub(crate) stages: Option<String>,
    /// Earlier datasets: what they hold is not published again
    #[arg(long, num_args = 1.., value_name = "DATASET")]
    pub(crate) against: Vec<PathBuf>,
    /// Go on where an interrupted run stopped, if there is one
    #[arg(long)]
    pub(crate) resume: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Filter {
    /// One JSON document a line: `text` is replaced, `edits` is added, other fields are kept
    #[arg(long)]
    pub(crate) jsonl: bool,
    /// The file to read; - or nothing is standard input
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Decode {
    #[command(flatten)]
    pub(crate) filter: Filter,
    /// Only detect: prints path, encoding and confidence (0 to 1) of each file, separated by tabs
    #[arg(long, conflicts_with = "jsonl")]
    pub(crate) detect: bool,
    /// More files to detect
    #[arg(requires = "detect")]
    pub(crate) more: Vec<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Strip {
    #[command(flatten)]
    pub(crate) filter: Filter,
    /// What to remove
    #[arg(long, value_enum)]
    pub(crate) profile: Option<Profile>,
}

/// What strip removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// What is surely not the document
    Footers,
    /// All but the main content
    Article,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Dedup {
    /// One JSON document a line (the only format)
    #[arg(long, required = true)]
    pub(crate) jsonl: bool,
    /// The file to read; - or nothing is standard input
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Inspect {
    /// The dataset's folder
    pub(crate) dataset: PathBuf,
    /// A document's id, or its first digits; without it, the documents with the most edits
    pub(crate) id: Option<String>,
    /// Show unchanged lines too, and what else the repair weighed at each place
    #[arg(long)]
    pub(crate) full: bool,
    /// When to colour
    #[arg(long, value_enum, default_value_t = clap::ColorChoice::Auto)]
    pub(crate) color: clap::ColorChoice,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Restore {
    /// The dataset's folder
    pub(crate) dataset: PathBuf,
    /// A document's id, or its first digits: prints its text alone; without it, JSON lines of all documents
    pub(crate) id: Option<String>,
}

/// A task that can be scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Task {
    /// A folder ENCODING-LANGUAGE/file
    Decode,
    /// Labelled lines of pages, JSONL
    Strip,
    /// Pairs of documents
    Dedup,
    /// Spans with accepted repairs
    Repair,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Lexicon {
    /// Proposes new entries from spun copies and their originals in a dataset
    Mine {
        /// The dataset's folder
        dataset: PathBuf,
    },
    /// Checks lexicon files
    Check {
        /// Files; without any, the built-in lexicon
        files: Vec<PathBuf>,
    },
    /// Shows what a spun form may stand for
    Show {
        /// Spun words or phrases; without any, all entries
        forms: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Lm {
    /// Builds a model from clean text (a sentence or paragraph a line) or from an ARPA file
    Build {
        /// Text or .arpa file
        input: PathBuf,
        /// Where to write the model
        #[arg(long, short)]
        output: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Checks config files
    Check {
        /// Files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Prints the config that would be used; without --config, the defaults with comments
    Show,
    /// Prints a JSON schema for editors
    Schema,
}

/// Reads `512MiB`, `2GiB`, `64M`, `1000000`.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return Err(format!("`{unit}` is no unit; write KiB, MiB or GiB")),
    };
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift));
    match bytes {
        Some(bytes) if bytes >= 1 << 20 => Ok(bytes),
        Some(_) => Err("at least 1MiB is needed".to_owned()),
        None => Err("write a size such as 512MiB".to_owned()),
    }
}
