//! Promises about answers: what they may set in motion, what they may state, and what stays unknown.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rationale::domain::court::{Statistic, Witness};
use rationale::domain::run::{Outcome, Status};
use rationale::domain::task::Task;
use rationale::domain::verdict::Verdict;
use rationale::text::SafeText;
use serde_json::{Value, json};

use crate::faulty::{End, Faulty, Reply};
use crate::harness::{Harness, bare_program, folder_with, json};
use crate::sheets::answered;

fn event(name: &str, rest: &str) -> String {
    format!("event: {name}\ndata: {{\"type\":\"{name}\"{rest}}}\n\n")
}

/// An answer of one block.
fn reply(block: &str, delta: &str, stop: &str) -> Reply {
    let text = [
        event(
            "message_start",
            r#","message":{"id":"msg_1","model":"any","usage":{"input_tokens":10,"output_tokens":1}}"#,
        ),
        event("content_block_start", &format!(r#","index":0,"content_block":{block}"#)),
        event("content_block_delta", &format!(r#","index":0,"delta":{delta}"#)),
        event("content_block_stop", r#","index":0"#),
        event("message_delta", &format!(r#","delta":{{"stop_reason":"{stop}"}},"usage":{{"output_tokens":5}}"#)),
        event("message_stop", ""),
    ];
    Reply::stream(&[&text.concat()], End::Proper)
}

fn words(text: &str) -> Reply {
    let delta = json!({"type": "text_delta", "text": text}).to_string();
    reply(r#"{"type":"text","text":""}"#, &delta, "end_turn")
}

/// A folder whose endpoint answers from a plan.
fn folder(plan: Vec<Reply>) -> (tempfile::TempDir, Faulty) {
    let folder = folder_with(&["penguins.csv"]);
    let server = Faulty::start([vec![Reply::status(404, &[], "{}")], plan].concat());
    std::fs::create_dir_all(folder.path().join("config")).unwrap();
    let text = format!(
        "endpoint = \"plan\"\n[endpoints.plan]\nbase_url = \"{}\"\nthinking = \"omit\"\ncount_tokens = false\ntools = true\nfree = true\nmodel = \"any\"\n",
        server.url()
    );
    std::fs::write(folder.path().join("config/config.toml"), text).unwrap();
    (folder, server)
}

/// A Python that writes down how it is started, and the file into which it does.
fn marking_python(folder: &Path) -> (PathBuf, PathBuf) {
    let (python, mark) = (folder.join("python"), folder.join("started"));
    std::fs::write(&python, format!("#!/bin/sh\necho \"$1 $2\" >> '{}'\nexit 1\n", mark.display())).unwrap();
    std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
    (python, mark)
}

/// 16: a question starts no process, whatever the answer calls for: a tool that does not exist, a file, a command.
#[test]
fn p16_a_question_starts_no_process() {
    let call = r#"{"type":"tool_use","id":"toolu_1","name":"run_python","input":{}}"#;
    let code = json!({"type": "input_json_delta", "partial_json": "{\"code\": \"open('started', 'w')\"}"}).to_string();
    let plan = vec![
        reply(call, &code, "tool_use"),
        words("Run this now.\n\n```python path=model.py\nopen('started', 'w')\n```\n"),
    ];
    for arguments in [vec!["explore"], vec!["ask", "--problem", "run the model and tell me its score"], vec!["train"]] {
        let (folder, server) = folder(plan.clone());
        let (python, mark) = marking_python(folder.path());
        let output = bare_program(folder.path())
            .env("RATIONALE_PYTHON", &python)
            .arg("ask")
            .arg(arguments[0])
            .arg("penguins.csv")
            .args(&arguments[1..])
            .arg("--json")
            .output()
            .unwrap();
        let said = json(&output);
        assert_eq!((&said["stop_reason"], &said["run"]), (&json!("end_turn"), &Value::Null), "{said}");
        // Which packages there are is looked up by our own few lines; nothing else is ever started.
        let started = std::fs::read_to_string(&mark).unwrap_or_default();
        assert!(started.lines().all(|line| line == "-I -c"), "{arguments:?}: {started}");
        assert!(!folder.path().join(".rationale/runs").exists(), "{arguments:?}");
        // The model is told that there is no such tool.
        let requests = server.requests();
        let last = requests.last().unwrap();
        assert!(last.contains("\"is_error\":true") && last.contains("toolu_1"), "{last}");
    }
}

/// 17: a score that no output holds is named as not checked, in the JSON and beside the answer; one that was given is not.
#[test]
fn p17_a_number_that_nothing_computed_is_named() {
    let said = "not checked: no output holds 0.9731, which the answer states as a result";
    let text = "## Answer\n\nThe model reaches a balanced accuracy of 0.9731 on these rows. There are 344 of them.\n";
    let ask = |text: &str, problem: &str| {
        let (folder, _server) = folder(vec![words(text)]);
        let arguments = ["ask", "ask", "penguins.csv", "--problem", problem, "--json"];
        json(&bare_program(folder.path()).args(arguments).output().unwrap())
    };
    let warnings = |answer: &Value| {
        let all = answer["warnings"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
        all.into_iter()
            .filter(|warning| warning.as_str().is_some_and(|text| text.starts_with("not checked")))
            .collect::<Vec<_>>()
    };
    assert_eq!(warnings(&ask(text, "how good is it?")), [json!(said)]);
    assert_eq!(warnings(&ask(text, "my run gave 0.97312; what does it mean?")), Vec::<Value>::new());
    // On the screen it stands on the card of the answer.
    let mut bench = answered(160, 48, Task::Explore, text);
    bench.model.review.warnings.push(said.into());
    bench.model.review.version += 1;
    assert!(bench.screen().contains("no output holds 0.9731"), "{}", bench.screen());
}

/// 15: what is not known is null: the use of an answer, its price, a verdict, the number of a witness, a score.
#[test]
fn p15_what_is_unknown_is_null() {
    let usage = rationale::json::usage(&rationale::domain::turn::Usage::default());
    let all = usage.as_object().unwrap();
    assert!(!all.is_empty() && all.values().all(Value::is_null), "{usage}");
    let verdict = serde_json::to_value(Verdict::not_checked("nothing to compare with", 0)).unwrap();
    for name in ["against", "mean_difference", "interval", "p_value", "p_adjusted", "adjusted_interval", "noise_floor"]
    {
        assert_eq!(verdict[name], Value::Null, "{name}");
    }
    // What a witness or a part leaves out is nothing, not zero and not one.
    let witness: Witness = serde_json::from_str(r#"{"id":"too-good","statistic":{"name":"roc_auc"}}"#).unwrap();
    assert_eq!(witness.statistic, Some(Statistic { name: "roc_auc".into(), value: None, threshold: None }));
    let outcome = serde_json::to_value(Outcome::empty(Status::Failed, SafeText::default())).unwrap();
    for name in ["peak_memory_bytes", "predicted_s", "cpu_s", "disk_bytes", "gpu_bytes", "line"] {
        assert_eq!(outcome[name], Value::Null, "{name}");
    }
    // A server that does not say what it used: the price is unknown.
    let mut silent = crate::harness::asked(crate::harness::ANSWER, rationale::domain::turn::StopReason::EndTurn);
    (silent.cost_usd, silent.turn.usage) = (None, rationale::domain::turn::Usage::default());
    let shape = rationale::json::ask(
        &crate::harness::question(),
        &silent,
        rationale::domain::experiment::Decision::Pending,
        None,
    );
    assert_eq!((&shape["cost_usd"], &shape["usage"]["output_tokens"]), (&Value::Null, &Value::Null));
}

/// 14: days that can be read in two ways stay text and are asked about; one value that tells is enough.
#[test]
fn p14_days_that_can_be_read_in_two_ways_are_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    let profile = |rows: &dyn Fn(u32) -> String| {
        let body: String = (0..60).map(|n| format!("{},{},{}\n", n * 7 % 13, rows(n), n % 2)).collect();
        std::fs::write(folder.path().join("days.csv"), format!("x,when,y\n{body}")).unwrap();
        let output =
            bare_program(folder.path()).args(["profile", "days.csv", "--target", "y", "--json"]).output().unwrap();
        let shown = json(&output);
        let all = shown["warnings"].as_array().unwrap();
        let warning = all.iter().find(|warning| warning["id"] == "ambiguous-dates").cloned();
        let column =
            shown["columns"].as_array().unwrap().iter().find(|column| column["name"] == "when").unwrap().clone();
        (warning, column)
    };
    let (warning, column) = profile(&|n| format!("{:02}/{:02}/20{:02}", n % 6 + 1, n % 5 + 1, n % 3 + 20));
    let said = warning.expect("it is asked")["message"].as_str().unwrap().to_owned();
    assert!(said.contains("does the day come first or the month? no value tells"), "{said}");
    assert!(column["min"].as_str().unwrap().contains('/'), "it is not read in either way: {column}");
    assert_eq!(profile(&|n| format!("{:02}/{:02}/2024", n % 28 + 1, n % 11 + 1)).0, None, "28/01 tells");
    let (both, _) = profile(&|n| if n == 7 { "13/01/2024".into() } else { format!("01/{:02}/2024", n % 28 + 1) });
    assert!(both.unwrap()["message"].as_str().unwrap().contains("its values tell both ways"));
    // The offline analyst asks it.
    profile(&|n| format!("{:02}/{:02}/20{:02}", n % 6 + 1, n % 5 + 1, n % 3 + 20));
    let output = bare_program(folder.path()).args(["ask", "explore", "days.csv", "--target", "y"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("In `when`, does the day come first or the month?"), "{text}");
}

/// 14: a large file is read from its first row to its last, and rows that repeat are counted, not dropped.
#[test]
fn p14_both_ends_of_a_large_file_are_read_and_equal_rows_stay() {
    let folder = tempfile::tempdir().unwrap();
    let n = 300_000;
    let mut text = String::from("x,word,y\n-777,first,1\n");
    (0..n).for_each(|row| text.push_str(&format!("{},middle,{}\n", row % 50, row % 2)));
    text.push_str("999,last,0\n");
    std::fs::write(folder.path().join("long.csv"), text).unwrap();
    let output = bare_program(folder.path()).args(["profile", "long.csv", "--target", "y", "--json"]).output().unwrap();
    let shown = json(&output);
    let columns = shown["columns"].as_array().unwrap();
    assert_eq!((&shown["source"]["n_rows"], &shown["source"]["sampling"]), (&json!(n + 2), &Value::Null));
    assert_eq!((&columns[0]["min"], &columns[0]["max"]), (&json!(-777), &json!(999)));
    assert_eq!((&columns[1]["n_distinct"], &columns[1]["min"]), (&json!(3), &json!("first")), "{}", columns[1]);
    let repeated =
        shown["warnings"].as_array().unwrap().iter().find(|warning| warning["id"] == "duplicate-rows").unwrap();
    assert!(repeated["message"].as_str().unwrap().starts_with("299,950 rows repeat an earlier row"), "{repeated}");
}

/// 9: code that can't be read is told so before it runs; the rules that look for leaks do not call it clean.
#[test]
fn p09_code_that_can_not_be_read_is_not_called_clean() {
    let text =
        "## Hypothesis\n\nx\n\n## Expected effect\n\nUp.\n\n```python path=model.py\ndef build(:\n    return 1\n```\n";
    let mut bench = answered(160, 48, Task::Train, text);
    let notes = &bench.model.review.files[0].notes;
    assert!(!notes.is_empty(), "{}", bench.screen());
    let screen = bench.screen();
    assert!(screen.contains(notes_text(&bench).as_str()) && !screen.contains("clean"), "{screen}");
}

fn notes_text(bench: &Harness) -> String {
    bench.model.review.files[0].notes[0].text.as_str().chars().take(30).collect()
}
