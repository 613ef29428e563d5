//! What has been tried, as the history pane draws it.

use rationale::app::msg::Msg;
use rationale::domain::experiment::{Event, Stamped};
use rationale::domain::run::{Fold, Outcome, Role, RunSpec, Scores, Status};
use rationale::domain::verdict::Verdict;
use rationale::text::{RawText, SafeText};
use serde_json::json;

use crate::harness::Harness;

/// A run begins.
pub fn started(bench: &Harness, experiment: &str, run_id: &str, role: &Role) -> Event {
    let spec: RunSpec = serde_json::from_value(json!({
        "run_id": run_id, "experiment": experiment, "data": "penguins.csv", "data_hash": "d",
        "framing": bench.model.framing.framing, "kind": "model", "entry": "model.py", "code_hash": run_id,
        "evaluator_hash": "v", "role": role, "python": {"program": "python", "version": "3.11", "read": [], "packages": {}},
        "limits": {"wall_s": 1, "memory_bytes": 1, "output_bytes": 1, "file_bytes": 1, "n_jobs": 1},
        "level": "standard", "created_at": "2026-11-24T10:00:00Z",
    }))
    .unwrap();
    Event::RunStarted { experiment: experiment.into(), spec: Box::new(spec) }
}

/// What a run gave that has these scores on its folds.
pub fn outcome(scores: &[f64]) -> Outcome {
    let mut outcome = Outcome { reason: None, ..Outcome::empty(Status::Finished, SafeText::default()) };
    for (fold, score) in (0..).zip(scores) {
        let metrics: Scores = [("balanced_accuracy".to_owned(), Some(*score))].into();
        outcome.folds.push(Fold { fold, n_train: 275, n_valid: 69, metrics, fit_s: None, predict_s: None });
    }
    outcome
}

/// A run ended.
pub fn ended(experiment: &str, run_id: &str, outcome: Outcome) -> Event {
    let verdict = Box::new(Verdict::not_checked("it is the first run", 0));
    Event::RunFinished { experiment: experiment.into(), run_id: run_id.into(), outcome: Box::new(outcome), verdict }
}

/// An experiment with one run that has these scores on its folds.
pub fn tried(bench: &Harness, experiment: &str, run_id: &str, scores: &[f64]) -> Vec<Event> {
    let brought = Event::Brought {
        experiment: experiment.into(),
        task: "run".into(),
        data: bench.model.history.data.clone(),
        frame: String::new(),
        hypothesis: RawText::new("a forest of shallow trees"),
        files: Vec::new(),
    };
    vec![brought, started(bench, experiment, run_id, &Role::Own), ended(experiment, run_id, outcome(scores))]
}

/// The workbench hears of them.
pub fn record(bench: &mut Harness, events: Vec<Event>) {
    for event in events {
        bench.send(Msg::Recorded(Box::new(Stamped { seq: 1, at: "2026-11-24T10:00:00.123Z".into(), event })));
    }
}

/// The history pane over the whole screen, with an experiment for each of these means.
fn history(means: &[f64]) -> String {
    let mut bench = Harness::framed(100, 30);
    for (at, mean) in means.iter().enumerate() {
        let events = tried(&bench, &format!("e{}", at + 1), &format!("r{}", at + 1), &[*mean; 5]);
        record(&mut bench, events);
    }
    bench.keys("4 z");
    bench.screen()
}

#[test]
fn the_chart_draws_every_run_that_it_counts_and_says_which_are_off_its_scale() {
    let check = |means: &[f64], label: &str| {
        let screen = history(means);
        let at =
            screen.lines().position(|line| line.contains(&format!("balanced_accuracy ↑ {label} · line: best so far")));
        let at = at.unwrap_or_else(|| panic!("{label}: {screen}"));
        let drawn: usize = screen.lines().skip(at + 1).map(|line| line.matches('•').count()).sum();
        assert_eq!(drawn, means.len(), "{screen}");
        screen.lines().skip(at + 1).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    check(&[0.33, 0.9], "over 2 runs");
    check(&[0.89, 0.9, 0.91, 0.92], "over 4 runs");
    // The constant is far below the others: it stands at the lower border, in the first column of points.
    let below = check(&[0.33, 0.9, 0.91, 0.92], "over 4 runs, 1 below the scale");
    let lowest = below.iter().rposition(|line| line.contains('•')).unwrap();
    let places: Vec<usize> = below.iter().filter_map(|line| line.chars().position(|c| c == '•')).collect();
    let first = below[lowest].chars().position(|c| c == '•').unwrap();
    assert!(places.iter().all(|place| first <= *place), "{below:#?}");
    assert!(below[lowest].contains(".898"), "the lower end of the scale stands beside it: {below:#?}");
    check(&[0.99, 0.5, 0.51, 0.52], "over 4 runs, 1 above the scale");
}
