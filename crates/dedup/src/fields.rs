/// Fields of fixed size, read one after the other: for [`scutch_document::Row::read`].
pub struct Fields<'a>(pub &'a [u8]);

impl Fields<'_> {
    /// The next `N` bytes.
    ///
    /// # Panics
    /// When there are fewer: rows have a fixed size.
    pub fn take<const N: usize>(&mut self) -> [u8; N] {
        let (head, tail) = self.0.split_at(N);
        self.0 = tail;
        let mut out = [0; N];
        out.copy_from_slice(head);
        out
    }
}
