//! What a run was: for its manifest, and for the check that a resumed run is the same one.

use std::collections::BTreeMap;

use scutch_dataset::{Counts, Input, Manifest, Model};
use scutch_ingest::Source;
use serde_json::Value;

use crate::config::ConfigError;
use crate::stages::Stages;
use crate::{Config, Error};

/// The manifest of a run.
pub(crate) fn of(
    config: &Config,
    models: Vec<Model>,
    inputs: Vec<Input>,
    counts: Counts,
) -> Result<Manifest, Error> {
    let (major, minor, patch) = scutch_decode::UNICODE_VERSION;
    let versions = BTreeMap::from([
        ("public suffixes".to_owned(), scutch_strip::PUBLIC_SUFFIXES.to_owned()),
        ("unicode".to_owned(), format!("{major}.{minor}.{patch}")),
    ]);
    Ok(Manifest {
        versions,
        config: portable(config)?,
        models,
        inputs,
        counts,
        ..Manifest::default()
    })
}

/// BLAKE3 of everything that decides the outcome of a run but the bytes of its inputs, which a
/// resumed run has read already.
pub(crate) fn plan_hash(
    config: &Config,
    stages: &Stages,
    sources: &[Source],
    against: &[Model],
) -> Result<String, Error> {
    let sources: Vec<_> = sources.iter().map(|source| (&*source.name, source.bytes)).collect();
    let models: &[Model] = &stages.models;
    let plan = serde_json::json!({
        "scutch": env!("CARGO_PKG_VERSION"),
        "config": portable(config)?,
        "models": models,
        "against": against,
        "sources": sources,
    });
    Ok(blake3::hash(plan.to_string().as_bytes()).to_hex().to_string())
}

fn portable(config: &Config) -> Result<Value, Error> {
    serde_json::to_value(config.portable()).map_err(|error| ConfigError(error.to_string()).into())
}
