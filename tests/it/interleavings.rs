//! Any order of keys and late results: nothing panics, nothing late has an effect, no job outlives its phase.

use proptest::prelude::*;
use rationale::app::chord::Chord;
use rationale::app::jobs::{JobId, JobKind};
use rationale::app::msg::{JobEvent, Msg, Offer};
use rationale::domain::capability::ModelInfo;
use rationale::domain::endpoint::Endpoint;
use rationale::domain::failure::Failure;
use rationale::domain::kind::Kind;
use rationale::domain::run::Level;
use rationale::domain::turn::{BlockKind, StopReason, StreamEvent};
use rationale::domain::view::{Counts, Found, RowOrder, Step as ViewStep, Value};
use rationale::text::RawText;

use crate::harness::{ANSWER, Harness, asked, question};

const KEYS: [&str; 59] = [
    "t",
    "i",
    "a",
    "r",
    "e",
    "d",
    "x",
    "esc",
    "F",
    "w",
    "up",
    "down",
    "left",
    "right",
    "pageup",
    "pagedown",
    "g",
    "G",
    "tab",
    "shift-tab",
    "1",
    "2",
    "3",
    "4",
    "z",
    "enter",
    "/",
    "n",
    "N",
    "f",
    "y",
    "]",
    "[",
    "o",
    "P",
    ":",
    "?",
    "ctrl-l",
    "c",
    "v",
    "b",
    "backspace",
    "ctrl-c",
    "space",
    "u",
    "U",
    "m",
    "s",
    "$",
    "p",
    "-",
    "+",
    "O",
    ",",
    "!",
    "#",
    "T",
    "alt-y",
    "5",
];

#[derive(Clone, Debug)]
enum Step {
    Key(usize),
    Report(usize, usize),
    Wait(u64),
    Resize(u16, u16),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..KEYS.len()).prop_map(Step::Key),
        4 => (any::<prop::sample::Index>(), 0..27usize).prop_map(|(job, event)| Step::Report(job.index(1000), event)),
        1 => (0..4000u64).prop_map(Step::Wait),
        1 => (0..200u16, 0..60u16).prop_map(|(columns, rows)| Step::Resize(columns, rows)),
    ]
}

fn event(which: usize) -> JobEvent {
    match which {
        0 => JobEvent::Priced(Box::new(question())),
        1 => JobEvent::Connected,
        2 => JobEvent::Stream(StreamEvent::BlockStarted { index: 0, kind: BlockKind::Text }),
        3 => JobEvent::Stream(StreamEvent::Delta { index: 0, text: RawText::new("```python path=model.py\nx = 1\n") }),
        4 => JobEvent::Answered(Box::new(asked(ANSWER, StopReason::EndTurn))),
        5 => JobEvent::Answered(Box::new(asked("", StopReason::Interrupted))),
        6 => JobEvent::Decided,
        7 => JobEvent::RunStarted { experiment: "e3".into(), run_id: "r".into(), level: Level::Standard, ran_ms: 0 },
        8 => JobEvent::RunsEnded,
        9 => JobEvent::Failed(Failure::work("x", "y", "z")),
        10 => JobEvent::Framed(3, None),
        11 => JobEvent::Counted(344),
        12 => JobEvent::Paged(rationale::domain::dataset::Page::default()),
        13 => JobEvent::Waiting { attempt: 2, wait_ms: 500, why: "busy".into() },
        14 => {
            JobEvent::Stream(StreamEvent::BlockStarted { index: 1, kind: BlockKind::ToolUse("propose_files".into()) })
        }
        15 => JobEvent::Stream(StreamEvent::ToolResult { index: 1, summary: RawText::new("shown"), is_error: false }),
        16 => JobEvent::Models(vec![offer()]),
        17 => JobEvent::Detected(Vec::new()),
        18 => JobEvent::Chosen(Box::new(Endpoint::offline())),
        19 => JobEvent::Passed(100),
        20 => JobEvent::Found(Some(Found { place: 7, column: 1, is_wrapped: true })),
        21 => JobEvent::Found(None),
        22 => JobEvent::Stepped(
            ViewStep::Filter { column: 1, kind: Kind::Text, value: Value::Is(None), is_not: true },
            RowOrder::new(vec![9, 3, 300]),
            false,
        ),
        23 => JobEvent::Stepped(ViewStep::Sort { column: 0, is_descending: true }, RowOrder::new(Vec::new()), true),
        24 => JobEvent::Counts(Box::new(Counts {
            values: vec![(None, 3), (Some(RawText::new("x")), 2)],
            n_rows: 5,
            ..Counts::default()
        })),
        25 => JobEvent::Cell(3, 0, Some(RawText::new("{\"a\": 1}"))),
        _ => JobEvent::Replayed(Box::new(crate::replay::tape()), 100),
    }
}

