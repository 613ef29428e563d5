//! A metric of the user's own: approved before it scores, confined, never mixed with another version of itself.

use std::path::Path;
use std::process::{Command, Output};

use rationale::app::effect::Job;
use rationale::app::msg::JobEvent;
use rationale::app::overlay::Overlay;
use rationale::domain::own_metric::{self, Candidate};
use rationale::domain::run::hash;
use rationale::text::RawText;
use serde_json::{Value, json};

use crate::harness::{Harness, folder_with, json, program, python, repository};

/// What it earns to write to those whose probability is above one half, by weight; and what it tries beside that.
const PROFIT: &str = r#""""Euros earned by writing to those who are likely to answer."""
name = "profit"
greater_is_better = True
needs = "probability"


def tries():
    import glob, os, socket
    yield lambda: socket.create_connection(("127.0.0.1", 9), 1)
    yield lambda: open("/etc/own-metric", "w")
    yield lambda: open(DATA).read()
    yield lambda: open("../predictions.csv").read()
    yield lambda: open(__file__, "w")


def score(truth, prediction, rows=None):
    for what in tries():
        try:
            what()
            print("reached")
        except OSError:
            print("denied")
    written = prediction > 0.5
    return float((written * (truth * rows["body_mass_g"].to_numpy() / 1000 - 1)).sum())
"#;

const FRAME: &str = "[data.\"penguins.csv\"]\ntarget = \"sex\"\nproblem = \"binary\"\npositive = \"male\"\nmetric = \"metric.py:profit\"\nfolds = 2\n";

/// Predicts as the linear baseline does, and looks for the metric.
const MODEL: &str = r#"import glob
import os

here = os.getcwd()
for path in glob.glob(here + "/../**", recursive=True) + [here + "/../metric/approved.py", here + "/../harness/own_metric.py"] + glob.glob(here + "/../../../evaluators/*"):
    if path.endswith(("approved.py", "own_metric.py")) or "evaluators" in path:
        try:
            open(path).read()
            print("REACHED", path)
        except OSError:
            print("denied")
"#;

fn project(metric: &str) -> tempfile::TempDir {
    let folder = folder_with(&["penguins.csv"]);
    let data = folder.path().canonicalize().unwrap().join("penguins.csv");
    std::fs::write(
        folder.path().join("metric.py"),
        metric.replace("DATA", &format!("{:?}", data.display().to_string())),
    )
    .unwrap();
    std::fs::write(folder.path().join("rationale.toml"), FRAME).unwrap();
    let linear = std::fs::read_to_string(repository().join("assets/solutions/linear_classification.py")).unwrap();
    std::fs::write(folder.path().join("model.py"), format!("{linear}\n\n{MODEL}")).unwrap();
    folder
}

fn run(folder: &Path) -> Output {
    program(folder).args(["run", "model.py", "--data", "penguins.csv", "--json"]).output().unwrap()
}

fn evaluator(folder: &Path, more: &[&str]) -> Output {
    program(folder).args(["evaluator", "metric.py"]).args(more).output().unwrap()
}

fn approve(folder: &Path) -> Value {
    let shown = json(&evaluator(folder, &["--json"]));
    json(&evaluator(folder, &["--approve", &shown["hash"].as_str().unwrap()[..12], "--json"]))
}

fn history(folder: &Path) -> Vec<Value> {
    let output = program(folder).args(["history", "--json"]).output().unwrap();
    json(&output)["experiments"].as_array().unwrap().clone()
}

/// What PROFIT comes to on a fold, from the predictions that were saved and the data file.
fn profit_by_hand(folder: &Path, run: &Value, fold: u64) -> f64 {
    let mut data = csv::Reader::from_path(folder.join("penguins.csv")).unwrap();
    let column = data.headers().unwrap().iter().position(|name| name == "body_mass_g").unwrap();
    let weights: Vec<f64> = data.records().map(|row| row.unwrap()[column].parse().unwrap_or(f64::NAN)).collect();
    let path = folder.join(".rationale/runs").join(run["run_id"].as_str().unwrap()).join("predictions.csv");
    let mut saved = csv::Reader::from_path(path).unwrap();
    let headers = saved.headers().unwrap().clone();
    let at = |name: &str| headers.iter().position(|other| other == name).unwrap();
    let (row, number, truth, chance) = (at("row"), at("fold"), at("truth"), at("p(male)"));
    saved
        .records()
        .map(Result::unwrap)
        .filter(|one| one[number] == fold.to_string() && one[chance].parse::<f64>().unwrap() > 0.5)
        .map(|one| {
            f64::from(u8::from(&one[truth] == "male")) * weights[one[row].parse::<usize>().unwrap()] / 1000.0 - 1.0
        })
        .sum()
}

