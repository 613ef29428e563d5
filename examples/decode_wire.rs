//! Decodes a file of server-sent events as the program does and prints what it cost: CPU seconds, bytes, peak memory.
//! `benches/against_sdk.py` compares it with the official Python SDK on the same bytes.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used, missing_docs, reason = "a measurement")]

use std::io::Read;

use rationale::effects::api::accumulate::Accumulator;
use rationale::effects::api::sse::Decoder;

fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    // Ticks are hundredths of a second on every Linux that is met.
    ticks / 100.0
}

fn main() {
    let path = std::env::args().nth(1).unwrap();
    let rounds: u32 = std::env::args().nth(2).map_or(1, |text| text.parse().unwrap());
    let before = cpu_seconds();
    let (mut n_bytes, mut n_text, mut n_events) = (0, 0, 0);
    for _ in 0..rounds {
        let mut file = std::fs::File::open(&path).unwrap();
        let (mut decoder, mut accumulator, mut events) = (Decoder::default(), Accumulator::default(), Vec::new());
        let mut piece = vec![0; 16 << 10];
        loop {
            let n = file.read(&mut piece).unwrap();
            if n == 0 {
                break;
            }
            n_bytes += n;
            decoder.push(&piece[..n], &mut |frame| accumulator.take(frame, &mut events)).unwrap();
            n_events += events.len();
            events.clear();
        }
        n_text = accumulator.finish(None).blocks.iter().map(|(_, text)| text.len()).sum();
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().trim().to_owned();
    println!(
        "{{\"cpu_s\": {:.4}, \"bytes\": {n_bytes}, \"text\": {n_text}, \"events\": {n_events}, \"peak\": \"{peak}\"}}",
        (cpu_seconds() - before) / f64::from(rounds)
    );
}
