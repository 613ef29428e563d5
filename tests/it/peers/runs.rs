//! Promises about runs, kept with real Python in the real sandbox.

use std::path::Path;
use std::process::Stdio;
use std::sync::OnceLock;

use rationale::app::effect::Job;
use rationale::app::msg::{JobEvent, Msg};
use rationale::domain::court::{Testimony, Witness, in_words};
use rationale::domain::experiment::{Event, Stamped};
use rationale::domain::metric::{Direction, Metric};
use rationale::domain::run::{Level, RunSpec, Scores};
use rationale::domain::run_event::RunEvent;
use rationale::domain::verdict::{Label, Pair, compare};
use serde_json::{Value, json};

use crate::harness::{Harness, json, program, python, repository};
use crate::runs::{command, executors, history, judged, model, run_folder, survivors, wait_until};

/// A script that reports numbers in every form, another direction, and prints the same line five times.
const REPORTS: &str = r#"
import json, time

with open("events.jsonl", "a") as out:
    def tell(**metrics):
        rows = [{"key": key, "value": value, "direction": "minimize"} for key, value in metrics.items()]
        out.write(json.dumps({"metrics": rows, "direction": "minimize"}) + "\n")

    tell(whole=1, fraction=0.5, power=1e-3, text="0.25", text_power="2.5e-1", text_whole="1")
    tell(lost=0.9, endless=0.9, empty=0.9, words=0.9)
    tell(lost=float("nan"), endless=float("-inf"), empty=None, words="n/a \"NaN")
for _ in range(5):
    print("epoch loss 0.5")
print("printed: 1")
print("printed_nan: nan")
"#;

/// What that script left. Run once for all tests that look at it.
fn reported() -> &'static (Value, tempfile::TempDir) {
    static MADE: OnceLock<(Value, tempfile::TempDir)> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = judged();
        let output = command(folder.path(), "script.py", REPORTS, &[]).output().unwrap();
        (json(&output), folder)
    })
}

