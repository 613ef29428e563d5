//! Recordings played again in the panes, and given away with their data masked.

use std::time::Duration;

use proptest::prelude::*;
use rationale::app::msg::{JobEvent, Msg};
use rationale::app::replay::{Recording as Which, Tape};
use rationale::domain::turn::{BlockKind, StreamEvent};
use rationale::effects::api::rounds::Rounds;
use rationale::effects::recording::{Heading, Recording};
use rationale::effects::share;
use rationale::text::RawText;

use crate::harness::{ANSWER, Harness, SIZES, repository};

/// A minute of an answer: thinking, a tool, the answer with its code.
pub fn tape() -> Tape {
    let mut events = Vec::new();
    let block =
        |events: &mut Vec<(u64, StreamEvent)>, start: u64, end: u64, index: usize, kind: BlockKind, text: &str| {
            events.push((start, StreamEvent::BlockStarted { index, kind }));
            let pieces: Vec<&str> = text.split_inclusive(' ').collect();
            let n = pieces.len() as u64;
            for (at, piece) in (0u64..).zip(pieces) {
                events.push((start + (end - start) * at / n, StreamEvent::Delta { index, text: RawText::new(piece) }));
            }
            events.push((end, StreamEvent::BlockStopped { index }));
        };
    let thoughts = "Bill length separates two species, and flippers the third. ".repeat(30);
    block(&mut events, 1_000, 20_000, 0, BlockKind::Thinking, &thoughts);
    block(&mut events, 21_000, 22_000, 1, BlockKind::ToolUse("profile_column".into()), "{\"column\": \"species\"}");
    events.push((23_000, StreamEvent::ToolResult { index: 1, summary: RawText::new("3 distinct"), is_error: false }));
    block(&mut events, 24_000, 60_000, 2, BlockKind::Text, ANSWER);
    let heading = "train · claude-opus-5-5 · anthropic · 2026-11-24T10:00:00Z".into();
    Tape { heading, task: "train".into(), events, is_torn: false, is_cut: false }
}

fn playing(columns: u16, rows: u16) -> Harness {
    let mut bench = Harness::framed(columns, rows);
    bench.send(Msg::Replay(Which::Named("r.stream".into())));
    bench.report(JobEvent::Replayed(Box::new(tape()), 100));
    bench
}

fn text(bench: &Harness) -> String {
    bench.model.transcript.blocks.iter().map(|block| format!("{:?}\n{}\n", block.kind, block.lines.text())).collect()
}

fn code(bench: &Harness) -> Vec<String> {
    bench.model.review.growing.files.iter().map(|file| format!("{}\n{}", file.path, file.code.expose())).collect()
}

/// Straight through to a moment.
fn straight(ms: u64) -> Harness {
    let mut bench = playing(100, 30);
    bench.wait(ms);
    bench
}

#[test]
fn it_plays_in_its_own_time_pauses_and_goes_faster() {
    let mut bench = playing(100, 30);
    bench.wait(10_000);
    let half = text(&bench);
    assert!(half.contains("Bill length") && !half.contains("profile_column"), "{half}");
    bench.keys("p");
    bench.wait(60_000);
    assert_eq!(text(&bench), half, "it moved while it was paused");
    bench.keys("p + +");
    bench.wait(10_000);
    assert_eq!(text(&bench), text(&straight(50_000)));
    bench.wait(60_000);
    assert!(!bench.model.plays() && text(&bench).contains("Expected effect"));
    assert_eq!(code(&bench).len(), 1);
}

#[test]
fn leaving_goes_back_to_where_one_was() {
    let mut bench = Harness::reviewing(100, 30);
    let before = bench.screen();
    bench.send(Msg::Replay(Which::Named("r.stream".into())));
    bench.report(JobEvent::Replayed(Box::new(tape()), 100));
    bench.wait(30_000);
    assert!(bench.screen().contains("replay"), "{}", bench.screen());
    bench.keys("t");
    assert!(bench.screen().contains("a replay is on"), "{}", bench.screen());
    bench.keys("esc 3");
    bench.wait(10_000);
    assert_eq!(bench.screen(), before);
}

