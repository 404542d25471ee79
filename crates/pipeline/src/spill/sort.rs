//! Sorting more rows than memory holds.
//!
//! Rows gather in one buffer; a full buffer is sorted and written as a run; the runs are merged
//! while they are read. Equal multisets of rows give equal sequences, however they were pushed and
//! whatever the memory.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs;
use std::path::{Path, PathBuf};
use std::vec;

use scutch_document::Row;

use super::SpillError;
use super::rows::{RowReader, RowWriter};

/// Runs that are merged at once: bounds open files and read buffers (64 KiB each).
const FAN_IN: usize = 64;
/// Rows in memory, at least.
const FLOOR: usize = 1 << 10;

/// Takes rows in any order and gives them back sorted.
pub struct Sorter<R: Row> {
    dir: PathBuf,
    name: String,
    buffer: Vec<R>,
    capacity: usize,
    runs: Vec<Run>,
    made: usize,
}

impl<R: Row> Sorter<R> {
    /// A sorter that holds `memory` bytes of rows and spills the rest to files in `dir` whose names
    /// begin with `name` (unique in `dir`). Nothing is written before the memory is full.
    pub fn new(dir: &Path, name: &str, memory: usize) -> Self {
        let capacity = (memory / size_of::<R>().max(1)).max(FLOOR);
        Self {
            dir: dir.to_owned(),
            name: name.to_owned(),
            buffer: Vec::new(),
            capacity,
            runs: Vec::new(),
            made: 0,
        }
    }

    /// Takes a row.
    ///
    /// # Errors
    /// When a run cannot be written.
    pub fn push(&mut self, row: R) -> Result<(), SpillError> {
        if self.buffer.len() == self.capacity {
            self.spill()?;
        }
        if self.buffer.capacity() == self.buffer.len() {
            // Growth by doubling, but never beyond the bound.
            let more = self.buffer.len().max(FLOOR).min(self.capacity - self.buffer.len());
            self.buffer.reserve_exact(more);
        }
        self.buffer.push(row);
        Ok(())
    }

    /// Takes many rows.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn extend(&mut self, rows: impl IntoIterator<Item = R>) -> Result<(), SpillError> {
        rows.into_iter().try_for_each(|row| self.push(row))
    }

    /// Ends the pushing; the rows come back sorted, equal ones as often as they were pushed.
    ///
    /// # Errors
    /// When a run cannot be written, read or believed.
    pub fn finish(mut self) -> Result<Sorted<R>, SpillError> {
        if self.runs.is_empty() {
            self.buffer.sort_unstable();
            return Ok(Sorted { source: Source::Memory(self.buffer.into_iter()) });
        }
        self.spill()?;
        self.buffer = Vec::new();
        while self.runs.len() > FAN_IN {
            // The smallest number of runs that leaves a full last round.
            let merged = (self.runs.len() - FAN_IN + 1).min(FAN_IN);
            let rest = self.runs.split_off(merged);
            let some = std::mem::replace(&mut self.runs, rest);
            let run = self.next_run();
            let mut writer = RowWriter::create(&run.path, &self.kind())?;
            for row in Merge::<R>::new(some, &self.kind())? {
                writer.push(&row?)?;
            }
            writer.finish()?;
            self.runs.push(run);
        }
        let kind = self.kind();
        let merge = Merge::new(std::mem::take(&mut self.runs), &kind)?;
        Ok(Sorted { source: Source::Disk(merge) })
    }

    fn spill(&mut self) -> Result<(), SpillError> {
        self.buffer.sort_unstable();
        let run = self.next_run();
        let mut writer = RowWriter::create(&run.path, &self.kind())?;
        self.buffer.iter().try_for_each(|row| writer.push(row))?;
        writer.finish()?;
        self.runs.push(run);
        self.buffer.clear();
        Ok(())
    }

    fn next_run(&mut self) -> Run {
        let path = self.dir.join(format!("{}.{:05}.run", self.name, self.made));
        self.made += 1;
        Run { path }
    }

    fn kind(&self) -> String {
        let end = (0..=self.name.len().min(16)).rev().find(|&i| self.name.is_char_boundary(i));
        self.name[..end.unwrap_or(0)].to_owned()
    }
}

/// A run's file, removed when nobody needs it any more.
struct Run {
    path: PathBuf,
}

impl Drop for Run {
    fn drop(&mut self) {
        // A file that stays behind lies in the run's own temporary folder, which goes as a whole.
        let _ = fs::remove_file(&self.path);
    }
}

/// Sorted rows. After an error it ends.
pub struct Sorted<R: Row> {
    source: Source<R>,
}

enum Source<R: Row> {
    Memory(vec::IntoIter<R>),
    Disk(Merge<R>),
}

impl<R: Row> Iterator for Sorted<R> {
    type Item = Result<R, SpillError>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.source {
            Source::Memory(rows) => rows.next().map(Ok),
            Source::Disk(merge) => merge.next(),
        }
    }
}

/// A merge of runs: the heap holds the next row of each.
struct Merge<R: Row> {
    heap: BinaryHeap<Reverse<(R, usize)>>,
    readers: Vec<RowReader<R>>,
    _runs: Vec<Run>,
}

impl<R: Row> Merge<R> {
    fn new(runs: Vec<Run>, kind: &str) -> Result<Self, SpillError> {
        let mut readers = Vec::with_capacity(runs.len());
        let mut heap = BinaryHeap::with_capacity(runs.len());
        for (i, run) in runs.iter().enumerate() {
            let mut reader = RowReader::open(&run.path, kind)?;
            if let Some(row) = reader.next_row()? {
                heap.push(Reverse((row, i)));
            }
            readers.push(reader);
        }
        Ok(Self { heap, readers, _runs: runs })
    }
}

impl<R: Row> Iterator for Merge<R> {
    type Item = Result<R, SpillError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut top = self.heap.peek_mut()?;
        let Reverse((row, i)) = *top;
        match self.readers[i].next_row() {
            Ok(Some(next)) => top.0.0 = next,
            Ok(None) => {
                PeekMut::pop(top);
            }
            Err(error) => {
                drop(top);
                self.heap.clear();
                return Some(Err(error));
            }
        }
        Some(Ok(row))
    }
}
