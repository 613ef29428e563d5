//! The offline analyst on data that nobody prepared for it: what it writes is whole, valid and about this data.

use std::path::{Path, PathBuf};

use rationale::analyst;
use rationale::domain::framing::Privacy;
use rationale::domain::pynotes;
use rationale::domain::suggestion::{self, Suggestion};
use rationale::domain::task::Task;
use rationale::domain::turn::StopReason;

use crate::harness::{repository, turn};
use crate::prompts::rendered;

fn suggest(path: &Path, target: &str, task: Task, history: &[String]) -> (String, Suggestion) {
    let prompt = rendered(path, target, task, Privacy::Statistics, history);
    let answer = analyst::answer(&prompt.text());
    (answer.thinking, suggestion::parse(task, &turn(&answer.text, StopReason::EndTurn)))
}

/// Tables of every kind: with text, with groups, with an order in time, small, with one column.
fn tables(folder: &Path) -> Vec<(PathBuf, &'static str)> {
    let assets = repository().join("assets");
    let mut all = vec![
        (assets.join("churn.csv"), "churned"),
        (assets.join("penguins.csv"), "species"),
        (assets.join("penguins.csv"), "body_mass_g"),
    ];
    let mut add = |name: &str, target, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        all.push((path, target));
    };
    let words = ["late delivery", "very good quality", "broken on arrival", "would buy again and again"];
    let mut text = String::from("review,stars,patient_id,day,liked\n");
    for row in 0..240usize {
        text.push_str(&format!(
            "\"{} number {row} and some more words to read\",{},{},2026-{:02}-{:02},{}\n",
            words[row % 4],
            row % 5,
            row / 6,
            row / 28 % 12 + 1,
            row % 28 + 1,
            if row % 4 == 1 || row % 4 == 3 { "yes" } else { "no" }
        ));
    }
    add("reviews.csv", "liked", text);
    let mut text = String::from("date,load,temperature,\"wind \"\"speed\"\"\"\n");
    for row in 0..300usize {
        text.push_str(&format!(
            "2025-{:02}-{:02},{}.5,{},{}\n",
            row / 28 % 12 + 1,
            row % 28 + 1,
            100 + row % 37,
            row % 23,
            row % 11
        ));
    }
    add("load.csv", "load", text);
    add("tiny.csv", "y", (0..24).fold("x,y\n".to_owned(), |text, row| format!("{text}{},{}\n", row * row, row % 2)));
    all
}

#[test]
fn every_task_gives_whole_code_for_every_table() {
    let folder = tempfile::tempdir().unwrap();
    for (path, target) in tables(folder.path()) {
        for task in Task::ALL {
            let (thinking, suggestion) = suggest(&path, target, task, &[]);
            let place = format!("{} {target} {}", path.display(), task.id());
            assert_eq!(suggestion.warnings, Vec::new(), "{place}");
            assert!(suggestion.is_whole && !thinking.is_empty(), "{place}");
            if let Some((name, _)) = task.file().filter(|_| !suggestion.proposes_nothing) {
                let file = suggestion.main_file().unwrap_or_else(|| panic!("{place} has no file"));
                assert_eq!(file.path, name, "{place}");
                assert!(suggestion.hypothesis.is_some() && suggestion.expected_effect.is_some(), "{place}");
                let mut installed: std::collections::BTreeSet<String> =
                    ["pandas", "numpy", "scikit-learn"].map(ToOwned::to_owned).into();
                installed.extend(
                    suggestion.files.iter().filter_map(|file| file.path.strip_suffix(".py").map(ToOwned::to_owned)),
                );
                let notes = pynotes::notes(file.code.expose(), file.kind, &installed);
                let said: Vec<&str> = notes.iter().map(|note| note.text.as_str()).collect();
                if suggestion::is_python(name) {
                    assert_eq!(said, ["parses · meets the contract"], "{place}:\n{}", file.code.expose());
                }
            }
        }
    }
}

