//! Real Python in the real sandbox: how runs end, and what is kept of them.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rationale::effects::store::Store;
use serde_json::{Value, json};

use crate::harness::{folder_with, json, program};

/// A folder with the penguins, framed, with baselines judged. Made once, then copied.
pub fn judged() -> tempfile::TempDir {
    static MADE: OnceLock<tempfile::TempDir> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let folder = folder_with(&["penguins.csv"]);
        let output = run_in(folder.path(), "first.py", LINEAR, &[]);
        assert_eq!(json(&output)["status"], "finished", "{}", String::from_utf8_lossy(&output.stderr));
        folder
    });
    let folder = tempfile::tempdir().unwrap();
    let copied = Command::new("cp").arg("-a").arg(format!("{}/.", made.path().display())).arg(folder.path()).status();
    assert!(copied.unwrap().success());
    folder
}

/// The linear baseline in other words, so that its predictions are the same.
const LINEAR: &str = include_str!("../../assets/solutions/linear_classification.py");

pub fn command(folder: &Path, name: &str, code: &str, more: &[&str]) -> Command {
    std::fs::write(folder.join(name), code).unwrap();
    let mut command = program(folder);
    command.args(["run", name, "--data", "penguins.csv", "--target", "species", "--json"]).args(more);
    command
}

fn run_in(folder: &Path, name: &str, code: &str, more: &[&str]) -> Output {
    command(folder, name, code, more).output().unwrap()
}

/// Runs `code` as a model and returns what is printed and where it was run.
fn run(code: &str, more: &[&str]) -> (Value, tempfile::TempDir, Option<i32>) {
    let folder = judged();
    let output = run_in(folder.path(), "model.py", code, more);
    (json(&output), folder, output.status.code())
}

pub fn run_folder(folder: &Path, run: &Value) -> PathBuf {
    folder.join(".rationale/runs").join(run["run_id"].as_str().unwrap())
}

pub fn history(folder: &Path) -> Vec<Value> {
    let output = program(folder).args(["history", "--json"]).output().unwrap();
    json(&output)["experiments"].as_array().unwrap().clone()
}

/// Processes that belong to runs below this folder.
pub fn survivors(folder: &Path) -> Vec<String> {
    let mark = format!("RATIONALE_RUN={}", folder.canonicalize().unwrap().display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        if String::from_utf8_lossy(&environment).contains(&mark) {
            let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            found.push(String::from_utf8_lossy(&line).replace('\0', " "));
        }
    }
    found
}

/// Waits for something that must come about; a test that hangs says what it waited for.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_mins(2), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn model(body: &str) -> String {
    format!(
        "import numpy\n\n\nclass Model:\n    def fit(self, X, y):\n        self.most = y.mode()[0]\n{body}        return self\n\n    def predict(self, X):\n        return numpy.array([self.most] * len(X), dtype=object)\n\n\ndef build():\n    return Model()\n"
    )
}