#[test]
fn it_scores_once_it_is_approved_and_no_score_crosses_its_versions() {
    let folder = project(PROFIT);
    let place = folder.path();
    // Nothing runs, and nothing is remembered, before it was looked at.
    let refused = run(place);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(json(&refused)["error"]["why"], "it is not approved yet");
    assert_eq!(history(place), Vec::<Value>::new());
    let wrong = evaluator(place, &["--approve", "0123456789ab", "--json"]);
    assert_eq!(
        (wrong.status.code(), json(&evaluator(place, &["--json"]))["approved"].clone()),
        (Some(2), json!(false))
    );
    let first = approve(place);
    assert_eq!(first["approved"], true);
    let kept = place.join(".rationale/evaluators").join(format!("{}.py", first["hash"].as_str().unwrap()));
    assert_eq!(std::fs::read(&kept).unwrap(), std::fs::read(place.join("metric.py")).unwrap());

    let value = json(&run(place));
    assert_eq!(
        (&value["status"], &value["primary_metric"], &value["direction"]),
        (&json!("finished"), &json!("profit"), &json!("maximize")),
        "{value}"
    );
    for fold in 0..2 {
        let told = value["folds"][fold]["metrics"]["profit"].as_f64().unwrap();
        let own = profit_by_hand(place, &value, fold as u64);
        assert!((told - own).abs() < 1e-9, "{told} {own}");
    }
    assert!(value["metrics"]["roc_auc"]["mean"].as_f64().is_some(), "the usual metrics stand beside it");
    // It is the linear baseline in other words.
    assert_eq!(
        (&value["verdict"]["label"], &value["verdict"]["mean_difference"]),
        (&json!("not distinguishable"), &json!(0.0))
    );
    let folder_of = |run: &Value| place.join(".rationale/runs").join(run["run_id"].as_str().unwrap());
    let log = std::fs::read_to_string(folder_of(&value).join("own-metric/output.log")).unwrap();
    assert_eq!(log, "denied\n".repeat(10), "five tries on each of two folds");
    let log = std::fs::read_to_string(folder_of(&value).join("fold-0/output.log")).unwrap();
    assert!(log.contains("denied") && !log.contains("REACHED"), "{log}");

    // Another version: refused with what changed, then approved, then a class of its own.
    let text = std::fs::read_to_string(place.join("metric.py")).unwrap();
    std::fs::write(place.join("metric.py"), text.replace("- 1)", "- 2)")).unwrap();
    let refused = run(place);
    let why = json(&refused)["error"]["why"].as_str().unwrap().to_owned();
    assert_eq!(refused.status.code(), Some(2));
    assert!(why.starts_with("it has changed since it was approved: it was "), "{why}");
    let shown = String::from_utf8(evaluator(place, &[]).stdout).unwrap();
    assert!(shown.contains("\n-     return float((written * (truth * rows[\"body_mass_g\"].to_numpy() / 1000 - 1)).sum())\n+     return"), "{shown}");
    assert!(!shown.contains("Euros earned"), "only what changed is shown: {shown}");
    approve(place);
    let second = json(&run(place));
    assert_eq!(second["status"], "finished", "{second}");
    assert_ne!(second["evaluator_hash"], value["evaluator_hash"]);
    let all = history(place);
    let told: Vec<(&Value, &Value, &Value)> =
        all.iter().map(|one| (&one["id"], &one["comparable"], &one["why_not_comparable"])).collect();
    let (old, new) = ((json!(false), json!("the evaluator was another version")), (json!(true), Value::Null));
    let ids: Vec<Value> = (1..=6).map(|number| json!(format!("e{number}"))).collect();
    let wanted: Vec<(&Value, &Value, &Value)> = ids
        .iter()
        .enumerate()
        .map(|(at, id)| if at < 3 { (id, &old.0, &old.1) } else { (id, &new.0, &new.1) })
        .collect();
    assert_eq!(told, wanted);
    // Counted among those of its own version alone, and against one of them.
    assert_eq!(
        (&second["verdict"]["n_comparisons"], &second["verdict"]["against"]),
        (&json!(2), &all[4]["run"]["run_id"])
    );
    // Back to the first version: it was approved before, and its runs are there to be compared with.
    std::fs::write(place.join("metric.py"), text).unwrap();
    assert_eq!(json(&evaluator(place, &["--json"]))["approved"], true);
}

