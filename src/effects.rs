//! The only layer that reaches outside: files, network, processes, clocks, SQLite, Python.
#![expect(clippy::disallowed_methods, reason = "this is the layer that touches the world")]

pub mod again;
pub mod api;
pub mod asking;
pub mod batches;
pub mod confirm;
pub mod data;
pub mod demo;
pub mod desktop;
pub mod environment;
pub mod errors;
pub mod executor;
pub mod extras;
pub mod figures;
pub mod follow;
pub mod interpreter;
pub mod own_metric;
pub mod project;
pub mod python;
pub mod recent;
pub mod recording;
pub mod runs;
pub mod sandbox;
pub mod serve;
pub mod session;
pub mod share;
pub mod store;
pub mod tape;
pub mod tools;
pub mod world;
