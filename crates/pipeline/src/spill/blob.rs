//! Records of any size, appended to one file; read in order, or one by its offset.
//!
//! Layout, all numbers little-endian:
//! ```text
//! header   "scutblob"  version u32
//! record   bytes u32   xxh3(payload, seed = the record's offset) u64   payload
//! trailer  records u64   xxh3(records, seed = the trailer's offset) u64
//! ```

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::SpillError;

const MAGIC: &[u8; 12] = b"scutblob\x01\0\0\0";
const HEADER: u64 = MAGIC.len() as u64;
const RECORD_HEADER: usize = 12;
const TRAILER: usize = 16;
const BUFFER: usize = 1 << 20;
/// A record of fewer bytes, head included, is had in one read where its end is not known.
const SHORT: u64 = 4 << 10;
/// The same where it is.
const LONG: u64 = 1 << 20;

/// Writes records to a new file.
pub struct BlobWriter {
    path: PathBuf,
    file: BufWriter<File>,
    end: u64,
    records: u64,
}

impl BlobWriter {
    /// Begins the file `path`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(path: &Path) -> Result<Self, SpillError> {
        let file = File::create(path).map_err(SpillError::io(path))?;
        let mut file = BufWriter::with_capacity(BUFFER, file);
        file.write_all(MAGIC).map_err(SpillError::io(path))?;
        Ok(Self { path: path.to_owned(), file, end: HEADER, records: 0 })
    }

    /// Appends a record and gives its offset, by which [`Blob::read`] finds it.
    ///
    /// # Errors
    /// When the disk is full or fails, or the record has 4 GiB or more.
    pub fn append(&mut self, record: &[u8]) -> Result<u64, SpillError> {
        let offset = self.end;
        let Ok(bytes) = u32::try_from(record.len()) else {
            let source = std::io::Error::other("a record of 4 GiB or more");
            return Err(SpillError::Io { path: self.path.clone(), source });
        };
        let mut head = [0; RECORD_HEADER];
        head[..4].copy_from_slice(&bytes.to_le_bytes());
        head[4..].copy_from_slice(&xxh3_64_with_seed(record, offset).to_le_bytes());
        self.file
            .write_all(&head)
            .and_then(|()| self.file.write_all(record))
            .map_err(SpillError::io(&self.path))?;
        self.end += (RECORD_HEADER + record.len()) as u64;
        self.records += 1;
        Ok(offset)
    }

    /// Ends the writing. The file goes when the [`Blob`] is dropped.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn finish(self) -> Result<Blob, SpillError> {
        let path = self.path.clone();
        self.close()?;
        let mut blob = Blob::open(&path)?;
        blob.temporary = true;
        Ok(blob)
    }

    /// Ends the writing, for a later [`Blob::open`].
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn close(mut self) -> Result<(), SpillError> {
        let mut trailer = [0; TRAILER];
        trailer[..8].copy_from_slice(&self.records.to_le_bytes());
        let sum = xxh3_64_with_seed(&trailer[..8], self.end);
        trailer[8..].copy_from_slice(&sum.to_le_bytes());
        self.file.write_all(&trailer).map_err(SpillError::io(&self.path))?;
        self.file.flush().map_err(SpillError::io(&self.path))
    }
}

/// A finished file of records.
pub struct Blob {
    path: PathBuf,
    file: File,
    end: u64,
    records: u64,
    temporary: bool,
}

impl Blob {
    /// Opens a file that [`BlobWriter::close`] has ended.
    ///
    /// # Errors
    /// When it cannot be read, or is clipped.
    pub fn open(path: &Path) -> Result<Self, SpillError> {
        let file = File::open(path).map_err(SpillError::io(path))?;
        let bytes = file.metadata().map_err(SpillError::io(path))?.len();
        let mut blob =
            Self { path: path.to_owned(), file, end: bytes, records: 0, temporary: false };
        let mut magic = [0; MAGIC.len()];
        blob.fill(0, 0, &mut magic)?;
        if magic != *MAGIC {
            let expected = "records (version 1)".to_owned();
            return Err(SpillError::Kind { path: path.to_owned(), expected });
        }
        let end = bytes.saturating_sub(TRAILER as u64).max(HEADER);
        let mut count = [0; 8];
        let mut sum = [0; 8];
        blob.fill(0, end, &mut count)?;
        blob.fill(0, end + 8, &mut sum)?;
        if xxh3_64_with_seed(&count, end).to_le_bytes() != sum {
            return Err(blob.corrupt(0, end, "the end is missing"));
        }
        blob.records = u64::from_le_bytes(count);
        blob.end = end;
        Ok(blob)
    }

    /// Number of records.
    pub fn len(&self) -> u64 {
        self.records
    }

