//! What the corpus stages decide, between two passes.

use std::path::PathBuf;

use scutch_document::{CorpusStage, Row};

use crate::Error;
use crate::join::Findings;
use crate::run::Run;
use crate::spill::rows::{RowReader, RowWriter};
use crate::spill::sort::{Sorted, Sorter};

impl Run<'_> {
    /// What a corpus stage found out, sorted; `name` is that of its spill files.
    pub(crate) fn decide<S: CorpusStage>(
        &self,
        name: &str,
        stage: &S,
        rows: impl Iterator<Item = Result<S::Row, Error>>,
    ) -> Result<Sorted<S::Finding>, Error> {
        let mut failed = None;
        let mut findings = Sorter::new(&self.spill, name, self.memory / 8);
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
        match refused {
            Some(error) => Err(error.into()),
            None => Ok(findings.finish()?),
        }
    }

    /// Writes sorted findings to the file from which the next pass takes them.
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

    /// What was kept under this name, none where the stage is off.
    pub(crate) fn found<R: Row>(
        &self,
        name: &str,
        is_on: bool,
        ordinal: fn(&R) -> u64,
    ) -> Result<Findings<R>, Error> {
        let open = || RowReader::open(&self.found_path(name), name);
        Ok(Findings::new(is_on.then(open).transpose()?, ordinal))
    }

    pub(crate) fn found_path(&self, name: &str) -> PathBuf {
        self.spill.join(format!("{name}.found"))
    }
}
