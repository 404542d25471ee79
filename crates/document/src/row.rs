/// A fixed-size record that can be sorted, spilled to disk and merged.
///
/// `Ord` must be total and must agree with equality: two rows that compare equal are the same row.
pub trait Row: Ord + Copy + Send + Sync + 'static {
    /// Bytes a row takes on disk.
    const SIZE: usize;

    /// Writes the row into `out`, which is [`Self::SIZE`] bytes long.
    fn write(&self, out: &mut [u8]);

    /// Reads back what [`Self::write`] wrote.
    fn read(bytes: &[u8]) -> Self;
}
