//! Config to plan to run: passes, spill, memory bound, resume.

mod against;
pub mod bits;
mod clock;
mod config;
mod corpus;
mod entry;
mod error;
mod exact;
mod join;
mod journal;
mod limits;
mod manifest;
pub mod near;
mod ordered;
mod progress;
mod run;
mod schema;
mod sink;
mod source;
pub mod spill;
mod stages;
mod work;

pub use config::{Config, ConfigError, DEFAULT_TOML, Stage};
pub use error::Error;
pub use progress::{Progress, Quiet};
pub use run::{Request, Summary, run};
pub use stages::Stages;
