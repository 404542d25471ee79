//! Embeds every file of `lexicon/en`, so that a new one needs no other change, and compiles them: a
//! start reads arrays instead of parsing text.

#![allow(dead_code, unreachable_pub, reason = "the modules are the crate's; not all is used here")]

use std::path::{Path, PathBuf};
use std::{env, fs};

/// What the build shares with the crate.
#[path = "src"]
mod shared {
    pub mod lexicon;
    pub mod lm;
    pub mod problem;
    pub mod score;
    #[path = "gate/weights.rs"]
    pub mod weights;
    pub mod words;
}

use shared::{lexicon, lm, problem, score, weights, words};

fn main() {
    // Asked at run time: a cached build script may serve a clone in another folder.
    let root = env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let folder = Path::new(&root).join("lexicon/en");
    let model = Path::new(&root).join("model/en.lm");
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rerun-if-changed={}", model.display());
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("lexicon/en is part of the crate")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "tsv"))
        .collect();
    paths.sort();
    let mut code = String::from("&[\n");
    let mut files = Vec::new();
    for path in &paths {
        let name = path.file_name().and_then(|name| name.to_str()).expect("names are ASCII");
        println!("cargo::rerun-if-changed={}", path.display());
        code += &format!("    ({name:?}, include_str!({path:?})),\n");
        files.push((name, fs::read_to_string(path).expect("lexicon files are text")));
    }
    code += "]\n";
    let write = |name: &str, bytes: &[u8]| {
        fs::write(out.join(name), bytes).expect("OUT_DIR can be written");
    };
    write("english.rs", code.as_bytes());

    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
    let lexicon = lexicon::Lexicon::parse(&files).unwrap_or_else(|error| panic!("{error}"));
    write("english.lexicon", &lexicon.to_bytes());
    let model = lm::Model::from_bytes(&fs::read(model).expect("the model is part of the crate"));
    let weights = weights::weigh(&lexicon, &model.expect("a model of this version"));
    write("english.weights", &weights.into_iter().flat_map(i16::to_le_bytes).collect::<Vec<u8>>());
}
