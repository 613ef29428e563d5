//! The command line as scripts use it: shapes, exit codes, and one sentence for whatever is wrong.

use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::harness::{bare_program, folder_with, json};

fn rationale(folder: &Path, arguments: &[&str]) -> Output {
    bare_program(folder).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn error_text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim_end().to_owned()
}

/// A folder with one of every bad file.
fn bad_files() -> tempfile::TempDir {
    let folder = folder_with(&["penguins.csv"]);
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    put("empty.csv", b"");
    put("header.csv", b"a,b,c\n");
    put("blank.csv", b"\n\n\n");
    put("one.csv", b"a,y\n1,x\n2,x\n3,x\n");
    put("page.csv", b"<html><body>404</body></html>");
    let mut junk: Vec<u8> = (0..5_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    junk[7] = 0;
    put("junk.csv", &junk);
    put("torn.parquet", b"PAR1 and nothing more");
    put("empty.ndjson", b"{}\n{}\n");
    std::fs::create_dir(folder.path().join("folder.csv")).unwrap();
    folder
}

#[test]
fn whatever_is_wrong_with_a_file_is_one_sentence_and_exit_code_two() {
    let folder = bad_files();
    let table: [(&[&str], &str); 17] = [
        (&["profile", "nope.csv"], "nope.csv: there is no such file – check the path"),
        (&["profile", "empty.csv"], "empty.csv: the file is empty – open a file with a header and at least one row"),
        (&["profile", "header.csv"], "header.csv: it has a header but no rows – open a file with at least one row"),
        (
            &["profile", "blank.csv"],
            "blank.csv: there is nothing in it but blank lines – open a file with a header and at least one row",
        ),
        (
            &["profile", "junk.csv"],
            "junk.csv: it is not text, whatever its name says – open a CSV, TSV, NDJSON, Parquet, Arrow, Excel, ODS or SQLite file",
        ),
        (&["profile", "page.csv"], "page.csv: it is a web page, not a table – download the data file itself"),
        (&["profile", "folder.csv"], "folder.csv: it is a folder – open one of the files in it"),
        (&["profile", "empty.ndjson"], "empty.ndjson: it has no columns – open a file with at least one column"),
        (
            &["profile", "penguins.csv", "--target", "sepcies"],
            "penguins.csv: it has no column sepcies – did you mean species?",
        ),
        (
            &["ask", "train", "one.csv", "--target", "y"],
            "target y: every row has the same value, x, so there is nothing to predict – choose another target column",
        ),
        (
            &["ask", "dream", "penguins.csv"],
            "task dream: there is none of that name – use one of explore, design, clean, label, features, train, evaluate, pipeline, search, debug, next, production, modernise, ask",
        ),
        (
            &["ask", "train", "penguins.csv", "--set", "x"],
            "--set x: it is not KEY=VALUE – write for example --set strategy=aggressive",
        ),
        (&["replay", "nope"], "nope: there is no such file – name a file from .rationale/recordings"),
        (&["replay", "penguins.csv"], "penguins.csv: it is not a recording – name a file from .rationale/recordings"),
        (
            &["run", "nope.py", "--data", "penguins.csv"],
            "nope.py: there is no such file – name a Python file that defines build()",
        ),
        (
            &["--endpoint", "anthropic", "ask", "train", "penguins.csv"],
            "endpoint anthropic: there is no key for it – set ANTHROPIC_API_KEY, or choose --endpoint offline",
        ),
        (
            &["--theme", "nope", "penguins.csv"],
            "the workbench: it needs a terminal – use the commands that print instead: rationale --help",
        ),
    ];
    for (arguments, sentence) in table {
        let output = rationale(folder.path(), arguments);
        assert_eq!(
            (error_text(&output).as_str(), output.status.code(), output.stdout.as_slice()),
            (format!("rationale: {sentence}").as_str(), Some(2), &b""[..]),
            "{arguments:?}"
        );
    }
    let torn = rationale(folder.path(), &["profile", "torn.parquet"]);
    assert!(error_text(&torn).starts_with("rationale: torn.parquet: "), "{}", error_text(&torn));
    assert_eq!(torn.status.code(), Some(2));
}

#[test]
fn with_json_a_failure_is_json_and_nothing_else_is_printed() {
    let folder = bad_files();
    let output = rationale(folder.path(), &["profile", "nope.csv", "--json"]);
    assert_eq!(
        json(&output),
        json!({"error": {"what": "nope.csv", "why": "there is no such file", "next": "check the path"}})
    );
    assert_eq!((error_text(&output).as_str(), output.status.code()), ("", Some(2)));
    let misused = rationale(folder.path(), &["profile", "--json"]);
    assert_eq!(json(&misused)["error"]["what"], "the command line");
    assert_eq!(misused.status.code(), Some(2));
}

#[test]
fn a_project_file_with_a_mistake_is_told_by_line_and_key_and_left_alone() {
    let folder = folder_with(&["penguins.csv"]);
    let path = folder.path().join("rationale.toml");
    let table = [
        (
            "[data.\"penguins.csv\"]\ntarget = \"species\"\nproblem = \"multiclass\"\nmetric = \"nope\"\n",
            "rationale: rationale.toml, line 4, metric: there is no metric \"nope\" – use one of balanced_accuracy",
        ),
        ("[data\n", "rationale: rationale.toml, line 1"),
        (
            "# mine\n[data.\"penguins.csv\"]\ntarget = \"species\"\nproblem = \"multiclass\"\nmetric = \"f1_macro\"\nfold = 3\n",
            "rationale: rationale.toml, line 6, fold: unknown field `fold`",
        ),
        (
            "[data.\"penguins.csv\"]\ntarget = \"species\"\nproblem = \"multiclass\"\nmetric = \"f1_macro\"\nholdout = 2.5\n",
            "rationale: rationale.toml, line 5, holdout: it must lie between 0 and 0.5",
        ),
        (
            "[data.\"penguins.csv\"]\ntarget = \"gone\"\nproblem = \"multiclass\"\nmetric = \"f1_macro\"\n",
            "rationale: rationale.toml: it names the column gone, which penguins.csv does not have",
        ),
    ];
    for (text, start) in table {
        std::fs::write(&path, text).unwrap();
        let output = rationale(folder.path(), &["ask", "train", "penguins.csv"]);
        assert!(error_text(&output).contains(start), "{start}\n{}", error_text(&output));
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn the_project_file_is_written_for_people_and_what_they_wrote_is_kept() {
    let folder = folder_with(&["penguins.csv"]);
    let path = folder.path().join("rationale.toml");
    let ask = || rationale(folder.path(), &["ask", "explore", "penguins.csv", "--target", "species"]);
    assert_eq!(ask().status.code(), Some(0));
    let written = r#"# How the question is framed. Made by rationale, fit to commit; change it before the first experiment.

[data."penguins.csv"]
target = "species"
problem = "multiclass"
metric = "balanced_accuracy"
split = "stratified"
folds = 5
seed = 7
holdout = 0.2
exclude = []
privacy = "statistics"
cap_usd = 5.0
"#;
    assert_eq!(std::fs::read_to_string(&path).unwrap(), written);
    let mine = format!(
        "# mine\n{}\n[data.\"other.csv\"]\ntarget = \"y\"\nproblem = \"binary\"\nmetric = \"f1\"\n",
        written.replace("seed = 7", "seed = 11 # lucky")
    );
    std::fs::write(&path, &mine).unwrap();
    assert_eq!(ask().status.code(), Some(0));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), mine);
}

#[test]
fn a_configuration_with_a_mistake_is_told_by_line_and_key() {
    let folder = folder_with(&["penguins.csv"]);
    let config = folder.path().join("config");
    std::fs::create_dir(&config).unwrap();
    std::fs::write(config.join("config.toml"), "theme = \"dark\"\n[run]\ntimeout = 3\n").unwrap();
    let output = rationale(folder.path(), &["profile", "penguins.csv"]);
    let said = error_text(&output);
    assert!(said.contains("config.toml, line 3, timeout: unknown field `timeout`"), "{said}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_folder_that_cannot_be_written_is_told_before_anything_is_asked() {
    let folder = folder_with(&["penguins.csv"]);
    // A file where our folder should be stands in the way of everybody, also of root.
    std::fs::write(folder.path().join(".rationale"), "").unwrap();
    let output = rationale(folder.path(), &["ask", "train", "penguins.csv", "--target", "species"]);
    let said = error_text(&output);
    assert!(said.contains("it can't be written, and history and runs belong beside the data"), "{said}");
    assert!(said.ends_with(" – copy the data file to a folder of yours and open it there"), "{said}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn without_a_python_a_run_is_refused_with_what_to_install() {
    let folder = folder_with(&["penguins.csv"]);
    let output = bare_program(folder.path())
        .args(["ask", "train", "penguins.csv", "--accept", "--run", "--json"])
        .env("PATH", folder.path())
        .output()
        .unwrap();
    let error = &json(&output)["error"];
    assert_eq!(error["what"], "Python", "{error}");
    assert!(error["next"].as_str().unwrap().contains("install"), "{error}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_python_that_is_not_there_or_lacks_packages_is_named() {
    let folder = folder_with(&["penguins.csv"]);
    let output =
        rationale(folder.path(), &["run", "penguins.csv", "--data", "penguins.csv", "--python", "/nope/python"]);
    assert!(error_text(&output).contains("/nope/python"), "{}", error_text(&output));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn profile_prints_the_promised_shape() {
    let folder = folder_with(&["penguins.csv"]);
    let output = rationale(folder.path(), &["profile", "penguins.csv", "--json"]);
    let value = json(&output);
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1);
    assert_eq!(value["source"]["path"].as_str().map(|path| path.ends_with("penguins.csv")), Some(true));
    assert_eq!(
        (
            &value["source"]["format"],
            &value["source"]["n_rows"],
            &value["source"]["n_columns"],
            &value["source"]["sampling"]
        ),
        (&json!("csv"), &json!(344), &json!(8), &Value::Null)
    );
    for column in value["columns"].as_array().unwrap() {
        for field in [
            "name",
            "dtype",
            "role",
            "n_null",
            "n_distinct",
            "distinct_exact",
            "min",
            "max",
            "mean",
            "std",
            "quantiles",
            "top",
            "histogram",
        ] {
            assert!(column.get(field).is_some(), "{field} is missing in {column}");
        }
    }
    assert_eq!(value["n_duplicate_rows"], 0);
    assert!(!folder.path().join(".rationale").exists(), "a profile writes nothing");
}

#[test]
fn an_answer_has_the_promised_shape_and_lands_in_the_history() {
    let folder = folder_with(&["penguins.csv"]);
    let output = rationale(folder.path(), &["ask", "train", "penguins.csv", "--target", "species", "--json"]);
    let value = json(&output);
    assert_eq!(output.status.code(), Some(0), "{}", error_text(&output));
    assert_eq!(value["endpoint"], json!({"name": "offline", "kind": "rules"}));
    assert_eq!(
        (&value["task"], &value["stop_reason"], &value["decision"]),
        (&json!("train"), &json!("end_turn"), &json!("pending"))
    );
    assert_eq!((&value["run"], &value["cost_usd"]), (&Value::Null, &json!(0.0)));
    assert_eq!(value["files"][0]["path"], "model.py");
    assert!(value["files"][0]["code"].as_str().unwrap().contains("def build():"));
    let tokens = |name: &str| value["usage"][name].as_u64().unwrap();
    assert!(tokens("input_tokens") > 0);
    let prompt = tokens("input_tokens") + tokens("cache_creation_input_tokens") + tokens("cache_read_input_tokens");
    assert!(prompt > 500, "{prompt}");
    let history = json(&rationale(folder.path(), &["history", "--json"]));
    let experiments = history["experiments"].as_array().unwrap();
    assert_eq!(experiments.len(), 1);
    assert_eq!(
        (&experiments[0]["id"], &experiments[0]["task"], &experiments[0]["decision"], &experiments[0]["run"]),
        (&value["suggestion_id"], &json!("train"), &json!("pending"), &Value::Null)
    );
    let none = json(&rationale(folder.path(), &["history", "nothing-like-this", "--json"]));
    assert_eq!(none, json!({"experiments": [], "openings": []}));
    let recordings: Vec<_> = std::fs::read_dir(folder.path().join(".rationale/recordings")).unwrap().collect();
    assert_eq!(recordings.len(), 1);
    let path = recordings[0].as_ref().unwrap().path();
    let replayed = rationale(folder.path(), &["replay", path.to_str().unwrap(), "--speed", "0"]);
    let said = String::from_utf8_lossy(&replayed.stdout).into_owned();
    assert!(said.contains("── thinking ──") && said.contains("def build():"), "{said}");
}

#[test]
fn a_stream_prints_one_object_a_line_and_the_result_last() {
    let folder = folder_with(&["penguins.csv"]);
    let output = rationale(folder.path(), &["ask", "explore", "penguins.csv", "--target", "species", "--stream-json"]);
    let lines: Vec<Value> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| lines.iter().filter(|line| line["type"] == kind).collect::<Vec<_>>();
    let joined = |kind: &str| of(kind).iter().map(|line| line["text"].as_str().unwrap()).collect::<String>();
    let last = lines.last().unwrap();
    assert_eq!((&last["type"], &last["task"]), (&json!("result"), &json!("explore")));
    assert_eq!(
        (joined("thinking_delta"), joined("text_delta")),
        (last["thinking"].as_str().unwrap().to_owned(), last["text"].as_str().unwrap().to_owned(),)
    );
    assert!(of("thinking_delta").len() > 5 && !of("usage").is_empty());
}

#[test]
fn doctor_says_of_each_thing_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let value = json(&rationale(folder.path(), &["doctor", "--json"]));
    let checks = value["checks"].as_array().unwrap();
    let names: Vec<&str> = checks.iter().map(|check| check["name"].as_str().unwrap()).collect();
    for name in ["terminal", "python", "sandbox", "endpoint", "key"] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    for check in checks {
        let status = check["status"].as_str().unwrap();
        assert!(matches!(status, "ok" | "warn" | "fail" | "not checked"), "{check}");
        assert_eq!(status == "fail" || status == "warn", check["next"].is_string(), "{check}");
    }
}

#[test]
fn completions_and_help_teach() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let output = rationale(folder.path(), &["completions", shell]);
        assert!(output.stdout.len() > 500, "{shell}");
    }
    for command in ["demo", "profile", "ask", "run", "history", "serve", "replay", "doctor"] {
        let output = rationale(folder.path(), &[command, "--help"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("Usage: rationale") && output.status.success(), "{command}: {text}");
    }
}

#[test]
fn what_a_task_is_told_is_looked_at_before_anything_is_asked() {
    let folder = folder_with(&["penguins.csv"]);
    std::fs::write(folder.path().join("one.txt"), "nothing to draw").unwrap();
    for (task, setting, expected) in [
        (
            "production",
            "latency_ms=abc",
            "latency_ms=abc: it is no number of zero or more – write for example latency_ms=100",
        ),
        ("evaluate", "segments=iland", "penguins.csv: it has no column iland – did you mean island?"),
        ("search", "budget=soon", "budget=soon: it is no length of time – write for example budget=90s, 2m or 1h"),
        ("search", "bugdet=2m", "bugdet=2m: search has no such setting – did you mean budget?"),
        ("clean", "strategy=wild", "strategy=wild: it is none of conservative, aggressive, both – choose one of them"),
        (
            "debug",
            "curves=one.txt",
            "curves=one.txt: no curve was found in it – give a CSV with a column for each curve",
        ),
        ("debug", "curves=gone.csv", "curves=gone.csv: there is no such file – name a file that is there"),
        (
            "modernise",
            "tolerance=-1",
            "tolerance=-1: it is no number of zero or more – write for example tolerance=100",
        ),
        ("ask", "run=e1", "ask: no question was written – write it: --problem"),
    ] {
        let output = bare_program(folder.path())
            .args(["ask", task, "penguins.csv", "--target", "species", "--set", setting, "--json"])
            .output()
            .unwrap();
        let told = json(&output);
        let error =
            |name: &str| told["error"][name].as_str().unwrap_or_else(|| panic!("{task} {setting}: {told}")).to_owned();
        let sentence = format!("{}: {} – {}", error("what"), error("why"), error("next"));
        assert!(sentence.starts_with(expected), "{task} {setting}: {sentence}");
        assert_eq!(output.status.code(), Some(2), "{task} {setting}");
    }
}
