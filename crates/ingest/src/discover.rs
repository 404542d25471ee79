//! Inputs to sources: files, folders and globs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};

use crate::Error;

/// A file to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What the dataset calls it: its path below the input that named it (for a file: its name), with
    /// `/` between folders. It depends on neither the working directory nor the order of the inputs.
    pub name: Arc<str>,
    /// Where it lies.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
}

/// A file under the name that an input gives it.
#[derive(Debug)]
struct Found {
    /// Free of links: the file's identity.
    real: PathBuf,
    /// The way it was reached, of which `name` is the end.
    full: PathBuf,
    name: String,
    bytes: u64,
}

impl Found {
    /// The smallest wins among the names of one file.
    fn rank(&self) -> impl Ord {
        let folders = self.name.matches('/').count();
        (self.full != self.real, Reverse(folders), &self.name, &self.full)
    }
}

/// The files that `inputs` stand for, sorted by name, each once.
///
/// A folder stands for all files below it, a glob (`*`, `?`, `[…]`, `{a,b}`; `**` for any number of
/// folders) for the files and folders that match it; a path that exists is never taken for a glob.
/// Links are followed. Hidden files and folders (`.name`) are passed over unless an input names them,
/// and so are pipes, sockets and devices in folders. A file that is reached in several ways is taken
/// once, under the longest of its names, one without links first. Where several files have one name, each gets as many of its
/// parent folders' names in front as are needed to tell them apart.
///
/// # Errors
/// When an input is missing, unreadable, not a file, a folder or a valid glob, or stands for no file;
/// when a name is not UTF-8.
pub fn discover(inputs: &[PathBuf]) -> Result<Vec<Source>, Error> {
    let mut found = Vec::new();
    for input in inputs {
        discover_input(input, &mut found)?;
    }
    // Each real file once: under a name without links before others, then the one with most folders.
    found.sort_unstable_by(|a, b| a.real.cmp(&b.real).then_with(|| a.rank().cmp(&b.rank())));
    found.dedup_by(|a, b| a.real == b.real);
    found.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    tell_apart(&mut found)?;
    let source = |f: Found| Source { name: f.name.into(), path: f.real, bytes: f.bytes };
    Ok(found.into_iter().map(source).collect())
}