/// What a run told, line by line.
fn told(folder: &Path, run: &Value) -> Vec<RunEvent> {
    let text = std::fs::read_to_string(run_folder(folder, run).join("progress.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// 1: a whole number, a fraction, a power and a number in quotes are numbers; NaN, infinity and null are not, and are not missing.
#[test]
fn p01_an_integer_metric_is_a_metric() {
    let (run, folder) = reported();
    assert_eq!(run["status"], "finished", "{run}");
    let expected = json!({
        "whole": 1.0, "fraction": 0.5, "power": 0.001, "text": 0.25, "text_power": 0.25, "text_whole": 1.0,
        "lost": null, "endless": null, "empty": null, "words": null, "printed": 1.0, "printed_nan": null,
    });
    assert_eq!(run["reported_by_script"], expected);
    // The same as they came, each with its alarm.
    let events = told(folder.path(), run);
    let last = |name: &str| {
        events.iter().rev().find_map(|event| match event {
            RunEvent::Metric { key, value, .. } if key == name => Some(*value),
            _ => None,
        })
    };
    assert_eq!(
        (last("whole"), last("text_whole"), last("lost"), last("empty")),
        (Some(Some(1.0)), Some(Some(1.0)), Some(None), Some(None))
    );
    let alarms =
        events.iter().filter(|event| matches!(event, RunEvent::Alarm { text } if text.contains("is not a number")));
    assert_eq!(alarms.count(), 4);
}

/// 1: a fold whose score is written as a whole number has that score on the screen.
#[test]
fn p01_a_perfect_fold_is_shown_as_one() {
    let scores: Scores = serde_json::from_str(r#"{"balanced_accuracy": 1, "accuracy": 1}"#).unwrap();
    assert_eq!(scores["accuracy"], Some(1.0));
    let mut bench = Harness::framed(160, 48);
    bench.keys("x");
    bench.report(JobEvent::RunStarted {
        experiment: "e1".into(),
        run_id: "r1".into(),
        level: Level::Standard,
        ran_ms: 0,
    });
    let line = r#"{"type":"fold_finished","fold":{"fold":0,"n_train":220,"n_valid":55,"metrics":{"balanced_accuracy":1},"fit_s":null,"predict_s":null}}"#;
    bench.report(JobEvent::Run(serde_json::from_str(line).unwrap()));
    assert!(bench.screen().contains("balanced_accuracy  1.000"), "{}", bench.screen());
}

/// 2: a run may say what it likes about the direction; the comparison goes by the metric.
#[test]
fn p02_no_run_turns_the_direction_round() {
    let (run, _) = reported();
    assert_eq!((&run["primary_metric"], &run["direction"]), (&json!("balanced_accuracy"), &json!("maximize")));
    assert_eq!(
        (&run["verdict"]["label"], &run["metrics"]),
        (&json!("not checked"), &json!({})),
        "its word is no score"
    );
    for metric in Metric::ALL {
        let (low, high) = ([0.11, 0.12, 0.10, 0.13, 0.11], [0.81, 0.83, 0.80, 0.82, 0.81]);
        let (good, bad) = if metric.direction() == Direction::Maximize { (high, low) } else { (low, high) };
        let judged = |own: &[f64], other: &[f64]| {
            compare(Pair { own, other, valid_to_train: 0.25 }, metric.direction(), "r1", &[]).label
        };
        assert_eq!((judged(&good, &bad), judged(&bad, &good)), (Label::Better, Label::Worse), "{}", metric.name());
    }
}

/// 3: five equal lines are five lines on disk and one with a count on the screen.
#[test]
fn p03_equal_lines_stay_in_the_log_and_fold_in_the_view() {
    let (run, folder) = reported();
    let log = std::fs::read(run_folder(folder.path(), run).join("fold-0/output.log")).unwrap();
    let expected = format!("{}printed: 1\nprinted_nan: nan\n", "epoch loss 0.5\n".repeat(5));
    assert_eq!(String::from_utf8(log).unwrap(), expected);
    let mut bench = Harness::framed(160, 48);
    bench.keys("x");
    bench.report(JobEvent::RunStarted {
        experiment: "e1".into(),
        run_id: "r1".into(),
        level: Level::Standard,
        ran_ms: 0,
    });
    for event in told(folder.path(), run) {
        if matches!(event, RunEvent::Output { .. }) {
            bench.report(JobEvent::Run(event));
        }
    }
    let screen = bench.screen();
    assert_eq!(screen.matches("epoch loss 0.5").count(), 1, "{screen}");
    assert!(screen.contains("the same line 4 times more"), "{screen}");
}

/// A model whose fit starts a grandchild in a session of its own that takes no hint.
fn with_grandchild() -> String {
    model(
        "        import subprocess, sys, time\n        code = 'import signal, time; [signal.signal(number, signal.SIG_IGN) for number in (1, 2, 15)]; time.sleep(599)'\n        subprocess.Popen([sys.executable, '-c', code], start_new_session=True)\n        time.sleep(598)\n",
    )
}

fn grandchild_sleeps(folder: &Path) {
    wait_until("the grandchild sleeps", || survivors(folder).iter().any(|line| line.contains("time.sleep(599)")));
}

/// 4: the program that follows a run is killed; the limit still ends the whole tree, and whoever comes later hears of it.
#[test]
fn p04_a_timeout_ends_the_tree_though_the_workbench_was_killed() {
    let folder = judged();
    let mut child = command(folder.path(), "model.py", &with_grandchild(), &["--timeout", "8"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    grandchild_sleeps(folder.path());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!survivors(folder.path()).is_empty(), "a run that nobody watches goes on");
    wait_until("its limit ends it", || executors(folder.path()).is_empty());
    assert_eq!(survivors(folder.path()), Vec::<String>::new());
    assert!(program(folder.path()).args(["ask", "explore", "penguins.csv"]).output().unwrap().status.success());
    let run = &history(folder.path())[3]["run"];
    assert_eq!(
        (&run["status"], &run["reason"]),
        (&json!("timed-out"), &json!("it took longer than 8 seconds")),
        "{run}"
    );
}

/// 4: the process that executes the run is killed as well; the next start puts out what is left of the tree.
#[test]
fn p04_what_was_left_by_a_killed_executor_is_ended_at_the_next_start() {
    let folder = judged();
    let mut child = command(folder.path(), "model.py", &with_grandchild(), &[])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    grandchild_sleeps(folder.path());
    let executor = executors(folder.path());
    child.kill().unwrap();
    for pid in executor {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
    child.wait().unwrap();
    assert!(program(folder.path()).args(["ask", "explore", "penguins.csv"]).output().unwrap().status.success());
    wait_until("the tree is gone", || survivors(folder.path()).is_empty());
    assert_eq!(history(folder.path())[3]["run"]["status"], "interrupted");
}

/// 9: a witness that fails says *not checked*, with what went wrong; the others are heard all the same.
#[test]
fn p09_a_witness_that_fails_is_not_checked() {
    let folder = tempfile::tempdir().unwrap();
    let ask = json!({
        "problem": "binary", "metric": "roc_auc", "direction": "maximize", "target": "y", "classes": ["0", "1"], "positive": 1,
        "split": "stratified", "group": null, "time": null, "seed": 7, "dtypes": [["x", "float"], ["y", "int"]],
        "rows": folder.path().join("there-is-no-such-file.csv"), "ids": null, "predictions": null,
        "opened": null, "allowed": [], "labels_withheld": true, "baseline": null, "scores": [0.9, "broken"], "others": 7,
        "permutation": null, "budget_s": 20, "out": folder.path().join("court.json"),
    });
    std::fs::write(folder.path().join("ask.json"), ask.to_string()).unwrap();
    let output = std::process::Command::new(python())
        .arg(repository().join("assets/python/court.py"))
        .arg(folder.path().join("ask.json"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&std::fs::read(folder.path().join("court.json")).unwrap()).unwrap();
    let witnesses: Vec<Witness> = serde_json::from_value(said["witnesses"].clone()).unwrap();
    assert_eq!(witnesses.len(), 11);
    for witness in &witnesses {
        // The one that was told that labels were withheld has nothing to read, so nothing can fail.
        let expected = if witness.id == "labels-withheld" { Testimony::Clean } else { Testimony::NotChecked };
        assert_eq!(witness.standing, expected, "{witness:?}");
        assert!(!witness.detail.is_empty(), "{witness:?}");
    }
    assert_eq!(in_words(&witnesses), "court: 1 clean, 10 not checked");
    let blind: Vec<Witness> =
        witnesses.into_iter().filter(|witness| witness.standing == Testimony::NotChecked).collect();
    assert_eq!(in_words(&blind), "court: not checked");
}

/// 12: what was chosen by is called validation everywhere, until the sealed rows have been opened; then it is written down.
#[test]
fn p12_a_score_that_was_chosen_by_is_never_called_a_test_score() {
    let folder = judged();
    let ask = || {
        let arguments = ["ask", "production", "penguins.csv", "--accept", "--run", "--json"];
        json(&program(folder.path()).args(arguments).output().unwrap())
    };
    let answer = ask();
    let run = &answer["run"];
    assert_eq!(run["status"], "finished", "{answer}");
    let card = std::fs::read_to_string(run_folder(folder.path(), run).join("model_card.md")).unwrap();
    assert!(card.contains("\nbalanced_accuracy, validation: 0."), "{card}");
    let holdout = |run: &Value| {
        let checks = run["findings"]["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["name"] == "holdout").unwrap()
    };
    assert_eq!(holdout(run)["standing"], "open");
    let manifest = || std::fs::read_to_string(folder.path().join(".rationale/MANIFEST.md")).unwrap();
    let listed = program(folder.path()).arg("history").output().unwrap();
    let everything = format!("{answer}{card}{}{}", manifest(), String::from_utf8_lossy(&listed.stdout));
    assert!(!everything.to_lowercase().contains("test score"), "{everything}");
    assert!(manifest().contains("the holdout is sealed"));

    let opened = ["run", "--holdout", "e2", "--word", "open", "--json"];
    let opened = json(&program(folder.path()).args(opened).output().unwrap());
    assert!(opened["said"].as_str().unwrap().starts_with("test score: balanced_accuracy"), "{opened}");
    let told = "the holdout was opened once; what is chosen from here on has no test score";
    assert!(manifest().contains(told), "{}", manifest());
    let again = ask();
    assert_eq!(
        (&holdout(&again["run"])["standing"], &holdout(&again["run"])["detail"]),
        (&json!("pass"), &json!("opened once; what is chosen from here on has no test score"))
    );
}

/// 13: a change of the seed alone is told before the run, and has no verdict but *a repeat*.
#[test]
fn p13_a_new_seed_is_a_repeat_and_no_gain() {
    let folder = judged();
    let linear = std::fs::read_to_string(repository().join("assets/solutions/linear_classification.py")).unwrap();
    let seeded =
        |seed: u32| linear.replace("max_iter=2000, C=1.0", &format!("max_iter=2000, C=1.0, random_state={seed}"));
    let run = |name: &str, seed: u32| json(&command(folder.path(), name, &seeded(seed), &[]).output().unwrap());
    let (one, two) = (run("one.py", 1), run("two.py", 2));
    assert_eq!(one["status"], "finished", "{one}");
    assert_eq!(two["verdict"]["label"], "not checked", "{two}");
    let before = two["before"].to_string();
    assert!(before.contains("nothing but the seed differs from"), "{before}");
}

/// 14: a cleaning that drops equal rows is refused, and one that changes cells says how many rows and cells it touches.
#[test]
fn p14_a_cleaning_drops_no_rows_and_says_what_it_touches() {
    let folder = judged();
    let step = |body: &str| {
        format!("def step(frame):\n    \"\"\"Does it. Reason: a test. Risk: none.\"\"\"\n{body}\n\n\nSTEPS = [step]\n")
    };
    let run = |code: &str| json(&command(folder.path(), "clean.py", code, &[]).output().unwrap());
    let dropped = run(&step("    return frame[[\"island\"]].drop_duplicates()"));
    assert_eq!(dropped["status"], "failed");
    let why = dropped["reason"].as_str().unwrap();
    assert!(why.contains("rows can't be dropped inside a fold"), "{why}");
    let filled = run(&step("    return frame.assign(sex=frame[\"sex\"].fillna(\"unknown\"))"));
    assert_eq!(filled["status"], "finished", "{filled}");
    let part = &filled["findings"]["parts"][0];
    assert_eq!(part["name"], "step");
    let (rows, cells) = (part["n_rows"].as_u64().unwrap(), part["n_cells"].as_u64().unwrap());
    assert!(rows > 0 && rows == cells && rows < 20, "{part}");
}

/// 18: the longest time of a run is written in the project, is on the screen, and can be moved while the run goes on.
#[test]
fn p18_the_limit_is_the_projects_and_moves_while_it_runs() {
    let folder = judged();
    let path = folder.path().join("rationale.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.trim_end().to_owned() + "\ntimeout_s = 6\n").unwrap();
    let slow = model("        import time\n        time.sleep(2.5)\n");
    let child = command(folder.path(), "model.py", &slow, &[]).stdout(Stdio::piped()).spawn().unwrap();
    wait_until("it runs", || survivors(folder.path()).iter().any(|line| line.contains("runner.py")));
    let open: Vec<Value> = history(folder.path()).into_iter().filter(|one| one["run"]["status"] == "running").collect();
    let run = &open[0]["run"];
    let spec: RunSpec =
        serde_json::from_slice(&std::fs::read(run_folder(folder.path(), run).join("run.json")).unwrap()).unwrap();
    assert_eq!(spec.limits.wall_s, 6);

    // The same run on the screen, and the key that grants it more.
    let mut bench = Harness::framed(160, 48);
    bench.keys("x");
    let begun = Event::Brought {
        experiment: "e4".into(),
        task: "run".into(),
        data: bench.model.history.data.clone(),
        frame: String::new(),
        hypothesis: rationale::text::RawText::new("h"),
        files: Vec::new(),
    };
    for event in [begun, Event::RunStarted { experiment: "e4".into(), spec: Box::new(spec.clone()) }] {
        bench.send(Msg::Recorded(Box::new(Stamped { seq: 1, at: "2026-11-24T10:00:00Z".into(), event })));
    }
    let (run_id, level) = (spec.run_id.clone(), spec.level);
    bench.report(JobEvent::RunStarted { experiment: "e4".into(), run_id: run_id.clone(), level, ran_ms: 0 });
    assert!(bench.screen().contains("ends at 0:06"), "{}", bench.screen());
    bench.keys("ctrl-t");
    assert_eq!(bench.last_job(), Some(Job::MoreTime(run_id.clone())));
    assert!(bench.screen().contains("ends at 5:06"), "{}", bench.screen());
    let project = rationale::effects::project::Project::of(&folder.path().join("penguins.csv")).unwrap();
    rationale::effects::runs::more_time(&project, &run_id).unwrap();

    let run = json(&child.wait_with_output().unwrap());
    assert_eq!(run["status"], "finished", "{run}");
    assert!(run["duration_s"].as_f64().unwrap() > 6.0, "five folds of more than two seconds: {run}");
}
