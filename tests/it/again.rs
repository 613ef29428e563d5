//! An earlier run looked at once more: replayed, judged on the sealed rows, with shuffled labels.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::harness::{json, program};
use crate::runs::{command, history, judged};

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
fn sealed_rows_are_opened_by_a_word_and_every_look_is_written_down() {
    let folder = judged();
    let word = |words: &str| run(folder.path(), &["--holdout", "e2", "--word", words]);
    assert_eq!(word("please").status.code(), Some(2));
    let first = json(&word("open"));
    assert!(first["said"].as_str().unwrap().starts_with("test score: balanced_accuracy"), "{first}");
    assert_eq!(first["folds"][0]["n_valid"].as_u64().map(|n| n > 50), Some(true), "{first}");
    assert_eq!(word("open").status.code(), Some(2));
    let second: Value = json(&word("open again"));
    assert!(second["said"].as_str().unwrap().contains("no test score any more"), "{second}");
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
