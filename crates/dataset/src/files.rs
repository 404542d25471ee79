use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::Error;

/// A file's size and hashes.
pub(crate) struct Digest {
    pub(crate) bytes: u64,
    pub(crate) blake3: String,
    pub(crate) sha256: String,
}

pub(crate) fn digest(path: &Path) -> Result<Digest, Error> {
    let mut file = File::open(path).map_err(Error::read(path))?;
    let mut buffer = vec![0; 1 << 18];
    let (mut blake3, mut sha256) = (blake3::Hasher::new(), Sha256::new());
    let mut bytes = 0;
    loop {
        let n = file.read(&mut buffer).map_err(Error::read(path))?;
        if n == 0 {
            break;
        }
        blake3.update(&buffer[..n]);
        sha256.update(&buffer[..n]);
        bytes += n as u64;
    }
    let sha256 = sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Digest { bytes, blake3: blake3.finalize().to_string(), sha256 })
}

/// All files below `dir`, sorted, as paths with `/` between folders.
pub(crate) fn list(dir: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
    let mut found = Vec::new();
    let mut folders = vec![(String::new(), dir.to_owned())];
    while let Some((prefix, folder)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(Error::read(&folder))? {
            let entry = entry.map_err(Error::read(&folder))?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().map_err(Error::read(&entry.path()))?;
            if kind.is_dir() {
                folders.push((name + "/", entry.path()));
            } else {
                found.push((name, entry.path()));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Writes a file, and waits until the disk has it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = File::create(path).map_err(Error::write(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(Error::write(path))
}

/// Waits until the disk has a folder's entries.
pub(crate) fn sync_folder(path: &Path) -> Result<(), Error> {
    // Elsewhere a folder cannot be opened, and the file system looks after it.
    if cfg!(unix) {
        File::open(path).and_then(|folder| folder.sync_all()).map_err(Error::write(path))?;
    }
    Ok(())
}
