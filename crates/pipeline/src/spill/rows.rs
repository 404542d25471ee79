//! A file of rows of fixed size, in the order in which they were written.
//!
//! Layout, all numbers little-endian:
//! ```text
//! header   "scutrows"  version u32  row size u32  kind [u8; 16], zero-padded  xxh3 of these u64
//! block    bytes u32   xxh3(payload, seed = block number) u64   payload
//! end      0 u32       xxh3(count, seed = block number) u64     count of rows u64
//! ```

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use scutch_document::Row;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::SpillError;

const MAGIC: &[u8; 8] = b"scutrows";
const VERSION: u32 = 2;
const HEADER: usize = 40;
const BLOCK_HEADER: usize = 12;
/// Bytes of a block's payload, at most: one read or write each.
const BLOCK: usize = 64 << 10;

fn header(kind: &str, size: usize) -> [u8; HEADER] {
    assert!(kind.len() <= 16, "the kind of a row file is at most 16 bytes: {kind}");
    let mut out = [0; HEADER];
    out[..8].copy_from_slice(MAGIC);
    out[8..12].copy_from_slice(&VERSION.to_le_bytes());
    out[12..16].copy_from_slice(&(size as u32).to_le_bytes());
    out[16..16 + kind.len()].copy_from_slice(kind.as_bytes());
    let sum = xxh3_64(&out[..32]);
    out[32..].copy_from_slice(&sum.to_le_bytes());
    out
}

/// Writes rows to a new file.
pub struct RowWriter<R> {
    path: PathBuf,
    file: File,
    /// The block in the making, its header's room at the front.
    block: Vec<u8>,
    blocks: u64,
    rows: u64,
    row: PhantomData<R>,
}

impl<R: Row> RowWriter<R> {
    /// Begins the file `path`; `kind` (at most 16 bytes) says what its rows are.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(path: &Path, kind: &str) -> Result<Self, SpillError> {
        let mut file = File::create(path).map_err(SpillError::io(path))?;
        file.write_all(&header(kind, R::SIZE)).map_err(SpillError::io(path))?;
        let mut block = Vec::with_capacity(BLOCK_HEADER + BLOCK.max(R::SIZE));
        block.resize(BLOCK_HEADER, 0);
        Ok(Self { path: path.to_owned(), file, block, blocks: 0, rows: 0, row: PhantomData })
    }

    /// Appends a row.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn push(&mut self, row: &R) -> Result<(), SpillError> {
        row.write(&mut self.block);
        self.rows += 1;
        if self.block.len() + R::SIZE > BLOCK_HEADER + BLOCK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), SpillError> {
        if self.block.len() > BLOCK_HEADER {
            let payload = &self.block[BLOCK_HEADER..];
            let (bytes, sum) = (payload.len() as u32, xxh3_64_with_seed(payload, self.blocks));
            self.block[..4].copy_from_slice(&bytes.to_le_bytes());
            self.block[4..BLOCK_HEADER].copy_from_slice(&sum.to_le_bytes());
            self.file.write_all(&self.block).map_err(SpillError::io(&self.path))?;
            self.block.truncate(BLOCK_HEADER);
            self.blocks += 1;
        }
        Ok(())
    }

    /// Ends the file; gives the number of its rows.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn finish(mut self) -> Result<u64, SpillError> {
        self.flush()?;
        let count = self.rows.to_le_bytes();
        let mut end = [0; BLOCK_HEADER + 8];
        end[4..12].copy_from_slice(&xxh3_64_with_seed(&count, self.blocks).to_le_bytes());
        end[12..].copy_from_slice(&count);
        self.file.write_all(&end).map_err(SpillError::io(&self.path))?;
        Ok(self.rows)
    }
}

/// Reads the rows of a file in order, block by checked block.
pub struct RowReader<R> {
    path: PathBuf,
    file: BufReader<File>,
    payload: Vec<u8>,
    /// Bytes of `payload` that were handed out.
    taken: usize,
    /// Blocks before this one.
    blocks: u64,
    /// Where this one begins.
    offset: u64,
    rows: u64,
    ended: bool,
    row: PhantomData<R>,
}

impl<R: Row> RowReader<R> {
    /// Opens a file that a [`RowWriter`] of the same kind ended.
    ///
    /// # Errors
    /// When it cannot be read, or holds another kind of rows.
    pub fn open(path: &Path, kind: &str) -> Result<Self, SpillError> {
        let file = File::open(path).map_err(SpillError::io(path))?;
        let mut file = BufReader::with_capacity(BLOCK, file);
        let mut found = [0; HEADER];
        let whole = read_exact(&mut file, &mut found).map_err(SpillError::io(path))?;
        if !whole || found != header(kind, R::SIZE) {
            let expected = format!("{kind} (version {VERSION})");
            return Err(SpillError::Kind { path: path.to_owned(), expected });
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            payload: Vec::new(),
            taken: 0,
            blocks: 0,
            offset: HEADER as u64,
            rows: 0,
            ended: false,
            row: PhantomData,
        })
    }

    /// The next row, or none at the end.
    ///
    /// # Errors
    /// When the block that holds it is damaged or missing.
    pub fn next_row(&mut self) -> Result<Option<R>, SpillError> {
        if self.taken == self.payload.len() && !self.load()? {
            return Ok(None);
        }
        let Some(row) = R::read(&mut &self.payload[self.taken..]) else {
            return Err(self.corrupt("it holds a row that cannot be"));
        };
        self.taken += R::SIZE;
        self.rows += 1;
        Ok(Some(row))
    }

    /// Loads the next block; false at the end.
    fn load(&mut self) -> Result<bool, SpillError> {
        if self.ended {
            return Ok(false);
        }
        if !self.payload.is_empty() {
            self.offset += (BLOCK_HEADER + self.payload.len()) as u64;
            self.blocks += 1;
        }
        let mut head = [0; BLOCK_HEADER];
        self.fill(&mut head)?;
        let bytes = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let mut sum = [0; 8];
        sum.copy_from_slice(&head[4..]);
        let sum = u64::from_le_bytes(sum);
        if bytes > BLOCK.max(R::SIZE) || !bytes.is_multiple_of(R::SIZE) {
            return Err(self.corrupt("impossible length"));
        }
        let mut payload = std::mem::take(&mut self.payload);
        payload.resize(if bytes == 0 { 8 } else { bytes }, 0);
        self.fill(&mut payload)?;
        if xxh3_64_with_seed(&payload, self.blocks) != sum {
            return Err(self.corrupt("checksum does not match"));
        }
        self.taken = 0;
        if bytes == 0 {
            self.ended = true;
            if payload != self.rows.to_le_bytes() {
                return Err(self.corrupt("count of rows does not match"));
            }
            return Ok(false);
        }
        self.payload = payload;
        Ok(true)
    }

    fn fill(&mut self, out: &mut [u8]) -> Result<(), SpillError> {
        match read_exact(&mut self.file, out) {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.corrupt("the file ends early")),
            Err(source) => Err(SpillError::Io { path: self.path.clone(), source }),
        }
    }

    fn corrupt(&mut self, what: &'static str) -> SpillError {
        self.ended = true;
        self.payload.clear();
        self.taken = 0;
        SpillError::Corrupt {
            path: self.path.clone(),
            block: self.blocks,
            offset: self.offset,
            what,
        }
    }
}

impl<R: Row> Iterator for RowReader<R> {
    type Item = Result<R, SpillError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_row().transpose()
    }
}

/// Fills `out`; false when the file ends before.
fn read_exact(file: &mut impl Read, out: &mut [u8]) -> std::io::Result<bool> {
    match file.read_exact(out) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