#[test]
fn a_run_has_the_promised_shape_and_its_numbers_come_from_saved_predictions() {
    let (value, folder, code) = run(&model(""), &[]);
    assert_eq!((&value["status"], code), (&json!("finished"), Some(0)));
    assert_eq!((&value["primary_metric"], &value["direction"]), (&json!("balanced_accuracy"), &json!("maximize")));
    let folds = value["folds"].as_array().unwrap();
    assert_eq!(folds.len(), 5);
    let at = run_folder(folder.path(), &value);
    // Worked out again from the file.
    let saved = std::fs::read_to_string(at.join("predictions.csv")).unwrap();
    let header: Vec<&str> = saved.lines().next().unwrap().split(',').collect();
    let at_name = |name: &str| header.iter().position(|other| *other == name).unwrap_or_else(|| panic!("{header:?}"));
    let (fold_at, truth_at, predicted_at) = (at_name("fold"), at_name("truth"), at_name("predicted"));
    for fold in folds {
        let number = fold["fold"].to_string();
        let rows: Vec<Vec<&str>> = saved
            .lines()
            .skip(1)
            .map(|line| line.split(',').collect::<Vec<_>>())
            .filter(|row| row[fold_at] == number)
            .collect();
        assert_eq!(json!(rows.len()), fold["n_valid"]);
        let hits: f64 = rows.iter().map(|row| f64::from(u8::from(row[truth_at] == row[predicted_at]))).sum();
        let accuracy = fold["metrics"]["accuracy"].as_f64().unwrap();
        assert!((accuracy * fold["n_valid"].as_f64().unwrap() - hits).abs() < 1e-9, "{fold}");
    }
    let n_seen: u64 = folds.iter().map(|fold| fold["n_valid"].as_u64().unwrap()).sum();
    assert_eq!((saved.lines().count() - 1) as u64, n_seen);
    assert_eq!(n_seen, 344 - 69, "the holdout is not among them");
    assert_eq!(value["verdict"]["label"], "worse", "{}", value["verdict"]);
    assert_eq!(value["verdict"]["n_comparisons"], 3);
    for field in ["sandbox", "data_hash", "code_hash", "evaluator_hash", "seed", "duration_s", "peak_memory_bytes"] {
        assert!(!value[field].is_null(), "{field}");
    }
}

#[test]
fn what_was_approved_is_what_ran_and_stays_as_it_was() {
    use std::os::unix::fs::PermissionsExt;

    let code = model("        print('läuft')\n");
    let (value, folder, _) = run(&code, &[]);
    let at = run_folder(folder.path(), &value);
    assert_eq!(std::fs::read_to_string(at.join("code/model.py")).unwrap(), code);
    assert_eq!(value["code_hash"], blake3::hash(code.as_bytes()).to_hex().to_string());
    assert_eq!(std::fs::metadata(at.join("code/model.py")).unwrap().permissions().mode() & 0o777, 0o400);
    assert_eq!(std::fs::read_to_string(at.join("fold-0/output.log")).unwrap(), "läuft\n");
    let lock = std::fs::read_to_string(at.join("freeze.txt")).unwrap();
    assert!(lock.contains("scikit-learn=="), "{lock}");
    let metrics = std::fs::read_to_string(at.join("events.jsonl")).unwrap();
    let first: Value = serde_json::from_str(metrics.lines().next().unwrap()).unwrap();
    assert_eq!((&first["metrics"][0]["key"], &first["metrics"][0]["step"]), (&json!("accuracy"), &json!(0)), "{first}");
}

#[test]
fn baselines_come_first_and_the_same_predictions_are_not_distinguishable() {
    let folder = judged();
    let experiments = history(folder.path());
    let labels: Vec<(&Value, &Value)> =
        experiments.iter().map(|one| (&one["task"], &one["run"]["verdict"]["label"])).collect();
    let (baseline, by_hand) = (&json!("baseline"), &json!("run"));
    assert_eq!(
        labels,
        [(baseline, &json!("not checked")), (baseline, &json!("better")), (by_hand, &json!("not distinguishable"))]
    );
    let verdict = &experiments[1]["run"]["verdict"];
    let interval = verdict["interval"].as_array().unwrap();
    assert!(interval[0].as_f64().unwrap() > 0.0 && verdict["method"].as_str().unwrap().contains("Nadeau"), "{verdict}");
    assert_eq!(verdict["against"], experiments[0]["run"]["run_id"]);
}

