//! What the program knows about: data sets, framings, turns, suggestions, runs, verdicts, experiments.
//!
//! No terminal, network, file, clock, thread or async here: values in, values out.

pub mod baseline;
pub mod batch;
pub mod capability;
pub mod checklist;
pub mod conversation;
pub mod curves;
pub mod dataset;
pub mod digest;
pub mod endpoint;
pub mod experiment;
pub mod facts;
pub mod failure;
pub mod findings;
pub mod flow;
pub mod framing;
pub mod judging;
pub mod kind;
pub mod known;
pub mod limits;
pub mod limits_in_words;
pub mod manifest;
pub mod mask;
pub mod metric;
pub mod money;
pub mod price;
pub mod profile;
pub mod prompt;
pub mod pynotes;
pub mod question;
pub mod run;
pub mod run_event;
pub mod sheet;
pub mod split;
pub mod stack;
pub mod suggestion;
pub mod task;
pub mod toml_error;
pub mod tools;
pub mod turn;
pub mod verdict;
pub mod warning;