#[test]
fn a_replay_at_three_sizes() {
    for (columns, rows) in SIZES {
        let mut bench = playing(columns, rows);
        bench.wait(45_000);
        bench.keys("p");
        let name = format!("replay-{columns}x{rows}");
        insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(name, bench.screen());
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn however_one_goes_there_a_moment_looks_the_same(moves in prop::collection::vec((0..8usize, 0..9_000u64), 1..20)) {
        let mut bench = playing(100, 30);
        for (key, wait) in moves {
            bench.keys(["left", "right", "[", "]", "-", "+", "p", "g"][key]);
            bench.wait(wait);
        }
        let rationale::app::phase::Phase::Replaying(replay) = &bench.model.phase else { panic!("it ended by itself") };
        let there = straight(replay.position());
        prop_assert_eq!(text(&bench), text(&there));
        prop_assert_eq!(code(&bench), code(&there));
    }
}

fn heading() -> Heading {
    Heading { rationale_recording: 1, task: "train".into(), endpoint: "e".into(), model: "m".into(), at: "now".into() }
}

fn decoded(recording: &Recording) -> (rationale::domain::turn::Turn, Vec<StreamEvent>) {
    let (mut rounds, mut events) = (Rounds::default(), Vec::new());
    recording.pieces.iter().for_each(|(_, piece)| rounds.take(piece, &mut events));
    (rounds.finish(), events)
}

/// Runs of at least four letters that are not all `x`.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphabetic())
        .filter(|word| word.chars().count() >= 4 && word.chars().any(|c| c != 'x'))
        .map(ToOwned::to_owned)
        .collect()
}

#[test]
fn a_masked_copy_has_the_same_shape_and_none_of_the_data() {
    let folder = repository().join("tests/fixtures/transcripts");
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if name.strip_suffix(".sse").is_none() {
            continue;
        }
        let bytes = std::fs::read(entry.path()).unwrap();
        let pieces =
            bytes.chunks(37).zip(0u64..).map(|(piece, at)| (Duration::from_millis(at), piece.to_vec())).collect();
        let original = Recording { heading: heading(), pieces, is_torn: false };
        let masked = share::mask(&original);
        let lengths =
            |recording: &Recording| recording.pieces.iter().map(|(at, piece)| (*at, piece.len())).collect::<Vec<_>>();
        assert_eq!(lengths(&masked), lengths(&original), "{name}");
        let ((before, _), (after, _)) = (decoded(&original), decoded(&masked));
        let shape = |turn: &rationale::domain::turn::Turn| {
            (
                turn.blocks.iter().map(|(kind, _)| kind.clone()).collect::<Vec<_>>(),
                turn.stop.clone(),
                turn.usage,
                turn.raw_blocks.len(),
            )
        };
        assert_eq!(shape(&after), shape(&before), "{name}");
        for (kind, text) in &after.blocks {
            // The keys of a tool's input stay.
            let left =
                if matches!(kind, BlockKind::ToolUse(_)) { values(text.expose()) } else { text.expose().to_owned() };
            assert!(words(&left).is_empty(), "{name}: {:?}", words(&left));
        }
    }
}

/// The strings of a JSON text that are no keys.
fn values(text: &str) -> String {
    fn walk(value: &serde_json::Value, out: &mut String) {
        match value {
            serde_json::Value::String(text) => out.push_str(&format!("{text} ")),
            serde_json::Value::Array(items) => items.iter().for_each(|item| walk(item, out)),
            serde_json::Value::Object(fields) => fields.values().for_each(|value| walk(value, out)),
            _ => {}
        }
    }
    let mut out = String::new();
    walk(&serde_json::from_str(text).unwrap_or_default(), &mut out);
    out
}