#[test]
fn code_that_fails_is_told_with_its_line() {
    let table: [(&str, &str, Value); 5] = [
        ("def build():\n    return 1 / 0\n", "ZeroDivisionError: division by zero", json!(2)),
        ("def build(:\n", "SyntaxError: ", json!(1)),
        ("def build():\n    return 3\n", "TypeError: build() returned a int, which has no fit()", Value::Null),
        (
            "import nothing_like_this\n",
            "ModuleNotFoundError: No module named 'nothing_like_this' (nothing-like-this is not in the environment)",
            json!(1),
        ),
        ("def build():\n    input()\n", "EOFError: EOF when reading a line (a run can't ask for input)", json!(2)),
    ];
    let folder = judged();
    for (code, why, line) in table {
        let output = run_in(folder.path(), "model.py", code, &[]);
        let value = json(&output);
        assert_eq!((&value["status"], output.status.code()), (&json!("failed"), Some(1)), "{code}");
        let said = value["reason"].as_str().unwrap();
        assert!(said.contains(why), "{said}\n{code}");
        assert_eq!(value["line"], line, "{code}");
        assert_eq!(
            (&value["verdict"]["label"], &value["verdict"]["mean_difference"]),
            (&json!("not checked"), &Value::Null)
        );
    }
}

#[test]
fn predictions_that_cannot_be_right_are_refused() {
    let table = [
        ("        return X.index.to_numpy().astype(str)", "predict returned the class"),
        ("        return numpy.array([self.most] * 3, dtype=object)", "predict returned an array of shape (3,)"),
        ("        import os; os._exit(0)", "the fold left no predictions"),
        (
            "        open('predictions.csv', 'w').write('row,predicted\\n1,0\\n'); import os; os._exit(0)",
            "1 rows were predicted, 55 were asked for",
        ),
        (
            "        import os; os.symlink('/etc/passwd', 'predictions.csv'); os._exit(0)",
            "the fold left no predictions",
        ),
        (
            "        import os; os.mkfifo('predictions.csv'); os._exit(0)",
            "predictions.csv was not taken: it is not a plain file within its size",
        ),
    ];
    let folder = judged();
    for (body, why) in table {
        let code = model("").replace("        return numpy.array([self.most] * len(X), dtype=object)", body);
        let value = json(&run_in(folder.path(), "model.py", &code, &[]));
        let said = value["reason"].as_str().unwrap_or_default();
        assert!(said.contains(why), "{said}\n{code}");
        assert_eq!(value["status"], "failed");
    }
}

#[test]
fn limits_end_a_run_by_name() {
    let endless = model(
        "        import signal, time\n        signal.signal(signal.SIGTERM, signal.SIG_IGN)\n        time.sleep(600)\n",
    );
    let (value, folder, code) = run(&endless, &["--timeout", "3"]);
    assert_eq!((&value["status"], code), (&json!("timed-out"), Some(1)));
    assert_eq!(value["reason"], "it took longer than 3 seconds");
    assert_eq!(survivors(folder.path()), Vec::<String>::new());

    let loud = model("        while True:\n            print('x' * 10_000)\n");
    let (value, folder, _) = run(&loud, &[]);
    assert_eq!((&value["status"], &value["reason"]), (&json!("failed"), &json!("it printed more than 50 MB")));
    let kept = std::fs::metadata(run_folder(folder.path(), &value).join("fold-0/output.log")).unwrap().len();
    assert!(kept <= 50_000_000, "{kept} bytes were kept");

    let folder = judged();
    std::fs::create_dir(folder.path().join("config")).unwrap();
    std::fs::write(folder.path().join("config/config.toml"), "[run]\nmemory_gb = 1.0\n").unwrap();
    let hungry = model("        hoard = []\n        while True:\n            hoard.append(bytearray(50_000_000))\n");
    let value = json(&run_in(folder.path(), "model.py", &hungry, &[]));
    let said = value["reason"].as_str().unwrap();
    assert!(said.contains("memory"), "{said}");
    assert_eq!(value["status"], "failed");
}

#[test]
fn a_bomb_of_processes_is_put_out() {
    let bomb = model("        import os\n        while True:\n            os.fork()\n");
    let (value, folder, _) = run(&bomb, &["--timeout", "60"]);
    assert_eq!(value["status"], "failed", "{value}");
    let said = value["reason"].as_str().unwrap();
    assert!(said.contains("processes and threads") || said.contains("memory"), "{said}");
    wait_until("the processes are gone", || survivors(folder.path()).is_empty());
}

