//! `scutch eval`: precision, recall and F of a stage on a labelled set.

mod decode;
mod dedup;
mod repair;
mod strip;

use std::path::Path;

use anyhow::{Result, bail};

use crate::Outcome;
use crate::args::{Common, Profile, Task};
use crate::commands::{Usage, load_config, pool, write_out};

pub(super) fn eval(
    common: &Common,
    task: Task,
    gold: &Path,
    profile: Option<Profile>,
) -> Result<Outcome> {
    let mut config = load_config(common)?;
    match (task, profile) {
        (Task::Strip, Some(profile)) => config.strip.profile = profile.into(),
        (_, Some(_)) => bail!(Usage("--profile goes with `eval strip`".to_owned())),
        _ => {}
    }
    let table = pool(common)?.install(|| match task {
        Task::Decode => decode::score(&config, gold),
        Task::Strip => strip::score(&config, gold),
        Task::Dedup => dedup::score(&config, gold),
        Task::Repair => repair::score(&config, gold),
    })?;
    write_out(table.as_bytes())
}
