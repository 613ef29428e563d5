//! The errors of a run, as they are seen: on the screen, on standard output, in a report.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small numbers"
)]

use std::path::Path;
use std::process::Output;

use rationale::app::effect::{Effect, Job};
use rationale::app::msg::{JobEvent, Msg};
use rationale::domain::errors::{self, Answers, Cells, Column, ErrorAnalysis, Input, Scale};
use rationale::domain::experiment::{Event, Stamped};
use rationale::domain::failure::Failure;
use rationale::domain::run::{Outcome, RunSpec, Status};
use rationale::domain::verdict::Verdict;
use rationale::effects::data::profile;
use rationale::effects::store::Store;
use rationale::text::{RawText, SafeText};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::harness::{Harness, SIZES, bare_program, json as printed};

fn check(name: &str, bench: &mut Harness) {
    let (columns, rows) = bench.model.layout.size();
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(format!("{name}-{columns}x{rows}"), bench.screen());
    });
}

/// Numbers in `[0, 1)` that are the same each time.
fn roll(row: usize, salt: u64) -> f64 {
    let mut z = (row as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

fn spec(framing: &Value, data: &str, data_hash: &str) -> RunSpec {
    serde_json::from_value(json!({
        "run_id": "20261124-100000-abcdef", "experiment": "e1", "data": data, "data_hash": data_hash, "framing": framing,
        "kind": "model", "entry": "model.py", "code_hash": "c", "evaluator_hash": "v",
        "python": {"program": "python", "version": "3.11", "read": [], "packages": {}},
        "limits": {"wall_s": 1, "memory_bytes": 1, "output_bytes": 1, "file_bytes": 1, "n_jobs": 1},
        "level": "standard", "created_at": "2026-11-24T10:00:00Z",
    }))
    .unwrap()
}

/// An experiment with a run that ended.
fn events(spec: RunSpec, data: &str) -> Vec<Event> {
    let outcome = Outcome { reason: None, ..Outcome::empty(Status::Finished, SafeText::default()) };
    let run_id = spec.run_id.clone();
    vec![
        Event::Brought {
            experiment: "e1".into(),
            task: "run".into(),
            data: data.into(),
            frame: String::new(),
            hypothesis: RawText::new("a forest of shallow trees"),
            files: Vec::new(),
        },
        Event::RunStarted { experiment: "e1".into(), spec: Box::new(spec) },
        Event::RunFinished {
            experiment: "e1".into(),
            run_id,
            outcome: Box::new(outcome),
            verdict: Box::new(Verdict::not_checked("it is the first run", 0)),
        },
    ]
}

/// The errors of that run are asked for.
fn asked(columns: u16, rows: u16) -> Harness {
    let mut bench = Harness::framed(columns, rows);
    let framing = json!(bench.model.framing.framing.clone().unwrap());
    let data = bench.model.history.data.clone();
    for event in events(spec(&framing, "penguins.csv", "d"), &data) {
        bench.send(Msg::Recorded(Box::new(Stamped { seq: 1, at: "2026-11-24T10:00:00Z".into(), event })));
    }
    bench.keys("4 M");
    bench.wait(2_000);
    bench
}

fn analysed(bench: &mut Harness, analysis: ErrorAnalysis) {
    bench.report(JobEvent::Analysed("20261124-100000-abcdef".into(), Box::new(analysis)));
}

/// Three classes, one column with a name and values that take a lot of room, errors where it says so.
fn of_classes() -> ErrorAnalysis {
    let n = 1_200;
    let kinds: Vec<u32> = (0..n).map(|row| (roll(row, 1) * 3.0) as u32).collect();
    let truth: Vec<usize> = (0..n).map(|row| (roll(row, 2) * 3.0) as usize).collect();
    let chances: Vec<Vec<f64>> = (0..n)
        .map(|row| {
            let sure = if kinds[row] == 1 { 0.4 } else { 0.75 } + 0.2 * roll(row, 3);
            let says = if roll(row, 4) < sure * 0.9 { truth[row] } else { (truth[row] + 1) % 3 };
            (0..3).map(|class| if class == says { sure } else { (1.0 - sure) / 2.0 }).collect()
        })
        .collect();
    let predicted = chances.iter().map(|row| (0..3).fold(0, |top, at| if row[at] > row[top] { at } else { top }));
    errors::analyse(&Input {
        target: "species".into(),
        rows: (0..n as u64).collect(),
        groups: None,
        answers: Answers::Classes {
            names: vec!["Adelie".into(), "Chinstrap".into(), "エンペラーペンギン".into()],
            positive: None,
            truth,
            predicted: predicted.collect(),
            chances: Some(chances.clone()),
        },
        columns: Ok(vec![
            Column {
                name: "the island on which it was seen, as written down by the observer".into(),
                cells: Cells::Levels {
                    codes: kinds.iter().map(|kind| Some(*kind)).collect(),
                    names: vec!["Torgersen".into(), "ビスコー諸島".into(), "Dream".into()],
                },
            },
            Column {
                name: "bill_length_mm".into(),
                cells: Cells::Numbers {
                    scale: Scale::Number,
                    values: (0..n).map(|row| Some((300.0 + 300.0 * roll(row, 5)).round() / 10.0)).collect(),
                },
            },
        ]),
        notes: Vec::new(),
    })
}

#[test]
fn the_errors_of_a_run_on_the_screen() {
    for (columns, rows) in SIZES {
        let mut bench = asked(columns, rows);
        assert_eq!(bench.last_job(), Some(Job::Errors("20261124-100000-abcdef".into())));
        check("errors-reading", &mut bench);
        analysed(&mut bench, of_classes());
        for name in ["segments", "calibration", "confusion", "residuals", "examples"] {
            check(&format!("errors-{name}"), &mut bench);
            bench.keys("right");
        }
    }
}

#[test]
fn a_run_without_predictions_says_so_where_it_was_asked() {
    for (columns, rows) in SIZES {
        let mut bench = asked(columns, rows);
        bench.report(JobEvent::Failed(Failure::work(
            "errors of e1",
            "not checked: this run left no predictions",
            "choose another run: rationale history names them",
        )));
        check("errors-none", &mut bench);
    }
}

#[test]
fn enter_leads_to_the_row_and_esc_ends_what_still_reads() {
    let mut bench = asked(160, 48);
    analysed(&mut bench, of_classes());
    bench.keys("left down down enter");
    let first = of_classes().examples.wrong.unwrap()[2].row;
    assert!(bench.model.overlay.is_none());
    // The penguins of the bench have fewer rows than what was analysed.
    assert_eq!(bench.model.dataset.cursor.0, first.min(343));
    let mut bench = asked(160, 48);
    let (id, _) = bench.jobs().pop().unwrap();
    bench.keys("esc");
    assert_eq!(bench.effects.last(), Some(&Effect::Cancel(id)));
    analysed(&mut bench, of_classes());
    assert!(bench.model.overlay.is_none());
}

const N: usize = 1_500;

/// A project with one run, as it lies on disk: rents of flats, with errors six times as large for old ones in the north.
fn project(folder: &Path) {
    let north = |row: usize| row.is_multiple_of(3);
    let year = |row: usize| 1900 + (roll(row, 1) * 120.0) as u32;
    let mut data = "year,quarter,built,rent\n".to_owned();
    let mut predictions = "row,fold,truth,predicted\n".to_owned();
    for row in 0..N {
        let quarter = if north(row) { "north" } else { ["south", "west"][row % 2] };
        let rent = 900.0 + 400.0 * roll(row, 2);
        data.push_str(&format!("{},{quarter},2020-01-{:02},{rent:.2}\n", year(row), row % 28 + 1));
        // The last fifth is sealed and not predicted.
        if row < N * 4 / 5 {
            let size = if north(row) && year(row) <= 1960 { 60.0 } else { 10.0 };
            let predicted = rent - size * (roll(row, 3) + roll(row, 4) - 1.0);
            predictions.push_str(&format!("{row},{},{rent:.2},{predicted:?}\n", row % 5));
        }
    }
    let path = folder.join("rents.csv");
    std::fs::write(&path, data).unwrap();
    let framing = json!({
        "target": "rent", "problem": "regression", "positive": null, "metric": "rmse", "split": "stratified",
        "group": null, "time": null, "folds": 5, "seed": 7, "holdout": 0.2, "exclude": [], "privacy": "statistics",
        "cap_usd": 5.0,
    });
    let hash = profile::hash_file(&path, &CancellationToken::new()).unwrap();
    let spec = spec(&framing, path.to_str().unwrap(), &hash);
    let run = folder.join(".rationale/runs").join(&spec.run_id);
    std::fs::create_dir_all(&run).unwrap();
    std::fs::write(run.join("run.json"), serde_json::to_vec(&spec).unwrap()).unwrap();
    std::fs::write(run.join("predictions.csv"), predictions).unwrap();
    let mut store = Store::open(&folder.join(".rationale")).unwrap();
    for event in events(spec, "rents.csv") {
        store.append(event).unwrap();
    }
}

fn errors_of(folder: &Path, arguments: &[&str]) -> Output {
    bare_program(folder).arg("errors").args(arguments).output().unwrap()
}

#[test]
fn the_command_finds_what_was_planted_and_says_how() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let output = errors_of(folder.path(), &["e1", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let value = printed(&output);
    assert_eq!(
        (&value["run_id"], &value["experiment"], &value["problem"], &value["loss"], &value["n_rows"]),
        (&json!("20261124-100000-abcdef"), &json!("e1"), &json!("regression"), &json!("absolute_error"), &json!(1200))
    );
    let first = &value["segments"]["found"][0];
    let words = first["words"].as_str().unwrap();
    assert!(words.contains("quarter = north") && words.contains("year ≤ 19"), "{words}");
    assert!(first["interval"][0].as_f64().unwrap() > 5.0 && first["p_adjusted"].as_f64().unwrap() < 1e-5, "{first}");
    assert_eq!(value["segments"]["n_columns"], 3, "{value}");
    // Unknown is null and stays there.
    assert_eq!((value["confusion"].clone(), value["calibration"]["ece"].clone()), (Value::Null, Value::Null));
    assert_eq!(value["calibration"]["bins"].as_array().unwrap().len(), 10);
    assert_eq!(value["examples"]["residuals"].as_array().unwrap().len(), 10);
    let text = String::from_utf8(errors_of(folder.path(), &["e1"]).stdout).unwrap();
    assert!(text.starts_with("e1 · 1,200 rows unseen in training · mean absolute error"), "{text}");
    for part in ["Segments", "Calibration", "Residuals", "Examples", "quarter = north"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("Confusion"), "{text}");
}

#[test]
fn what_needs_the_data_is_not_checked_when_the_data_changed() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let path = folder.path().join("rents.csv");
    let mut data = std::fs::read_to_string(&path).unwrap();
    data.push_str("2000,west,2020-01-01,1000\n");
    std::fs::write(&path, data).unwrap();
    let value = printed(&errors_of(folder.path(), &["e1", "--json"]));
    let why = "rents.csv is not what it was when the run was made";
    assert_eq!(value["segments"]["not_checked"], why, "{value}");
    assert_eq!(value["residuals"]["not_checked"], why);
    assert_eq!(value["calibration"]["bins"].as_array().unwrap().len(), 10);
}

#[test]
fn a_run_without_predictions_and_a_run_that_is_none_have_their_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let run = folder.path().join(".rationale/runs/20261124-100000-abcdef");
    std::fs::remove_file(run.join("predictions.csv")).unwrap();
    let output = errors_of(folder.path(), &["20261124-100000-abcdef", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(printed(&output)["error"]["why"], "not checked: this run left no predictions");
    let output = errors_of(folder.path(), &["e7", "--json"]);
    assert_eq!((output.status.code(), printed(&output)["error"]["what"].clone()), (Some(2), json!("e7")));
}