#[test]
fn where_nothing_is_wrong_it_says_so() {
    let (_, suggestion) = suggest(&repository().join("assets/penguins.csv"), "species", Task::Clean, &[]);
    assert!(suggestion.proposes_nothing && suggestion.text.expose().starts_with("## Nothing to repair"));
    let (_, suggestion) = suggest(&repository().join("assets/churn.csv"), "churned", Task::Clean, &[]);
    assert!(!suggestion.proposes_nothing);
}

#[test]
fn it_reasons_column_by_column_and_says_what_it_is() {
    let (thinking, _) = suggest(&repository().join("assets/churn.csv"), "churned", Task::Explore, &[]);
    let header = std::fs::read_to_string(repository().join("assets/churn.csv")).unwrap();
    for name in header.lines().next().unwrap().split(',').filter(|name| *name != "churned") {
        assert!(thinking.contains(name), "{name} is not thought about:\n{thinking}");
    }
    assert!(thinking.contains("rules"), "{thinking}");
    let free = analyst::answer("What is the meaning of life?");
    assert!(free.thinking.contains("not a language model") && free.text.contains("explore, design, clean, label"));
}

#[test]
fn what_was_tried_is_not_proposed_again() {
    let path = repository().join("assets/churn.csv");
    let mut history: Vec<String> = Vec::new();
    let mut seen = Vec::new();
    for n in 1..=6 {
        let (_, suggestion) = suggest(&path, "churned", Task::Next, &history);
        let file = suggestion.main_file().unwrap();
        assert!(!seen.contains(&file.code), "proposal {n} came before");
        seen.push(file.code.clone());
        let estimators = pynotes::estimators(file.code.expose());
        history.push(
            serde_json::json!({
                "id": format!("e{n}"), "task": "next", "uses": estimators,
                "hypothesis": suggestion.hypothesis.as_ref().map(rationale::text::RawText::expose),
                "metric": "roc_auc", "mean": 0.7, "verdict": "not distinguishable",
            })
            .to_string(),
        );
    }
}

#[test]
fn features_that_helped_are_carried_into_the_next_model() {
    let path = repository().join("assets/churn.csv");
    let (_, features) = suggest(&path, "churned", Task::Features, &[]);
    let code = features.main_file().unwrap().code.expose().to_owned();
    let stack = rationale::domain::stack::read(&code).unwrap();
    let (first, last) = (stack.units.first().unwrap().name.clone(), stack.units.last().unwrap().name.clone());
    let part = |name: &str, label: &str| {
        serde_json::json!({"experiment": "e4", "part": name, "kind": "feature", "label": label}).to_string()
    };
    let lines = vec![
        part(&first, "better"),
        part(&last, "not distinguishable"),
        serde_json::json!({"experiment": "e4", "file": "features.py", "code": code}).to_string(),
    ];
    let history =
        [r#"{"id":"e3","task":"train","hypothesis":"x (rule: trees for mixed columns)","mean":0.7}"#.to_owned()];
    let prompt = crate::prompts::rendered_with(&path, "churned", Task::Next, &history, &[("parts", lines)]);
    let answer = analyst::answer(&prompt.text());
    let suggestion = suggestion::parse(Task::Next, &turn(&answer.text, StopReason::EndTurn));
    let file = suggestion.main_file().unwrap();
    assert!(file.code.expose().contains(&format!("KEPT = [{first}]\n")), "{}", file.code.expose());
    let installed = ["pandas", "numpy", "scikit-learn"].map(ToOwned::to_owned).into();
    let notes = pynotes::notes(file.code.expose(), file.kind, &installed);
    assert_eq!(notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>(), ["parses · meets the contract"]);
    assert!(suggestion.hypothesis.unwrap().expose().contains("which helped in e4"));
}

#[test]
fn no_score_is_claimed() {
    let folder = tempfile::tempdir().unwrap();
    for (path, target) in tables(folder.path()) {
        for task in [Task::Train, Task::Next] {
            let (_, suggestion) = suggest(&path, target, task, &[]);
            let expected = suggestion.expected_effect.unwrap().expose().to_owned();
            assert!(!expected.chars().any(|c| c.is_ascii_digit()), "{expected}");
        }
    }
}
