//! An earlier run looked at once more: replayed, judged on the sealed rows, with shuffled labels.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use rationale::app::msg::JobEvent;
use rationale::domain::bootstrap::{Interval, Unit};
use rationale::domain::experiment::Event;
use rationale::domain::run::Role;
use rationale::text::figure;

use crate::harness::{Harness, json, program};
use crate::runs::{command, history, judged};
use crate::trials::{ended, outcome, record, started, tried};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    program(folder).arg("run").args(arguments).arg("--json").output().unwrap()
}

#[test]
fn a_replay_agrees_and_says_what_changed() {
    let folder = judged();
    let value = json(&run(folder.path(), &["--replay", "e3"]));
    assert_eq!((&value["replay"]["agrees"], &value["replay"]["changed"]), (&json!(true), &json!([])), "{value}");
    assert_eq!(value["verdict"]["label"], "not checked");
    let mut data = std::fs::read_to_string(folder.path().join("penguins.csv")).unwrap();
    data.push_str("Adelie,Dream,40.1,18.9,188,4300,male,2008\n");
    std::fs::write(folder.path().join("penguins.csv"), data).unwrap();
    let output = run(folder.path(), &["--replay", "e3", "--data", "penguins.csv"]);
    let refused = json(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(refused["error"]["why"].as_str().unwrap().starts_with("the data changed since"), "{refused}");
}

#[test]
fn sealed_rows_are_opened_by_a_word_and_every_look_is_written_down_with_an_interval() {
    let folder = judged();
    let word = |words: &str| run(folder.path(), &["--holdout", "e2", "--word", words]);
    assert_eq!(word("please").status.code(), Some(2));
    let first = json(&word("open"));
    let said = first["said"].as_str().unwrap();
    let score = first["metrics"]["balanced_accuracy"]["mean"].as_f64().unwrap();
    let (low, high) = ends(&first["test_interval"]);
    assert!(low <= score && score <= high && low < high, "{first}");
    let shown = format!(
        "test score: balanced_accuracy {}, 95 % interval [{}, {}], on 69 sealed rows, opened for the first time",
        figure::score(score),
        figure::score(low),
        figure::score(high)
    );
    assert_eq!((said, first["folds"][0]["n_valid"].as_u64()), (shown.as_str(), Some(69)), "{first}");
    assert_eq!(
        first["test_interval"],
        json!({
            "interval": [low, high], "confidence": 0.95, "unit": "rows", "n_units": 69, "n_resamples": 1000,
            "method": "percentile bootstrap over 69 rows (1,000 resamples; Efron 1979)",
        })
    );
    assert_eq!(word("open").status.code(), Some(2));
    let second: Value = json(&word("open again"));
    assert!(second["said"].as_str().unwrap().contains("no test score any more"), "{second}");
    assert_eq!(second["test_interval"], first["test_interval"], "the same rows are drawn again");

    // Every opening stands in the history, with what it gave and what it may be called.
    let listed = json(&program(folder.path()).args(["history", "--json"]).output().unwrap());
    let openings = listed["openings"].as_array().unwrap();
    let judged = listed["experiments"][1]["run"]["run_id"].clone();
    for (at, (opening, (look, is_test))) in openings.iter().zip([(&first, true), (&second, false)]).enumerate() {
        let expected = json!({
            "at": opening["at"], "data": "penguins.csv", "experiment": "e2", "run_id": judged, "n_before": at,
            "look": look["run_id"], "metric": "balanced_accuracy", "score": score,
            "test_interval": first["test_interval"], "n_rows": 69, "is_test_score": is_test,
        });
        assert_eq!(*opening, expected);
    }
    assert!(openings.len() == 2 && openings[0]["at"].as_str() < openings[1]["at"].as_str(), "{openings:?}");
    let text = String::from_utf8(program(folder.path()).arg("history").output().unwrap().stdout).unwrap();
    assert!(
        text.contains("\nsealed rows were opened:\n") && text.contains(&shown) && text.contains("opened 2 times"),
        "{text}"
    );
    let manifest = std::fs::read_to_string(folder.path().join(".rationale/MANIFEST.md")).unwrap();
    assert!(manifest.replace("\\[", "[").contains(&shown), "{manifest}");

    // Another cut puts rows that were seen into the folds: that is said when the question is framed, and once.
    let project = folder.path().join("rationale.toml");
    let written = std::fs::read_to_string(&project).unwrap();
    let ask = || {
        let asked = program(folder.path()).args(["ask", "explore", "penguins.csv", "--json"]).output().unwrap();
        String::from_utf8(asked.stderr).unwrap()
    };
    let warning = "! sealed rows were opened 2 times under another cut, so rows seen then may lie in the folds now\n";
    assert_eq!(ask(), "");
    std::fs::write(&project, written.replace("seed = 7", "seed = 11")).unwrap();
    assert_eq!((ask().as_str(), ask().as_str()), (warning, ""));
    std::fs::write(&project, written.replace("balanced_accuracy", "accuracy")).unwrap();
    assert_eq!(ask(), "", "another metric on the same cut changes nothing");
}

fn ends(interval: &Value) -> (f64, f64) {
    let ends: Vec<f64> = interval["interval"].as_array().unwrap().iter().map(|end| end.as_f64().unwrap()).collect();
    (ends[0], ends[1])
}

/// A project in the workbench, of which one run was scored, and where that is asked for judged on the sealed rows as well.
fn workbench(columns: u16, rows: u16, is_opened: bool) -> Harness {
    let mut bench = Harness::framed(columns, rows);
    let framing = bench.model.framing.framing.clone().unwrap();
    let data = bench.model.history.data.clone();
    let mut events = tried(&bench, "e1", "r1", &[0.9; 5]);
    if is_opened {
        events.push(Event::HoldoutOpened {
            experiment: "e1".into(),
            run_id: "r1".into(),
            data,
            frame: framing.fingerprint(),
            n_before: 0,
        });
        events.push(started(&bench, "e1", "r2", &Role::OpensHoldout));
        let mut outcome = outcome(&[0.9]);
        outcome.findings.test_interval = Some(Interval {
            interval: Some((0.81, 0.97)),
            confidence: 0.95,
            unit: Unit::Rows,
            n_units: 69,
            n_resamples: 1_000,
            method: "percentile bootstrap over 69 rows".into(),
        });
        events.push(ended("e1", "r2", outcome));
    }
    record(&mut bench, events);
    bench
}

#[test]
fn an_opening_stands_in_the_history_and_on_the_page_of_its_experiment() {
    let mut bench = workbench(160, 48, true);
    assert!(bench.screen().contains("holdout opened once"), "{}", bench.screen());
    bench.keys("4 enter");
    let screen = bench.screen();
    let said =
        "test score: balanced_accuracy .900, 95 % interval [.810, .970], on 69 sealed rows, opened for the first time";
    assert!(screen.contains("The sealed rows were opened"), "{screen}");
    assert!(screen.contains("2026-11-24T10:00:00Z  e1 (r1): test score: balanced_accuracy .900"), "{screen}");
    assert!(screen.contains("the interval: percentile bootstrap over 69 rows"), "{screen}");
    assert_eq!(
        screen.replace("│", "").split_whitespace().collect::<Vec<_>>().join(" ").matches(said).count(),
        2,
        "{screen}"
    );
}

#[test]
fn framing_anew_says_what_it_makes_of_rows_that_were_seen_before_it_is_fixed() {
    let opened = "! sealed rows were opened once under another cut, so rows seen then may lie in the folds now";
    let scored = "! runs were scored under another cut, so rows sealed now were seen then: none gives a test score";
    for (columns, rows) in [(160, 48), (100, 30), (80, 24)] {
        for (is_opened, warning) in [(true, opened), (false, scored)] {
            let mut bench = workbench(columns, rows, is_opened);
            let warns = |bench: &mut Harness| {
                let screen = bench.screen();
                screen.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ").contains(warning)
            };
            bench.keys("F");
            assert!(!warns(&mut bench), "{}", bench.screen());
            // The metric leaves the cut as it is; the seed does not.
            bench.keys("down down right");
            assert!(!warns(&mut bench), "{}", bench.screen());
            bench.keys("down down down down right");
            assert!(warns(&mut bench), "{}", bench.screen());
            bench.keys("a");
            bench.report(JobEvent::Framed(69, Some("sealed rows were opened once".into())));
            assert!(bench.screen().contains("69 rows sealed; sealed rows were opened once"), "{}", bench.screen());
        }
    }
}

#[test]
fn shuffled_labels_leave_nothing_of_an_honest_score() {
    let folder = judged();
    let value = json(&run(folder.path(), &["--shuffle", "e2"]));
    assert_eq!(
        (&value["court"][0]["id"], &value["court"][0]["standing"]),
        (&json!("label-permutation"), &json!("clean")),
        "{value}"
    );
}

#[test]
fn no_run_can_reach_the_sealed_rows() {
    let folder = judged();
    let data = folder.path().canonicalize().unwrap().join("penguins.csv");
    let code = format!(
        "import csv, os\nprint('rows:', sum(1 for _ in csv.reader(open(os.environ['RATIONALE_DATA']))) - 1)\nreached = 0\nfor path in ({:?}, '/proc/1/root{}'):\n    try:\n        reached += len(open(path).read())\n    except OSError as error:\n        print(path, error)\nprint('reached:', reached)\n",
        data.display().to_string(),
        data.display()
    );
    std::fs::write(folder.path().join("look.py"), code).unwrap();
    let value = json(&run(folder.path(), &["look.py", "--data", "penguins.csv", "--target", "species"]));
    assert_eq!(value["status"], "finished", "{value}");
    // 344 rows, of which 69 are sealed.
    assert_eq!(value["reported_by_script"], json!({"rows": 275.0, "reached": 0.0}), "{value}");
}

#[test]
fn a_quick_look_runs_one_fold_and_is_never_compared() {
    let folder = judged();
    let code = include_str!("../../assets/solutions/linear_classification.py");
    let quick = json(&command(folder.path(), "quick.py", code, &["--quick"]).output().unwrap());
    assert_eq!(quick["status"], "finished", "{quick}");
    assert_eq!(quick["folds"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&quick["verdict"]["label"], quick["verdict"]["method"].as_str()),
        (
            &serde_json::json!("not checked"),
            Some("it is a quick look at part of the rows of one fold, which x runs whole")
        )
    );
    let history = history(folder.path());
    let row = history.iter().find(|one| one["hypothesis"] == "quick.py, by hand").unwrap();
    assert_eq!(
        (&row["comparable"], row["why_not_comparable"].as_str()),
        (&serde_json::json!(false), Some("it is a quick look at part of the rows")),
        "{row}"
    );
}
