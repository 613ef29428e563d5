//! The one test binary: what a user sees, what a file holds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    clippy::print_stderr,
    reason = "tests"
)]
#![allow(missing_docs, unreachable_pub, reason = "nobody reads the documentation of tests")]

mod harness;
mod mutate;

mod again;
mod analyst;
mod api;
mod batches;
mod before;
mod bombs;
mod broken;
mod charts;
mod cli;
mod court;
mod data;
mod environments;
mod errors;
mod escapes;
mod evaluator;
mod faulty;
mod figures;
mod flows;
mod formats;
mod fuzz;
mod gallery;
mod hostile;
mod hunks;
mod interleavings;
mod llmock;
mod peers;
mod privacy;
mod program;
mod prompts;
mod real_model;
mod replay;
mod runs;
mod sandbox;
mod screens;
mod sdk;
mod serve;
mod sheets;
mod smooth;
mod store;
mod tables;
mod talk;
mod tasks;
mod tidy;
mod together;
mod transcripts;
mod trials;
mod words;
