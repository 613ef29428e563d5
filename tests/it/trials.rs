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

#[test]
fn a_question_that_is_framed_anew_has_no_best_and_older_scores_are_grey_at_once() {
    let mut bench = Harness::framed(160, 48);
    let events = tried(&bench, "e1", "r1", &[0.9; 5]);
    record(&mut bench, events);
    assert_eq!(bench.model.history.best().map(|best| best.id.as_str()), Some("e1"));
    let mut framing = bench.model.framing.framing.clone().unwrap();
    let anew = |framing: &rationale::domain::framing::Framing| Event::Framed {
        data: "penguins.csv".into(),
        data_hash: "d".into(),
        framing: framing.clone(),
        n_holdout: 69,
    };
    // The same question, written down once more, changes nothing.
    record(&mut bench, vec![anew(&framing)]);
    assert_eq!(bench.model.history.best().map(|best| best.id.as_str()), Some("e1"));
    framing.seed += 1;
    record(&mut bench, vec![anew(&framing)]);
    assert_eq!(bench.model.history.best(), None);
    let e1 = bench.model.history.history.find("e1").unwrap();
    assert_eq!(
        bench.model.history.why_apart(e1).map(rationale::domain::known_run::Apart::words),
        Some("the split was another")
    );
    assert!(bench.screen().contains("other split"), "{}", bench.screen());
    // Back under the old question it counts again.
    framing.seed -= 1;
    record(&mut bench, vec![anew(&framing)]);
    assert_eq!(bench.model.history.best().map(|best| best.id.as_str()), Some("e1"));
}

#[test]
fn fewer_rows_at_the_end_of_time_are_rows_that_no_run_was_scored_on() {
    use rationale::domain::split::SplitKind;
    let mut bench = Harness::framed(100, 30);
    let shares = [0.2, 0.1, 0.3];
    let framing = |bench: &Harness, holdout: f64, split: SplitKind| {
        let mut framing = bench.model.framing.framing.clone().unwrap();
        (framing.holdout, framing.split, framing.time) = (holdout, split, Some(RawText::new("year")));
        framing
    };
    for (split, expected) in [(SplitKind::Time, [false, false, true]), (SplitKind::Random, [false, true, true])] {
        bench.model.history =
            rationale::app::history::HistoryPane { data: "penguins.csv".into(), ..Default::default() };
        bench.model.framing.framing = Some(framing(&bench, 0.2, split));
        let events = tried(&bench, "e1", "r1", &[0.9; 5]);
        record(&mut bench, events);
        let seen =
            shares.map(|share| bench.model.history.history.was_seen("penguins.csv", &framing(&bench, share, split)));
        assert_eq!(seen, expected, "{split:?}");
    }
}

#[test]
fn a_run_that_another_instance_follows_does_not_count_its_folds_here() {
    let mut bench = Harness::framed(160, 48);
    let mut events = tried(&bench, "e1", "r1", &[0.9; 5]);
    events.pop();
    record(&mut bench, events);
    let screen = bench.screen();
    assert!(screen.contains("running  ") && !screen.contains("running 0/"), "{screen}");
}