#[test]
fn a_process_that_hides_from_its_parent_does_not_outlive_the_run() {
    let daemon = model(
        "        import os, signal, time\n        if os.fork() == 0:\n            os.setsid()\n            if os.fork() == 0:\n                for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):\n                    signal.signal(number, signal.SIG_IGN)\n                time.sleep(600)\n            os._exit(0)\n        os.wait()\n",
    );
    let (value, folder, _) = run(&daemon, &[]);
    assert_eq!(value["status"], "finished", "{value}");
    assert_eq!(survivors(folder.path()), Vec::<String>::new());
}

#[test]
fn stopping_ends_the_whole_tree() {
    let folder = judged();
    let code = model(
        "        import subprocess, sys\n        print('begun', flush=True)\n        subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])\n",
    );
    let mut child = command(folder.path(), "model.py", &code, &[]).stdout(Stdio::piped()).spawn().unwrap();
    wait_until("the grandchild sleeps", || {
        survivors(folder.path()).iter().any(|line| line.contains("time.sleep(600)"))
    });
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    child.wait().unwrap();
    let value: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&value["status"], &value["reason"]), (&json!("stopped"), &json!("it was stopped")));
    assert_eq!(survivors(folder.path()), Vec::<String>::new());
}

#[test]
fn a_run_outlives_its_program_and_is_found_again() {
    let folder = judged();
    let code = model("        import time\n        time.sleep(1)\n");
    let mut child = command(folder.path(), "model.py", &code, &[]).stdout(Stdio::null()).spawn().unwrap();
    wait_until("the run is going on", || survivors(folder.path()).iter().any(|line| line.contains("runner.py")));
    child.kill().unwrap();
    child.wait().unwrap();
    // Whoever comes while it goes on leaves it alone.
    let ask = || program(folder.path()).args(["ask", "explore", "penguins.csv"]).output().unwrap();
    assert!(ask().status.success());
    wait_until("the run is over", || executors(folder.path()).is_empty());
    assert!(ask().status.success());
    let run = &history(folder.path())[3]["run"];
    assert_eq!((&run["status"], &run["verdict"]["label"]), (&json!("finished"), &json!("worse")), "{run}");
    assert_eq!(survivors(folder.path()), Vec::<String>::new());
}

#[test]
fn a_run_of_which_nothing_is_left_is_interrupted() {
    let folder = judged();
    let code = model("        import time\n        time.sleep(600)\n");
    let mut child = command(folder.path(), "model.py", &code, &[]).stdout(Stdio::null()).spawn().unwrap();
    wait_until("the run is going on", || survivors(folder.path()).iter().any(|line| line.contains("runner.py")));
    // The program and the process that executes the run are both killed at once.
    let executor = executors(folder.path());
    child.kill().unwrap();
    for pid in executor {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
    child.wait().unwrap();
    // Whoever only reads sees that it is over, and writes nothing.
    let of = |experiments: Vec<Value>| experiments[3]["run"]["status"].clone();
    let n_events = || Store::open(&folder.path().join(".rationale")).unwrap().load().unwrap().0.len();
    let before = n_events();
    wait_until("the history knows", || of(history(folder.path())) == json!("interrupted"));
    assert_eq!(n_events(), before);
    let output = program(folder.path()).args(["ask", "explore", "penguins.csv"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let run = &history(folder.path())[3]["run"];
    assert_eq!(
        (&run["status"], &run["reason"]),
        (&json!("interrupted"), &json!("the workbench ended before the run did"))
    );
    wait_until("the tree is gone", || survivors(folder.path()).is_empty());
}

pub fn executors(folder: &Path) -> Vec<rustix::process::Pid> {
    let folder = folder.canonicalize().unwrap().display().to_string();
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            let line = std::fs::read(entry.path().join("cmdline")).ok()?;
            let line = String::from_utf8_lossy(&line).into_owned();
            if !(line.contains("__execute") && line.contains(&folder)) {
                return None;
            }
            rustix::process::Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)
        })
        .collect()
}

