//! Random changes to recorded streams: a fixed number of them, the same in every run. `examples/fuzz_stream.rs` goes on
//! for as long as one likes.

use crate::harness::repository;
use crate::mutate::{Dice, check, mutated};

#[test]
fn no_change_to_a_stream_breaks_the_reader() {
    let folder = repository().join("tests/fixtures/transcripts");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "sse" || kind == "json"))
        .collect();
    paths.sort();
    let seeds: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    for seed in 1..=1_500u64 {
        let mut dice = Dice::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let bytes = mutated(&seeds, &mut dice);
        check(&bytes, &mut dice).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    }
}
