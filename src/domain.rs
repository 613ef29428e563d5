//! What the program knows about: data sets, framings, turns, suggestions, runs, verdicts, experiments.
//!
//! No terminal, network, file, clock, thread or async here: values in, values out.

pub mod dataset;
pub mod facts;
pub mod failure;
pub mod framing;
pub mod kind;
pub mod metric;
pub mod profile;
pub mod split;
pub mod warning;