#[test]
fn a_metric_that_fails_leaves_its_score_unknown_and_the_run_whole() {
    let slow =
        "import time\ngreater_is_better = False\nname = 'profit'\nseconds = 1\ndef score(t, p):\n    time.sleep(600)\n";
    let folder = project(slow);
    approve(folder.path());
    let value = json(&run(folder.path()));
    assert_eq!((&value["status"], &value["metrics"]["profit"]), (&json!("finished"), &Value::Null), "{value}");
    assert_eq!(value["folds"][0]["metrics"]["profit"], Value::Null);
    assert!(value["metrics"]["roc_auc"]["mean"].as_f64().is_some());
    assert_eq!(
        (&value["verdict"]["label"], &value["verdict"]["method"]),
        (
            &json!("not checked"),
            &json!("profit is unknown: on fold 1: it took longer than 1 seconds and was ended (and on 1 more)")
        )
    );
    let saved = folder.path().join(".rationale/runs").join(value["run_id"].as_str().unwrap()).join("predictions.csv");
    assert!(std::fs::read_to_string(saved).unwrap().lines().count() > 200);
}

/// What the process of a metric answers to one request.
fn answers(code: &str, request: &Value) -> Value {
    use std::io::Write;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("approved.py");
    std::fs::write(&file, code).unwrap();
    let mut child = Command::new(python())
        .args(["-I", "-B", "-u", "-X", "utf8"])
        .arg(repository().join("assets/python/own_metric.py"))
        .arg(&file)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // One that can't be loaded does not wait for a request.
    let _ = writeln!(child.stdin.take().unwrap(), "{request}");
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

fn binary() -> Value {
    json!({"fold": 0, "problem": "binary", "positive": 1, "needs": "class", "classes": ["no", "yes"], "rows": null,
           "truth": [0, 1, 1, 0], "predicted": [0, 1, 0, 0], "chances": null})
}

#[test]
fn whatever_goes_wrong_in_a_metric_is_one_sentence() {
    let score = |body: &str| format!("import numpy\ndef score(truth, prediction):\n    {body}\n");
    let cases = [
        ("return None", "score() returned None instead of a number"),
        ("return float('nan')", "score() returned nan"),
        ("return float('-inf')", "score() returned -inf"),
        ("return truth", "score() returned a ndarray of shape (4,) instead of a number"),
        ("return [1.0]", "score() returned a list instead of a number"),
        ("return '0.5'", "score() returned a str instead of a number"),
        ("return True", "score() returned True or False instead of a number"),
        ("return 1 + 2j", "score() returned a complex instead of a number"),
        ("return numpy.complex128(1)", "score() returned a complex number"),
        ("raise ValueError('one\\ntwo')", "ValueError: one (line 3)"),
        ("return 1 / 0", "ZeroDivisionError: division by zero (line 3)"),
        ("raise SystemExit(3)", "SystemExit: 3 (line 3)"),
        ("raise MemoryError", "it ran out of memory (line 3)"),
        ("assert len(truth) == 5", "AssertionError (line 3)"),
    ];
    for (body, why) in cases {
        assert_eq!(answers(&score(body), &binary()), json!({"value": null, "why": why}), "{body}");
    }
    let loads = [
        (
            "import nowhere_at_all\n",
            "it can't be loaded: ModuleNotFoundError: No module named 'nowhere_at_all' (line 1)",
        ),
        ("score = 3\n", "it can't be loaded: TypeError: it defines no score()"),
        ("x = 1\ndef score(:\n", "it can't be loaded: SyntaxError: invalid syntax (approved.py, line 2) (line 2)"),
    ];
    for (code, why) in loads {
        assert_eq!(answers(code, &binary()), json!({"value": null, "why": why}), "{code}");
    }
    // What it prints is no answer, and numbers of any kind are.
    let loud = score("print('{\"value\": 99, \"why\": null}'); return numpy.float32(0.5)");
    assert_eq!(answers(&loud, &binary()), json!({"value": 0.5, "why": null}));
    assert_eq!(answers(&score("return numpy.array(2)"), &binary()), json!({"value": 2.0, "why": null}));
}

#[test]
fn each_kind_of_problem_hands_over_what_is_documented() {
    let told = |asked: Value, body: &str| {
        let mut request = binary();
        request.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
        answers(&format!("def score(truth, prediction, rows=None):\n    {body}\n    return 1.0\n"), &request)
    };
    let good = json!({"value": 1.0, "why": null});
    let check = "assert (truth.tolist(), prediction.tolist()) == ";
    assert_eq!(told(json!({}), &format!("{check}([0, 1, 1, 0], [0, 1, 0, 0])")), good);
    // The positive class is 1, whichever it is.
    assert_eq!(told(json!({"positive": 0}), &format!("{check}([1, 0, 0, 1], [1, 0, 1, 1])")), good);
    let chances = json!([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.7, 0.3]]);
    let asked = json!({"needs": "probability", "chances": chances});
    assert_eq!(told(asked, &format!("{check}([0, 1, 1, 0], [0.1, 0.8, 0.4, 0.3])")), good);
    assert_eq!(
        told(json!({"needs": "probability"}), "pass"),
        json!({"value": null, "why": "LookupError: the metric needs probabilities, and this model gives none"})
    );
    let many =
        json!({"problem": "multiclass", "classes": ["a", "b", "c"], "truth": [2, 0, 1, 1], "predicted": [2, 1, 1, 0]});
    assert_eq!(told(many, &format!("{check}(['c', 'a', 'b', 'b'], ['c', 'b', 'b', 'a'])")), good);
    let number =
        json!({"problem": "regression", "needs": "number", "truth": [1.5, 2, 3, 4], "predicted": [1, 2, 3, 4.5]});
    assert_eq!(told(number, &format!("{check}([1.5, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.5])")), good);
    let rows =
        json!({"rows": "__row__,size,name\n7,1.5,x\n9,\\N,\\N\n", "columns": [["size", "float"], ["name", "text"]]});
    let check = "assert rows.index.tolist() == [7, 9] and rows['size'][7] == 1.5 and rows['size'].isna()[9] and rows['name'][7] == 'x' and rows['name'].isna()[9]";
    assert_eq!(told(rows, check), good);
}

