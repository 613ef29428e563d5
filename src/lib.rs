//! Rationale: a terminal workbench in which a data scientist and Claude do machine learning together.
#![warn(missing_docs)]

pub mod analyst;
pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod effects;
pub mod headless;
pub mod input;
pub mod json;
pub mod runtime;
pub mod text;
pub mod ui;