    /// Bytes of all records.
    pub fn bytes(&self) -> u64 {
        self.end - HEADER - self.records * RECORD_HEADER as u64
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Reads the record at `offset` into `out`. Many threads may read at once.
    ///
    /// # Errors
    /// When there is none, or it is damaged.
    pub fn read(&self, offset: u64, out: &mut Vec<u8>) -> Result<(), SpillError> {
        self.read_before(offset, offset + SHORT, out)
    }

    /// The same where the next record is likely to begin at `next`.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_before(&self, offset: u64, next: u64, out: &mut Vec<u8>) -> Result<(), SpillError> {
        let rest = self.end.saturating_sub(offset);
        out.resize(rest.min(next.saturating_sub(offset)).min(LONG) as usize, 0);
        self.fill(offset, offset, out)?;
        let Some(head) = out.first_chunk() else {
            return Err(self.corrupt(offset, offset, "the file ends early"));
        };
        let (bytes, sum) = parse(head);
        let end = RECORD_HEADER + bytes;
        if end as u64 > rest {
            return Err(self.corrupt(offset, offset, "impossible length"));
        }
        let known = out.len().min(end);
        out.resize(end, 0);
        self.fill(offset, offset + known as u64, &mut out[known..])?;
        out.drain(..RECORD_HEADER);
        if xxh3_64_with_seed(out, offset) != sum {
            return Err(self.corrupt(offset, offset, "checksum does not match"));
        }
        Ok(())
    }

    /// Reads the record at `offset` (0: the first) into `out` and gives the next one's offset; none at
    /// the end.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn next(&self, offset: u64, out: &mut Vec<u8>) -> Result<Option<u64>, SpillError> {
        let offset = offset.max(HEADER);
        if offset == self.end {
            return Ok(None);
        }
        self.read(offset, out)?;
        Ok(Some(offset + (RECORD_HEADER + out.len()) as u64))
    }

    /// Reads all records in order.
    ///
    /// # Errors
    /// When the file cannot be opened again.
    pub fn records(&self) -> Result<Records<'_>, SpillError> {
        let mut file = File::open(&self.path).map_err(SpillError::io(&self.path))?;
        file.seek(SeekFrom::Start(HEADER)).map_err(SpillError::io(&self.path))?;
        let file = BufReader::with_capacity(BUFFER, file);
        Ok(Records { blob: self, file, offset: HEADER, record: 0 })
    }

    fn fill(&self, record: u64, at: u64, out: &mut [u8]) -> Result<(), SpillError> {
        if at + out.len() as u64 > self.end {
            return Err(self.corrupt(record, record, "the file ends early"));
        }
        read_exact_at(&self.file, out, at).map_err(SpillError::io(&self.path))
    }

    /// The error that a record, whole as it is, is none of `what`.
    pub(crate) fn is_no(&self, what: &str) -> SpillError {
        SpillError::Kind { path: self.path.clone(), expected: what.to_owned() }
    }

    fn corrupt(&self, block: u64, offset: u64, what: &'static str) -> SpillError {
        SpillError::Corrupt { path: self.path.clone(), block, offset, what }
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        if self.temporary {
            // One that stays behind lies in the run's own folder, which goes as a whole.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The records of a [`Blob`], in order.
pub struct Records<'a> {
    blob: &'a Blob,
    file: BufReader<File>,
    offset: u64,
    record: u64,
}

impl Records<'_> {
    /// Reads the next record into `out`; gives its offset, or none at the end.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn next_into(&mut self, out: &mut Vec<u8>) -> Result<Option<u64>, SpillError> {
        if self.offset == self.blob.end {
            return Ok(None);
        }
        let offset = self.offset;
        let mut head = [0; RECORD_HEADER];
        self.file.read_exact(&mut head).map_err(SpillError::io(&self.blob.path))?;
        let (bytes, sum) = parse(&head);
        if offset + (RECORD_HEADER + bytes) as u64 > self.blob.end {
            return Err(self.blob.corrupt(self.record, offset, "impossible length"));
        }
        out.clear();
        out.resize(bytes, 0);
        self.file.read_exact(out).map_err(SpillError::io(&self.blob.path))?;
        if xxh3_64_with_seed(out, offset) != sum {
            return Err(self.blob.corrupt(self.record, offset, "checksum does not match"));
        }
        self.offset += (RECORD_HEADER + bytes) as u64;
        self.record += 1;
        Ok(Some(offset))
    }
}

fn parse(head: &[u8; RECORD_HEADER]) -> (usize, u64) {
    let mut sum = [0; 8];
    sum.copy_from_slice(&head[4..]);
    let bytes = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
    (bytes as usize, u64::from_le_bytes(sum))
}

#[cfg(unix)]
fn read_exact_at(file: &File, out: &mut [u8], at: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, out, at)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut out: &mut [u8], mut at: u64) -> std::io::Result<()> {
    while !out.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, out, at)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => {
                out = &mut out[read..];
                at += read as u64;
            }
        }
    }
    Ok(())
}