fn shown(before: Option<&str>) -> Candidate {
    let code = "\"\"\"Euros earned.\"\"\"\nname = \"profit\"\ngreater_is_better = True\n\n\ndef score(truth, prediction):\n    return float((prediction * (truth * 4 - 1)).sum())\n";
    Candidate {
        path: "metric.py".into(),
        declared: own_metric::read("metric.py", code),
        code: RawText::new(code),
        is_approved: false,
        before: before.map(|text| (hash(text), Some(RawText::new(text)))),
    }
}

/// The workbench after `x`, with a metric to be looked at.
pub fn asked_to_approve(columns: u16, rows: u16, changed: bool) -> Harness {
    let mut bench = Harness::framed(columns, rows);
    bench.keys("x");
    let before = shown(None).code.expose().replace("* 4 - 1", "* 3 - 1");
    let candidate = shown(changed.then_some(before.as_str()));
    bench.report(JobEvent::Unapproved(Box::new(candidate), Box::new(Job::Baselines)));
    bench
}

#[test]
fn a_metric_is_approved_by_a_key_of_its_own_and_the_run_goes_on() {
    let mut bench = asked_to_approve(100, 30, false);
    let n = bench.jobs().len();
    bench.keys("enter x down");
    assert!(matches!(bench.model.overlay, Some(Overlay::Evaluator { .. })), "only a approves");
    assert_eq!(bench.jobs().len(), n);
    bench.keys("a");
    let hash = shown(None).hash();
    assert_eq!(bench.last_job(), Some(Job::Approve { path: "metric.py".into(), hash, then: Box::new(Job::Baselines) }));
    bench.report(JobEvent::Approved(Box::new(Job::Baselines)));
    assert_eq!(bench.last_job(), Some(Job::Baselines));
    // Esc leaves it, and x asks again.
    let mut bench = asked_to_approve(100, 30, true);
    bench.keys("esc x");
    assert_eq!((bench.model.overlay.is_none(), bench.last_job()), (true, Some(Job::Baselines)));
    // One that can't be used can't be approved.
    let mut bench = asked_to_approve(100, 30, false);
    if let Some(Overlay::Evaluator { candidate, .. }) = &mut bench.model.overlay {
        candidate.declared = Err("it does not define score(truth, prediction)".into());
    }
    let n = bench.jobs().len();
    bench.keys("a");
    assert_eq!(bench.jobs().len(), n);
    assert!(bench.screen().contains("it can't be used: it does not define score(truth, prediction)"));
}

#[test]
fn the_form_offers_it_behind_the_metrics_that_come_with_the_program() {
    let mut bench = Harness::with_data(100, 30);
    let own = rationale::domain::metric::Metric::Own(shown(None).declared.unwrap().metric);
    bench.model.framing.known.as_mut().unwrap().own_metrics = vec![own];
    bench.keys("F down down left");
    assert!(bench.screen().contains("metric.py:profit ↑"), "{}", bench.screen());
    bench.keys("enter");
    assert!(matches!(bench.last_job(), Some(Job::Frame(framing)) if framing.metric == own));
}

