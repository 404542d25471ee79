//! CPU time by stage, for the summary and the log: never for the dataset.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What time is spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Work {
    /// Detection and decoding of bytes, HTML to lines, language.
    Decode,
    /// Mojibake, entities, normalisation.
    Clean,
    /// Line rules, and counting the lines of sites.
    Strip,
    /// Exact hashes, signatures, clusters.
    Dedup,
    /// The gate: is it spun?
    Gate,
    /// The repair of spun text.
    Repair,
    /// Spill files.
    Spill,
    /// Parquet.
    Write,
}

const NAMES: [(&str, Work); 8] = [
    ("decode", Work::Decode),
    ("clean", Work::Clean),
    ("strip", Work::Strip),
    ("dedup", Work::Dedup),
    ("gate", Work::Gate),
    ("repair", Work::Repair),
    ("spill", Work::Spill),
    ("write", Work::Write),
];

/// Adds up time over all threads.
#[derive(Debug, Default)]
pub(crate) struct Clock([AtomicU64; NAMES.len()]);

impl Clock {
    /// Runs `job` and books its time on `work`.
    pub(crate) fn time<T>(&self, work: Work, job: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let result = job();
        let nanos = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.0[work as usize].fetch_add(nanos, Ordering::Relaxed);
        result
    }

    /// The sums, in the order of the flow.
    pub(crate) fn read(&self) -> Vec<(&'static str, Duration)> {
        NAMES
            .iter()
            .map(|(name, work)| {
                (*name, Duration::from_nanos(self.0[*work as usize].load(Ordering::Relaxed)))
            })
            .collect()
    }
}
