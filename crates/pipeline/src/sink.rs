//! Where a pass' results go: to a spill file and the corpus stages, or to the dataset.

use scutch_dataset::{ClusterRow, Options, Writer};
use scutch_dedup::ExactRow;
use scutch_strip::LineRow;

use crate::Error;
use crate::bits::Bits;
use crate::clock::Work;
use crate::entry::Entry;
use crate::near::{NearPass, write_index};
use crate::run::{Run, Summary, near_indexes};
use crate::spill::blob::BlobWriter;
use crate::spill::sort::Sorter;
use crate::work::{Until, Worked};

/// Where a pass' results go, in the order of the records.
pub(crate) enum Sink<'a> {
    Read {
        run: &'a Run<'a>,
        blob: BlobWriter,
        exact: Option<Sorter<ExactRow>>,
        lines: Option<Sorter<LineRow>>,
    },
    Stripped {
        run: &'a Run<'a>,
        blob: BlobWriter,
        near: Box<NearPass>,
    },
    Dataset {
        run: &'a Run<'a>,
        writer: Box<Writer>,
        summary: Summary,
        /// Records that are rows of `documents/`.
        published: Bits,
    },
}

impl<'a> Sink<'a> {
    pub(crate) fn open(run: &'a Run<'a>, until: Until) -> Result<Self, Error> {
        let stages = &run.stages;
        Ok(match until {
            Until::Read => Self::Read {
                run,
                blob: BlobWriter::create(&run.blob_path("decoded"))?,
                exact: stages
                    .exact
                    .as_ref()
                    .map(|_| Sorter::new(&run.spill, "exact", run.memory / 8)),
                lines: stages
                    .lines
                    .as_ref()
                    .map(|_| Sorter::new(&run.spill, "lines", run.memory / 4)),
            },
            Until::Stripped => Self::Stripped {
                run,
                blob: BlobWriter::create(&run.blob_path("stripped"))?,
                near: Box::new(
                    NearPass::new(&run.config.dedup, &run.spill, run.memory / 4)?
                        .against(near_indexes(stages, &run.against)?)
                        .keep_keys(),
                ),
            },
            Until::Repaired => {
                let dir = run.partial.join("dataset");
                if dir.exists() {
                    std::fs::remove_dir_all(&dir).map_err(Error::io(&dir))?;
                }
                std::fs::create_dir_all(&dir).map_err(Error::io(&dir))?;
                let options = Options::new(&run.config.output, stages.quality_signals())?;
                let writer = Writer::create(&dir, options)?;
                Self::Dataset {
                    run,
                    writer: Box::new(writer),
                    summary: Summary::default(),
                    published: Bits::default(),
                }
            }
        })
    }

    pub(crate) fn take(&mut self, worked: Worked) -> Result<(), Error> {
        match self {
            Self::Read { run, blob, exact, lines } => run.stages.clock.time(Work::Spill, || {
                blob.append(&worked.bytes)?;
                if let Some(sorter) = exact {
                    worked.exact.into_iter().try_for_each(|row| sorter.push(row))?;
                }
                if let Some(sorter) = lines {
                    worked.lines.into_iter().try_for_each(|row| sorter.push(row))?;
                }
                Ok(())
            }),
            Self::Stripped { run, blob, near } => run.stages.clock.time(Work::Spill, || {
                blob.append(&worked.bytes)?;
                if let (Entry::Document(document), Some(sketch)) = (&worked.entry, worked.sketch) {
                    near.observe(worked.ordinal, sketch, document)?;
                }
                Ok(())
            }),
            Self::Dataset { run, writer, summary, published } => {
                if matches!(worked.entry, Entry::Document(_)) {
                    published.set(worked.ordinal);
                }
                run.stages.clock.time(Work::Write, || write(writer, summary, &worked))
            }
        }
    }

    pub(crate) fn finish(self) -> Result<Option<Summary>, Error> {
        match self {
            Self::Read { run, blob, exact, lines } => {
                blob.close()?;
                let copies = exact.map_or(Ok(Bits::default()), |rows| run.exact_copies(rows))?;
                if let (Some(stage), Some(rows)) = (&run.stages.lines, lines) {
                    // A copy of a page is not another page of its site.
                    let rows = rows
                        .finish()?
                        .map(|row| row.map_err(Error::from))
                        .filter(|row| row.as_ref().map_or(true, |row| !copies.get(row.ordinal)));
                    let found = run.decide("lines-found", stage, rows)?;
                    run.keep("lines", found.map(|row| row.map_err(Error::from)))?;
                }
                Ok(None)
            }
            Self::Stripped { run, blob, near } => {
                blob.close()?;
                run.pool.install(|| {
                    let findings = run.stages.clock.time(Work::Dedup, || near.finish())?;
                    run.keep("near", findings.map(|found| found.map_err(Error::from)))
                })?;
                Ok(None)
            }
            Self::Dataset { run, writer, summary, published } => {
                if run.stages.near.is_some() {
                    write_index(&run.spill, &run.index, &run.config.dedup, &published)?;
                }
                run.index_exact(&published)?;
                let counts = run.stages.clock.time(Work::Write, || writer.finish())?;
                Ok(Some(Summary { counts, ..summary }))
            }
        }
    }
}

/// Writes one record to the dataset.
fn write(writer: &mut Writer, summary: &mut Summary, worked: &Worked) -> Result<(), Error> {
    match &worked.entry {
        Entry::Document(document) => {
            summary.text_bytes += document.text().len() as u64;
            writer.document(document, worked.near.map(|near| (near.cluster, near.size)))?;
        }
        Entry::Rejected(rejected) => writer.reject(rejected)?,
    }
    if let Some(near) = worked.near {
        writer.cluster(&ClusterRow {
            id: near.id,
            cluster: near.cluster,
            kept: near.kept,
            similarity: (!near.kept).then_some(near.likeness.similarity),
        })?;
    }
    Ok(())
}
