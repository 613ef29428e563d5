//! Simulates what a verdict promises: how often its interval holds the truth, and how often chance is called better.
//!
//! `cargo run --example coverage -- 2000` prints the table of docs/statistics.md.
#![expect(clippy::print_stdout, reason = "a program that prints a table")]

fn main() {
    let n = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(2_000);
    println!("{}", rationale::domain::simulation::table(n));
}