fn offer() -> Offer {
    Offer {
        endpoint: Endpoint::offline(),
        models: Ok(vec![ModelInfo { id: "rationale-rules-1".into(), ..ModelInfo::default() }]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_order_is_fine(steps in prop::collection::vec(step(), 1..120)) {
        let mut bench = Harness::framed(100, 30);
        for step in steps {
            match step {
                Step::Key(idx) => bench.send(Msg::Key(Chord::parse(KEYS[idx]).unwrap())),
                Step::Wait(ms) => bench.wait(ms),
                Step::Resize(columns, rows) => bench.send(Msg::Resized(columns, rows)),
                Step::Report(job, which) => {
                    let jobs = bench.jobs();
                    let (id, _) = jobs[job % jobs.len()];
                    let was_alive = bench.model.jobs.is_alive(id);
                    let before = if was_alive { String::new() } else { bench.screen() };
                    let n_effects = bench.effects.len();
                    // A job reports only what belongs to it; the interpreter sees to that.
                    if was_alive && !belongs(bench.model.jobs.kind(id), which) {
                        continue;
                    }
                    bench.send(Msg::Job { id, event: event(which) });
                    if !was_alive {
                        prop_assert_eq!(bench.screen(), before, "a late report had an effect");
                        prop_assert_eq!(bench.effects.len(), n_effects);
                    }
                }
            }
            if let Some(job) = bench.model.phase.job() {
                prop_assert!(bench.model.jobs.is_alive(job), "{:?} waits for a job that is over", bench.model.phase);
            }
            let main: Vec<JobId> = bench.model.jobs.alive().into_iter().filter(|id| {
                matches!(bench.model.jobs.kind(*id), Some(JobKind::Ask | JobKind::Run | JobKind::Price))
            }).collect();
            prop_assert!(main.len() <= 1, "two main jobs: {:?}", main);
            prop_assert_eq!(main.first().copied(), bench.model.phase.job());
        }
        bench.buffer();
    }
}

fn belongs(kind: Option<JobKind>, which: usize) -> bool {
    match kind {
        Some(JobKind::Price) => matches!(which, 0 | 9),
        Some(JobKind::Ask) => matches!(which, 1..=5 | 9 | 13 | 14 | 15),
        Some(JobKind::Models) => matches!(which, 9 | 16..=18),
        Some(JobKind::Replay) => matches!(which, 9 | 26),
        Some(JobKind::Decide) => matches!(which, 6 | 9),
        Some(JobKind::Run) => matches!(which, 7..=9),
        Some(JobKind::Frame) => matches!(which, 9 | 10),
        Some(JobKind::Count) => matches!(which, 9 | 11),
        Some(JobKind::Look) => matches!(which, 9 | 19..=24),
        Some(JobKind::Cell) => matches!(which, 9 | 25),
        Some(JobKind::Page) => matches!(which, 9 | 12),
        Some(
            JobKind::Profile
            | JobKind::Load
            | JobKind::Watch
            | JobKind::Open
            | JobKind::Tick
            | JobKind::Figure
            | JobKind::Draw
            | JobKind::Errors,
        ) => which == 9,
        None => false,
    }
}
