/// Who watches a run: the command line draws a bar, a notebook may count.
pub trait Progress: Sync {
    /// A pass begins; `bytes` is what it is going to read.
    fn begin(&self, pass: &'static str, bytes: u64);

    /// The pass has read `bytes` more, and `records` more records have gone through.
    fn advance(&self, bytes: u64, records: u64);

    /// The pass is over.
    fn end(&self);
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn begin(&self, _: &'static str, _: u64) {}
    fn advance(&self, _: u64, _: u64) {}
    fn end(&self) {}
}