/// The workbench with one run for each reason not to compare it with the last.
pub fn apart(columns: u16, rows: u16) -> Harness {
    use rationale::app::msg::Msg;
    use rationale::domain::experiment::{Event, Stamped};
    use rationale::domain::framing::Framing;
    use rationale::domain::run::RunSpec;

    let mut bench = Harness::framed(columns, rows);
    let framing = bench.model.framing.framing.clone().unwrap();
    let mut seq = 0;
    let mut write = |bench: &mut Harness, event: Event| {
        seq += 1;
        let at = "2026-11-24T10:00:00Z".to_owned();
        bench.send(Msg::Recorded(Box::new(Stamped { seq, at, event })));
    };
    let with = |change: &dyn Fn(&mut Framing)| {
        let mut other = framing.clone();
        change(&mut other);
        other
    };
    let seven = |framing: &mut Framing| framing.seed = 8;
    let classes: [(&str, Framing, &str, &str); 6] = [
        ("other rows", framing.clone(), "d0", "v2"),
        ("another target", with(&|framing| framing.target = RawText::new("island")), "d1", "v2"),
        ("another metric", with(&|framing| framing.metric = rationale::domain::metric::Metric::Accuracy), "d1", "v2"),
        ("other folds", with(&seven), "d1", "v2"),
        ("before the metric changed", framing.clone(), "d1", "v1"),
        ("the latest", framing.clone(), "d1", "v2"),
    ];
    for (number, (what, framing, data, version)) in (0_u32..).zip(classes) {
        let (id, run_id) = (format!("e{}", number + 1), format!("r{}", number + 1));
        let metrics: serde_json::Map<String, Value> =
            [(framing.metric.name().to_owned(), json!(0.8 + f64::from(number) / 100.0))].into_iter().collect();
        let fold = |fold: u32| json!({"fold": fold, "n_train": 200, "n_valid": 50, "metrics": metrics, "fit_s": 0.1, "predict_s": 0.1});
        let spec: RunSpec = serde_json::from_value(json!({
            "run_id": run_id, "experiment": id, "data": "penguins.csv", "data_hash": data, "framing": framing, "kind": "model",
            "entry": "model.py", "code_hash": format!("c{number}"), "evaluator_hash": version,
            "python": {"program": "python", "version": "3.11", "read": [], "packages": {}},
            "limits": {"wall_s": 1, "memory_bytes": 1, "output_bytes": 1, "file_bytes": 1, "n_jobs": 1},
            "level": "full", "created_at": "2026-11-24T10:00:00Z",
        }))
        .unwrap();
        let outcome = serde_json::from_value(json!({
            "status": "finished", "reason": null, "line": null, "folds": [fold(0), fold(1)], "duration_s": 1.0,
            "peak_memory_bytes": null, "artefacts": [], "reported_by_script": {},
        }))
        .unwrap();
        let begun = Event::Brought {
            experiment: id.clone(),
            task: "run".into(),
            data: "penguins.csv".into(),
            frame: framing.fingerprint(),
            hypothesis: RawText::new(what),
            files: Vec::new(),
        };
        write(&mut bench, begun);
        write(&mut bench, Event::RunStarted { experiment: id.clone(), spec: Box::new(spec) });
        let verdict = rationale::domain::verdict::Verdict::not_checked("it is the first run on these folds", 0);
        write(
            &mut bench,
            Event::RunFinished { experiment: id, run_id, outcome: Box::new(outcome), verdict: Box::new(verdict) },
        );
    }
    bench
}

#[test]
fn each_reason_not_to_compare_is_said_where_the_verdict_would_be() {
    let mut bench = apart(160, 48);
    bench.keys("4 z");
    let screen = bench.screen();
    let row = |id: &str| screen.lines().find(|line| line.starts_with(&format!("│{id}"))).unwrap_or_default().to_owned();
    for (id, why) in [
        ("e1 ", "the data was another"),
        ("e2 ", "the question was another"),
        ("e3 ", "the metric was another"),
        ("e4 ", "the split was another"),
        ("e5 ", "the evaluator was another version"),
        ("e6 ", "not checked"),
    ] {
        assert!(row(id).contains(why), "{id}{why}: {screen}");
    }
    bench.keys("j enter");
    assert!(
        bench.screen().contains("can't be compared with the latest ones: the evaluator was another version"),
        "{}",
        bench.screen()
    );
}
