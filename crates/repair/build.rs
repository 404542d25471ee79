//! Embeds every file of `lexicon/en`, so that a new one needs no other change.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    // Asked at run time: a cached build script may serve a clone in another folder.
    let root = env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let folder = Path::new(&root).join("lexicon/en");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("lexicon/en is part of the crate")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "tsv"))
        .collect();
    files.sort();
    let mut code = String::from("&[\n");
    for path in &files {
        let name = path.file_name().and_then(|name| name.to_str()).expect("names are ASCII");
        println!("cargo::rerun-if-changed={}", path.display());
        code += &format!("    ({name:?}, include_str!({path:?})),\n");
    }
    code += "]\n";
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("english.rs");
    fs::write(out, code).expect("OUT_DIR can be written");
}
