//! Changes recorded streams at random and reads them, for a while: `cargo run --release --example fuzz_stream -- 60`.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "a tool of the tests"
)]

use std::time::{Duration, Instant};

#[path = "../tests/it/mutate.rs"]
mod mutate;

use mutate::{Dice, check, mutated};

fn main() {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(60u64);
    let first = std::env::args().nth(2).and_then(|text| text.parse().ok()).unwrap_or(1u64);
    let mut paths: Vec<_> = std::fs::read_dir("tests/fixtures/transcripts")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "sse" || kind == "json"))
        .collect();
    paths.sort();
    let seeds: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let (start, mut n) = (Instant::now(), 0u64);
    while start.elapsed() < Duration::from_secs(seconds) {
        let seed = first + n;
        let mut dice = Dice::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let bytes = mutated(&seeds, &mut dice);
        if let Err(why) = check(&bytes, &mut dice) {
            panic!("seed {seed}: {why}\n{}", String::from_utf8_lossy(&bytes));
        }
        n += 1;
    }
    println!(
        "{n} streams from {} recordings, {} a second, nothing found",
        seeds.len(),
        n / start.elapsed().as_secs().max(1)
    );
}
