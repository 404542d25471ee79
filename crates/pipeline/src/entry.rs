//! What lies in a spill file between two passes: a document, or a record that was rejected already.

use std::borrow::Cow;

use scutch_dataset::Rejected;
use scutch_document::{Document, Edit, Id, Origin, Rejection};
use serde::{Deserialize, Serialize};

use crate::Error;

/// A record on its way: still a document, or rejected by an earlier stage.
#[derive(Debug)]
pub(crate) enum Entry {
    /// On its way.
    Document(Document),
    /// Out, with a reason.
    Rejected(Rejected),
}

/// Rejects a document: what `rejected` keeps is its decoded text, before any edit.
pub(crate) fn reject(document: Document, rejection: Rejection) -> Rejected {
    let encoding = document.encoding.clone();
    let text = document.restored().ok();
    let (origin, last, _) = document.into_parts();
    Rejected { origin, rejection, text: Some(text.unwrap_or(last)), raw: None, encoding }
}

/// Turns entries into bytes and back. Signals are stored by their place in `columns`.
#[derive(Debug, Clone)]
pub(crate) struct Codec {
    columns: Vec<&'static str>,
    stages: Vec<&'static str>,
}

#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    id: u128,
    source: &'a str,
    record: u64,
    source_id: Option<&'a str>,
    url: Option<&'a str>,
    meta: Option<&'a str>,
    encoding: Option<&'a str>,
    text: Option<&'a str>,
    rest: Rest<'a>,
}

#[derive(Serialize, Deserialize)]
enum Rest<'a> {
    Document {
        language: Option<&'a str>,
        signals: Vec<(u16, f64)>,
        #[serde(borrow)]
        edits: Vec<StoredEdit<'a>>,
    },
    Rejected {
        stage: u16,
        reason: &'a str,
        detail: &'a str,
        duplicate_of: Option<&'a str>,
        similarity: Option<f32>,
        raw: Option<&'a [u8]>,
    },
}

#[derive(Serialize, Deserialize)]
struct StoredEdit<'a> {
    stage: u16,
    rule: &'a str,
    start: u64,
    end: u64,
    before: &'a str,
    after: &'a str,
    score: f32,
}

impl Codec {
    /// `columns`: every signal that a stage may set. `stages`: every name that an edit or a
    /// rejection may bear.
    pub(crate) fn new(columns: Vec<&'static str>, stages: Vec<&'static str>) -> Self {
        Self { columns, stages }
    }

    fn index(names: &[&'static str], name: &str) -> u16 {
        let at = names.iter().position(|known| *known == name);
        u16::try_from(at.expect("stages declare their names and signals")).expect("few names")
    }

    /// The entry's bytes, in `out`.
    pub(crate) fn write(&self, entry: &Entry, out: &mut Vec<u8>) {
        let stored = match entry {
            Entry::Document(document) => Stored {
                text: Some(document.text()),
                rest: Rest::Document {
                    language: document.language.as_deref(),
                    signals: document
                        .signals
                        .iter()
                        .map(|(name, value)| (Self::index(&self.columns, name), *value))
                        .collect(),
                    edits: document.edits().iter().map(|edit| self.stored(edit)).collect(),
                },
                ..Self::origin(&document.origin, document.encoding.as_deref())
            },
            Entry::Rejected(rejected) => Stored {
                text: rejected.text.as_deref(),
                rest: Rest::Rejected {
                    stage: Self::index(&self.stages, rejected.rejection.stage),
                    reason: &rejected.rejection.reason,
                    detail: &rejected.rejection.detail,
                    duplicate_of: rejected.rejection.duplicate_of.as_deref(),
                    similarity: rejected.rejection.similarity,
                    raw: rejected.raw.as_deref(),
                },
                ..Self::origin(&rejected.origin, rejected.encoding.as_deref())
            },
        };
        out.clear();
        postcard::to_io(&stored, out).expect("writing to memory");
    }

    fn stored<'a>(&self, edit: &'a Edit) -> StoredEdit<'a> {
        StoredEdit {
            stage: Self::index(&self.stages, &edit.stage),
            rule: &edit.rule,
            start: edit.start as u64,
            end: edit.end as u64,
            before: &edit.before,
            after: &edit.after,
            score: edit.score,
        }
    }

    fn origin<'a>(origin: &'a Origin, encoding: Option<&'a str>) -> Stored<'a> {
        Stored {
            id: origin.id.0,
            source: &origin.source,
            record: origin.record,
            source_id: origin.source_id.as_deref(),
            url: origin.url.as_deref(),
            meta: origin.meta.as_deref(),
            encoding,
            text: None,
            rest: Rest::Document { language: None, signals: Vec::new(), edits: Vec::new() },
        }
    }

    /// Reads back what [`Codec::write`] wrote.
    pub(crate) fn read(&self, bytes: &[u8]) -> Result<Entry, Error> {
        let stored: Stored<'_> =
            postcard::from_bytes(bytes).map_err(|error| Error::Spill(error.to_string()))?;
        let origin = Origin {
            id: Id(stored.id),
            source: stored.source.into(),
            record: stored.record,
            source_id: stored.source_id.map(str::to_owned),
            url: stored.url.map(str::to_owned),
            meta: stored.meta.map(str::to_owned),
        };
        let encoding = stored.encoding.map(str::to_owned);
        let name = |names: &[&'static str], at: u16| {
            names.get(usize::from(at)).copied().ok_or_else(|| {
                Error::Spill("a spill file was written with other stages".to_owned())
            })
        };
        Ok(match stored.rest {
            Rest::Document { language, signals, edits } => {
                let edits = edits
                    .into_iter()
                    .map(|edit| {
                        Ok(Edit {
                            stage: Cow::Borrowed(name(&self.stages, edit.stage)?),
                            rule: Cow::Owned(edit.rule.to_owned()),
                            start: edit.start as usize,
                            end: edit.end as usize,
                            before: edit.before.to_owned(),
                            after: edit.after.to_owned(),
                            score: edit.score,
                        })
                    })
                    .collect::<Result<_, Error>>()?;
                let mut document = Document::resume(origin, stored.text.unwrap_or_default(), edits);
                document.encoding = encoding;
                document.language = language.map(str::to_owned);
                for (at, value) in signals {
                    document.signals.insert(name(&self.columns, at)?, value);
                }
                Entry::Document(document)
            }
            Rest::Rejected { stage, reason, detail, duplicate_of, similarity, raw } => {
                Entry::Rejected(Rejected {
                    origin,
                    rejection: Rejection {
                        stage: name(&self.stages, stage)?,
                        reason: Cow::Owned(reason.to_owned()),
                        detail: detail.to_owned(),
                        duplicate_of: duplicate_of.map(str::to_owned),
                        similarity,
                    },
                    text: stored.text.map(str::to_owned),
                    raw: raw.map(<[u8]>::to_vec),
                    encoding,
                })
            }
        })
    }
}