fn discover_input(input: &Path, found: &mut Vec<Found>) -> Result<(), Error> {
    match fs::metadata(input) {
        Ok(metadata) if metadata.is_dir() => {
            let before = found.len();
            walk(&real(input)?, None, found)?;
            if found.len() == before {
                return Err(Error::Empty { path: input.to_owned() });
            }
            Ok(())
        }
        Ok(metadata) if metadata.is_file() => {
            let name = input.file_name().map(Path::new).unwrap_or(input);
            let parent = match input.parent() {
                Some(parent) if parent != Path::new("") => parent,
                _ => Path::new("."),
            };
            let full = real(parent)?.join(name);
            let name = utf8(name)?;
            found.push(Found { real: real(input)?, full, name, bytes: metadata.len() });
            Ok(())
        }
        Ok(_) => Err(Error::NotAFile { path: input.to_owned() }),
        // Standard input, elsewhere: a record's name would say nothing, and it cannot be read again.
        Err(_) if input == Path::new("-") => Err(Error::NotAFile { path: input.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match input.to_str() {
            Some(pattern) if pattern.contains(WILD) => {
                let before = found.len();
                let Glob { root, names, depth } = Glob::new(pattern)?;
                walk(&root, Some((&names, depth)), found)?;
                if found.len() == before {
                    return Err(Error::Empty { path: pattern.into() });
                }
                Ok(())
            }
            _ => Err(Error::Missing { path: input.to_owned() }),
        },
        Err(source) => Err(Error::Unreadable { path: input.to_owned(), source }),
    }
}

/// Whether a file at `path`, free of links and perhaps not there yet, is one that `input` stands for.
///
/// # Errors
/// When `input` is missing, unreadable or not a valid glob.
pub fn stands_for(input: &Path, path: &Path) -> Result<bool, Error> {
    match input.to_str() {
        Some(pattern) if pattern.contains(WILD) && !input.exists() => {
            let glob = Glob::new(pattern)?;
            let Ok(below) = path.strip_prefix(&glob.root) else { return Ok(false) };
            let mut names = below.ancestors().filter(|name| *name != Path::new(""));
            Ok(names.any(|name| glob.names.is_match(name)))
        }
        _ => Ok(path.starts_with(real(input)?)),
    }
}

/// What tells a glob from a path.
const WILD: [char; 4] = ['*', '?', '[', '{'];

struct Glob {
    /// The last folder that is named without a wildcard.
    root: PathBuf,
    /// What matches below it, and down to how many folders.
    names: GlobMatcher,
    depth: usize,
}

impl Glob {
    fn new(pattern: &str) -> Result<Self, Error> {
        let wild = pattern.find(WILD).unwrap_or(0);
        let root = pattern[..wild].rfind('/').map_or(0, |slash| slash + 1);
        let (root, rest) = pattern.split_at(root);
        let glob = GlobBuilder::new(rest.trim_end_matches('/')).literal_separator(true).build();
        let glob = glob.map_err(|error| Error::Glob {
            pattern: pattern.to_owned(),
            reason: error.kind().to_string(),
        })?;
        let root = Path::new(if root.is_empty() { "." } else { root });
        if !root.exists() {
            return Err(Error::Missing { path: root.to_owned() });
        }
        let depth = if rest.contains("**") { usize::MAX } else { rest.matches('/').count() + 1 };
        Ok(Self { root: real(root)?, names: glob.compile_matcher(), depth })
    }
}

/// A folder on the way: its real path, the way it was reached, its name below the root, and whether
/// everything in it is wanted.
struct Folder {
    real: PathBuf,
    full: PathBuf,
    name: String,
    all: bool,
}

/// Collects the files below `root`; with a glob, those that match it or lie in a folder that does.
fn walk(
    root: &Path,
    glob: Option<(&GlobMatcher, usize)>,
    found: &mut Vec<Found>,
) -> Result<(), Error> {
    let top = Folder {
        real: root.to_owned(),
        full: root.to_owned(),
        name: String::new(),
        all: glob.is_none(),
    };
    let mut folders = vec![top];
    // Folders behind links come last, in order, so that a folder's own place goes before a link to it.
    let mut linked = BTreeMap::new();
    let mut seen = HashSet::new();
    while let Some(folder) = folders.pop().or_else(|| Some(linked.pop_first()?.1)) {
        // A folder that was passed through on the way to a match may be wanted whole later.
        if !seen.insert((folder.real.clone(), folder.all)) {
            continue;
        }
        let unreadable = |source| Error::Unreadable { path: folder.real.clone(), source };
        for entry in fs::read_dir(&folder.real).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let file_name = entry.file_name();
            if file_name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let mut real_path = folder.real.join(&file_name);
            let full = folder.full.join(&file_name);
            let unreadable = |source| Error::Unreadable { path: full.clone(), source };
            let is_link = entry.file_type().map_err(unreadable)?.is_symlink();
            let metadata = if is_link {
                real_path = match fs::canonicalize(&real_path) {
                    Ok(real) => real,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        return Err(Error::Dangling { path: full });
                    }
                    Err(source) => return Err(Error::Unreadable { path: full, source }),
                };
                fs::metadata(&real_path)
            } else {
                entry.metadata()
            };
            let metadata = metadata.map_err(unreadable)?;
            if !metadata.is_dir() && !metadata.is_file() {
                continue;
            }
            let mut name = folder.name.clone();
            if !name.is_empty() {
                name.push('/');
            }
            name.push_str(file_name.to_str().ok_or_else(|| Error::NotUtf8 { path: full.clone() })?);
            let wanted = folder.all || glob.is_some_and(|(glob, _)| glob.is_match(&name));
            if metadata.is_file() {
                if wanted {
                    found.push(Found { real: real_path, full, name, bytes: metadata.len() });
                }
                continue;
            }
            let below = glob.is_some_and(|(_, depth)| name.matches('/').count() + 1 < depth);
            if wanted || below {
                let next = Folder { real: real_path, full, name, all: wanted };
                if is_link {
                    linked.insert(next.name.clone(), next);
                } else {
                    folders.push(next);
                }
            }
        }
    }
    Ok(())
}

/// Puts parent folders' names in front of names that several files have, until none has.
/// `found` is sorted by name, before and after.
fn tell_apart(found: &mut [Found]) -> Result<(), Error> {
    loop {
        let mut changed = false;
        for group in found.chunk_by_mut(|a, b| a.name == b.name).filter(|group| group.len() > 1) {
            for file in group {
                let above = file.full.components().rev().nth(file.name.matches('/').count() + 1);
                if let Some(Component::Normal(folder)) = above {
                    file.name = format!("{}/{}", utf8(Path::new(folder))?, file.name);
                    changed = true;
                }
            }
        }
        if !changed {
            return Ok(());
        }
        found.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    }
}

fn real(path: &Path) -> Result<PathBuf, Error> {
    fs::canonicalize(path).map_err(|source| Error::Unreadable { path: path.to_owned(), source })
}

fn utf8(path: &Path) -> Result<String, Error> {
    path.to_str().map(str::to_owned).ok_or_else(|| Error::NotUtf8 { path: path.to_owned() })
}
