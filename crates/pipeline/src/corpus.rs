//! What the corpus stages decide, between two passes.

use std::path::PathBuf;

use scutch_dedup::{ExactFinding, ExactKey, ExactRow, PRESENT};
use scutch_document::{CorpusStage, Row};

use crate::Error;
use crate::against::{EXACT, EXACT_KEYS};
use crate::bits::Bits;
use crate::join::Findings;
use crate::run::Run;
use crate::spill::rows::{RowReader, RowWriter};
use crate::spill::sort::Sorter;

impl Run<'_> {
    /// Finds the exact copies, notes the first text of each hash for the index, and tells which
    /// records are copies.
    pub(crate) fn exact_copies(&self, mut rows: Sorter<ExactRow>) -> Result<Bits, Error> {
        let Some(stage) = &self.stages.exact else { return Ok(Bits::default()) };
        for (place, earlier) in self.against.iter().enumerate() {
            earlier.exact(place, &mut rows)?;
        }
        let mut firsts = RowWriter::create(&self.spill.join(EXACT), "exact")?;
        let mut last = None;
        let rows = rows.finish()?.map(|row| {
            let row = row?;
            if row.dataset == PRESENT && last != Some(row.hash) {
                firsts.push(&row)?;
            }
            last = Some(row.hash);
            Ok(row)
        });
        self.decide("exact", stage, rows)?;
        firsts.finish()?;
        let mut copies = Bits::default();
        let mut found = RowReader::<ExactFinding>::open(&self.found_path("exact"), "exact")?;
        while let Some(finding) = found.next_row()? {
            copies.set(finding.ordinal);
        }
        Ok(copies)
    }

    /// Writes the exact hashes of the documents that are not `gone` to the index.
    pub(crate) fn index_exact(&self, gone: &Bits) -> Result<(), Error> {
        if self.stages.exact.is_none() {
            return Ok(());
        }
        let mut firsts = RowReader::<ExactRow>::open(&self.spill.join(EXACT), "exact")?;
        let mut index = RowWriter::create(&self.index.join(EXACT), EXACT_KEYS)?;
        while let Some(row) = firsts.next_row()? {
            if !gone.get(row.ordinal) {
                index.push(&ExactKey { hash: row.hash, id: row.id })?;
            }
        }
        index.finish()?;
        Ok(())
    }

    /// Sorts what a corpus stage found out into a file for the next pass.
    pub(crate) fn decide<S: CorpusStage>(
        &self,
        name: &str,
        stage: &S,
        rows: impl Iterator<Item = Result<S::Row, Error>>,
    ) -> Result<(), Error> {
        let mut failed = None;
        let mut findings = Sorter::new(&self.spill, &format!("{name}-found"), self.memory / 8);
        let mut refused = None;
        stage.decide(
            &mut rows.map_while(|row| row.map_err(|error| failed = Some(error)).ok()),
            &mut |finding| {
                if refused.is_none() {
                    refused = findings.push(finding).err();
                }
            },
        );
        if let Some(error) = failed {
            return Err(error);
        }
        if let Some(error) = refused {
            return Err(error.into());
        }
        self.keep(name, findings.finish()?.map(|row| row.map_err(Error::from)))
    }

    /// Writes sorted findings to their file.
    pub(crate) fn keep<R: Row>(
        &self,
        name: &str,
        findings: impl Iterator<Item = Result<R, Error>>,
    ) -> Result<(), Error> {
        let mut file = RowWriter::create(&self.found_path(name), name)?;
        for finding in findings {
            file.push(&finding?)?;
        }
        file.finish()?;
        Ok(())
    }

    pub(crate) fn found<R: Row>(
        &self,
        name: &str,
        ordinal: fn(&R) -> u64,
    ) -> Result<Findings<R>, Error> {
        let path = self.found_path(name);
        let rows = if path.exists() { Some(RowReader::open(&path, name)?) } else { None };
        Ok(Findings::new(rows, ordinal))
    }

    pub(crate) fn found_path(&self, name: &str) -> PathBuf {
        self.spill.join(format!("{name}.found"))
    }
}
