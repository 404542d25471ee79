//! `scutch config`.

use anyhow::Result;
use scutch_pipeline::{Config, DEFAULT_TOML, Stages};

use crate::Outcome;
use crate::args::{self, Common};
use crate::commands::{load_config, write_out};

pub(super) fn config(common: &Common, command: args::Config) -> Result<Outcome> {
    match command {
        args::Config::Check { files } => {
            for file in files {
                // Building the stages reads and checks the files that the config names.
                Stages::new(&Config::load(&file)?)?;
                write_out(format!("{}: ok\n", file.display()).as_bytes())?;
            }
            Ok(Outcome::Done)
        }
        args::Config::Show if common.config.is_none() => write_out(DEFAULT_TOML.as_bytes()),
        args::Config::Show => write_out(load_config(common)?.to_toml()?.as_bytes()),
        args::Config::Schema => write_out(format!("{:#}\n", Config::schema()?).as_bytes()),
    }
}
