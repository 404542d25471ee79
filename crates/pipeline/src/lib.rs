//! Config to plan to run: passes, spill, memory bound, resume.
pub mod spill;