#[test]
fn a_free_script_runs_and_what_it_reports_is_its_own_word() {
    let code = "import json, os\nimport pandas as pd\n\nframe = pd.read_csv(os.environ['RATIONALE_DATA'])\nprint(len(frame), 'rows')\nwith open('events.jsonl', 'a') as out:\n    out.write(json.dumps({'metrics': [{'key': 'auc', 'value': 0.99}]}) + '\\n')\n";
    let (value, folder, _) = run(code, &[]);
    assert_eq!(
        (&value["status"], &value["reported_by_script"]),
        (&json!("finished"), &json!({"auc": 0.99})),
        "{value}"
    );
    assert_eq!((&value["verdict"]["label"], &value["metrics"]), (&json!("not checked"), &json!({})));
    let log = std::fs::read_to_string(run_folder(folder.path(), &value).join("fold-0/output.log")).unwrap();
    assert_eq!(log, "275 rows\n", "it is given the rows that are not sealed");
}

#[test]
fn the_code_is_checked_once_more_before_it_runs() {
    let folder = judged();
    let value = json(&run_in(folder.path(), "model.py", &model(""), &[]));
    let at = run_folder(folder.path(), &value);
    // Somebody changes the approved file; executing the same run again is refused.
    std::fs::remove_file(at.join("code/model.py")).unwrap();
    std::fs::write(at.join("code/model.py"), "def build():\n    return None\n").unwrap();
    let output = program(folder.path()).arg("__execute").arg(&at).output().unwrap();
    assert!(!output.status.success());
    let outcome: Value = serde_json::from_slice(&std::fs::read(at.join("outcome.json")).unwrap()).unwrap();
    assert_eq!(
        (&outcome["status"], &outcome["reason"]),
        (&json!("failed"), &json!("the code on disk is not what was approved, so it was not run"))
    );
}

#[test]
fn an_upgrade_of_the_program_in_the_middle_of_a_session_does_not_end_it() {
    let folder = judged();
    let installed = folder.path().join("installed");
    std::fs::copy(env!("CARGO_BIN_EXE_rationale"), &installed).unwrap();
    let plain = command(folder.path(), "model.py", LINEAR, &[]);
    let mut moved = std::process::Command::new(&installed);
    moved.args(plain.get_args()).current_dir(folder.path()).env_clear();
    for (name, value) in plain.get_envs() {
        moved.env(name, value.unwrap_or_default());
    }
    let child = moved.stdout(std::process::Stdio::piped()).spawn().unwrap();
    std::fs::remove_file(&installed).unwrap();
    let output = child.wait_with_output().unwrap();
    let run = json(&output);
    assert_eq!(run["status"], json!("finished"), "{run}");
}

#[test]
fn the_order_inside_a_group_is_measured_as_by_hand() {
    // Three rows, the best one second: DCG = 1/log2(3) = .630930, ideal 1; first relevant at place 2; precision 1/2 there.
    // With worth 2, 1, 0 in the order 1, 2, 0: (1 + 3/log2(3)) / (3 + 1/log2(3)) = .796708.
    let code = "import json, sys; sys.path.insert(0, sys.argv[1])\nimport numpy, report\none = report.ranked(numpy.array([.9, .8, .1]), numpy.array([0., 1., 0.]))\ntwo = report.ranked(numpy.array([.9, .8, .1]), numpy.array([1., 2., 0.]))\nprint(json.dumps([list(map(float, one)), list(map(float, two))]))";
    let output = std::process::Command::new(crate::harness::python())
        .args(["-c", code])
        .arg(crate::harness::repository().join("assets/python"))
        .output()
        .unwrap();
    let got: Vec<Vec<f64>> = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let expected = [[0.630_929_75, 0.5, 0.5], [0.796_707_6, 0.5, 0.5]];
    for (got, expected) in got.iter().flatten().zip(expected.iter().flatten()) {
        assert!((got - expected).abs() < 1e-6, "{got} {expected}");
    }
}
