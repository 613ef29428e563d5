//! What a long answer costs: decoding it, drawing it, taking one more delta of it. The sizes are compared within one run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a measurement that cannot be made may say why and stop"
)]
#![allow(missing_docs, unreachable_pub, reason = "nobody reads the documentation of measurements")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rationale::app::msg::{JobEvent, Msg};
use rationale::domain::turn::{BlockKind, StreamEvent};
use rationale::effects::api::accumulate::Accumulator;
use rationale::effects::api::sse::Decoder;
use rationale::text::RawText;

use crate::harness::{Harness, question};

#[path = "../tests/it/harness.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod harness;

/// A delta as servers send them: a few words.
const DELTA: &str = "the column month repeats every year, ";

/// Bytes of a transcript that is already there.
const SIZES: [(&str, usize); 3] = [("10 kB", 10_000), ("1 MB", 1_000_000), ("100 MB", 100_000_000)];

/// An answer of about `n` bytes of thinking, as it comes over the wire.
fn wire(n: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut event = |kind: &str, data: &str| {
        bytes.extend_from_slice(format!("event: {kind}\ndata: {data}\n\n").as_bytes());
    };
    event("message_start", r#"{"type":"message_start","message":{"model":"m","usage":{"input_tokens":1}}}"#);
    event(
        "content_block_start",
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
    );
    for _ in 0..n / DELTA.len() {
        event(
            "content_block_delta",
            &format!(
                r#"{{"type":"content_block_delta","index":0,"delta":{{"type":"thinking_delta","thinking":"{DELTA}"}}}}"#
            ),
        );
    }
    event("content_block_stop", r#"{"type":"content_block_stop","index":0}"#);
    event(
        "message_delta",
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}"#,
    );
    event("message_stop", r#"{"type":"message_stop"}"#);
    bytes
}

fn decoding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode and accumulate");
    group.sample_size(20);
    for (name, n) in [("1 MB of thinking", 1_000_000), ("a stream of 50 MB", 15_000_000)] {
        let bytes = wire(n);
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        // A network packet at a time.
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let (mut decoder, mut answer, mut events) = (Decoder::default(), Accumulator::default(), Vec::new());
                for packet in bytes.chunks(1_400) {
                    decoder.push(packet, &mut |frame| answer.take(frame, &mut events)).expect("it is well formed");
                    events.clear();
                }
                black_box(answer.finish(None))
            });
        });
    }
    group.finish();
}

/// Deltas that arrive at once, and the frame that shows them: how many a second reach a screen of 160 × 45.
fn showing(criterion: &mut Criterion) {
    const BURST: u32 = 200;
    let mut group = criterion.benchmark_group("deltas to the screen");
    group.sample_size(20);
    group.throughput(Throughput::Elements(u64::from(BURST)));
    let mut bench = asking(10_000);
    bench.send(Msg::Resized(160, 45));
    group.bench_function("200 and a frame at 160×45", |bencher| {
        bencher.iter(|| {
            for _ in 0..BURST {
                let more = delta(&bench);
                bench.send(more);
            }
            black_box(bench.buffer())
        });
    });
    group.finish();
}

/// A workbench in the middle of an answer of which `n` bytes are on the screen.
fn asking(n: usize) -> Harness {
    let mut bench = Harness::framed(160, 48);
    bench.keys("t g down down enter");
    bench.report(JobEvent::Priced(Box::new(question())));
    bench.keys("enter");
    bench.report(JobEvent::Stream(StreamEvent::BlockStarted { index: 0, kind: BlockKind::Thinking }));
    let text = format!("{}\n", DELTA.repeat(8)).repeat(40);
    for _ in 0..=n / text.len() {
        bench.report(JobEvent::Stream(StreamEvent::Delta { index: 0, text: RawText::new(text.as_str()) }));
    }
    bench.effects.retain(|effect| matches!(effect, rationale::app::effect::Effect::Start(..)));
    bench
}

/// One more delta, in the message as which it arrives.
fn delta(bench: &Harness) -> Msg {
    let (id, _) = bench.jobs().pop().expect("an answer is on its way");
    Msg::Job { id, event: JobEvent::Stream(StreamEvent::Delta { index: 0, text: RawText::new(DELTA) }) }
}

fn drawing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("one frame with a transcript of");
    group.sample_size(20);
    for (name, n) in SIZES {
        let mut bench = asking(n);
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter_custom(|n_frames| {
                let mut spent = Duration::ZERO;
                for _ in 0..n_frames {
                    // Something has changed since the last frame.
                    let more = delta(&bench);
                    bench.send(more);
                    let start = Instant::now();
                    black_box(bench.buffer());
                    spent += start.elapsed();
                }
                spent
            });
        });
    }
    group.finish();
}

fn taking(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("one delta onto a transcript of");
    group.sample_size(20);
    for (name, n) in SIZES {
        let mut bench = asking(n);
        let mut grown = 0;
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter_custom(|n_deltas| {
                let mut spent = Duration::ZERO;
                for _ in 0..n_deltas {
                    if grown > n {
                        bench = asking(n);
                        grown = 0;
                    }
                    let more = delta(&bench);
                    let start = Instant::now();
                    bench.send(more);
                    spent += start.elapsed();
                    grown += DELTA.len();
                }
                spent
            });
        });
    }
    group.finish();
}

criterion_group!(benches, decoding, showing, drawing, taking);
criterion_main!(benches);
