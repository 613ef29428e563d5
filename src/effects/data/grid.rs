//! Delimited text in one pass: records, cells, profiles, searches and orders, at the speed of the disk.

pub mod cells;
pub mod column;
pub mod index;
pub mod numbers;
pub mod order;
pub mod pass;
pub mod read;
pub mod records;
pub mod rows;
pub mod scan;
pub mod search;
pub mod sketch;
pub mod tally;
pub mod texts;

#[cfg(test)]
mod tests;
