//! Brings what a corpus stage found out back to the documents, both in the order of ordinals.

use std::iter::Peekable;

use scutch_document::Row;

use crate::Error;
use crate::spill::rows::RowReader;

/// Findings in the order of the documents that they are about.
pub(crate) struct Findings<R: Row> {
    rows: Option<Peekable<Reading<R>>>,
    ordinal: fn(&R) -> u64,
}

struct Reading<R: Row>(RowReader<R>);

impl<R: Row> Iterator for Reading<R> {
    type Item = Result<R, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next_row().map_err(Error::from).transpose()
    }
}

impl<R: Row> Findings<R> {
    /// `ordinal` tells which document a finding is about; `None` when the stage did not run.
    pub(crate) fn new(rows: Option<RowReader<R>>, ordinal: fn(&R) -> u64) -> Self {
        Self { rows: rows.map(|rows| Reading(rows).peekable()), ordinal }
    }

    /// The findings about the document at `ordinal`. Ask in rising order.
    pub(crate) fn about(&mut self, ordinal: u64) -> Result<Vec<R>, Error> {
        let mut found = Vec::new();
        let Some(rows) = &mut self.rows else { return Ok(found) };
        let of = self.ordinal;
        while let Some(row) =
            rows.next_if(|row| row.as_ref().map_or(true, |row| of(row) <= ordinal))
        {
            let row = row?;
            if of(&row) == ordinal {
                found.push(row);
            }
        }
        Ok(found)
    }
}
