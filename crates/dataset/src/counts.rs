use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A number for each stage and each of its reasons or rules.
pub type Tally = BTreeMap<String, BTreeMap<String, u64>>;

/// What came out of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Clean documents.
    pub documents: u64,
    /// Rejected records, by stage and reason.
    pub rejected: Tally,
    /// Edits of the clean documents, by stage and rule.
    pub edits: Tally,
    /// Records in near-duplicate groups.
    pub clustered: u64,
}

impl Counts {
    /// All rejected records.
    pub fn rejected_total(&self) -> u64 {
        total(&self.rejected)
    }

    /// All edits.
    pub fn edits_total(&self) -> u64 {
        total(&self.edits)
    }
}

fn total(tally: &Tally) -> u64 {
    tally.values().flat_map(BTreeMap::values).sum()
}

/// Adds one to `tally[stage][name]`; allocates only for a name that is new.
pub(crate) fn count(tally: &mut Tally, stage: &str, name: &str) {
    if let Some(n) = tally.get_mut(stage).and_then(|names| names.get_mut(name)) {
        *n += 1;
    } else {
        tally.entry(stage.to_owned()).or_default().insert(name.to_owned(), 1);
    }
}
