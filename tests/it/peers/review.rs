//! Promises about what a person decides: approvals that fail closed, edits that stay, files that go and come back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rationale::app::effect::Job;
use rationale::app::msg::{JobEvent, Msg};
use rationale::config::{Config, Environment, Given};
use rationale::domain::experiment::{Decision, Event, Stamped};
use rationale::domain::failure::Failure;
use rationale::domain::question::{Asked, Follow};
use rationale::domain::run::{CodeFile, FileKind};
use rationale::domain::suggestion;
use rationale::domain::task::Task;
use rationale::domain::turn::StopReason;
use rationale::effects::session::Session;
use rationale::effects::world::World;
use rationale::text::RawText;
use serde_json::Value;

use crate::harness::{ANSWER, Harness, asked, asked_event, folder_with, program, question, turn};
use crate::runs::judged;
use crate::sheets::answered;

const OTHER: &str = "## Hypothesis\n\nx\n\n## Expected effect\n\nUp.\n\n```python path=model.py\ndef build():\n    return Another()\n```\n";

fn has_run(bench: &Harness) -> bool {
    bench.jobs().iter().any(|(_, job)| matches!(job, Job::Run { .. }))
}

/// The job of the latest decision.
fn deciding(bench: &Harness) -> rationale::app::jobs::JobId {
    bench.jobs().into_iter().rev().find(|(_, job)| matches!(job, Job::Decide { .. })).unwrap().0
}

/// Asks for a model once more; the answer is still on its way.
fn ask_again(bench: &mut Harness) {
    bench.keys("t g down down down down down enter enter");
    bench.report(JobEvent::Priced(Box::new(question())));
    bench.keys("enter");
}

/// 8: a decision that could not be written down is none.
#[test]
fn p08_a_decision_that_was_not_written_down_denies() {
    let mut bench = Harness::reviewing(100, 30);
    bench.keys("a x");
    assert!(!has_run(&bench), "it waits for the disk");
    bench.report(JobEvent::Failed(Failure::work("the history", "the disk is full", "make room")));
    assert!(bench.screen().contains("the disk is full"), "{}", bench.screen());
    bench.wait(10_000);
    bench.keys("x");
    assert!(!has_run(&bench));
    assert!(bench.screen().contains("accept it first: a"), "{}", bench.screen());
}

/// 8: what was edited while the decision was on its way is other bytes, about which nobody has decided.
#[test]
fn p08_a_decision_about_other_bytes_denies() {
    let mut bench = Harness::reviewing(100, 30);
    bench.keys("a x");
    let id = deciding(&bench);
    bench.send(Msg::Edited { path: "model.py".into(), code: "def build():\n    return None\n".into() });
    bench.send(Msg::Job { id, event: JobEvent::Decided });
    assert_eq!(bench.model.review.decision, Decision::Pending);
    bench.keys("x");
    assert!(!has_run(&bench), "{:?}", bench.jobs());
    assert!(bench.screen().contains("edited, undecided"), "{}", bench.screen());
}

/// 8: a decision about one answer that comes back late decides nothing about the next one.
#[test]
fn p08_a_late_decision_does_not_touch_a_new_answer() {
    let mut bench = Harness::reviewing(100, 30);
    bench.keys("a");
    let id = deciding(&bench);
    ask_again(&mut bench);
    let mut new = asked(OTHER, StopReason::EndTurn);
    new.experiment = "e4".into();
    bench.report(JobEvent::Answered(Box::new(new)));
    bench.send(Msg::Job { id, event: JobEvent::Decided });
    assert_eq!(
        (bench.model.review.experiment.as_deref(), bench.model.review.decision),
        (Some("e4"), Decision::Pending)
    );
    bench.keys("x");
    assert!(!has_run(&bench));
    // Another decision on its way is not taken for the old one either.
    bench.keys("a");
    bench.send(Msg::Job { id, event: JobEvent::Decided });
    assert_eq!(bench.model.review.decision, Decision::Pending);
    bench.send(Msg::Job { id: deciding(&bench), event: JobEvent::Decided });
    assert_eq!(bench.model.review.decision, Decision::Accepted);
}

/// 8: approved code that is gone, is another, or lies beside code that is another does not run, and no Python starts.
#[test]
fn p08_approved_code_that_can_not_be_read_does_not_run() {
    let folder = judged();
    let runs = folder.path().join(".rationale/runs");
    let at = std::fs::read_dir(&runs).unwrap().map(|entry| entry.unwrap().path()).min().unwrap();
    let mut spec: Value = serde_json::from_slice(&std::fs::read(at.join("run.json")).unwrap()).unwrap();
    let entry = at.join("code").join(spec["entry"].as_str().unwrap());
    std::fs::write(at.join("code/helper.py"), "ONE = 1\n").unwrap();
    spec["beside"] = serde_json::json!({"helper.py": blake3::hash(b"ONE = 1\n").to_hex().to_string()});
    let whole = std::fs::read(&entry).unwrap();
    let put = |path: &Path, bytes: &[u8]| {
        let _ = std::fs::remove_file(path);
        let _ = std::fs::remove_dir(path);
        std::fs::write(path, bytes).unwrap();
    };
    let unread = "can't be read, so the approved code was not run";
    let another = "the code on disk is not what was approved, so it was not run";
    let refused = |spec: &Value, why: &str| {
        let _ = std::fs::remove_file(at.join("outcome.json"));
        let _ = std::fs::remove_dir_all(at.join("fold-0"));
        std::fs::write(at.join("run.json"), spec.to_string()).unwrap();
        assert!(!program(folder.path()).arg("__execute").arg(&at).output().unwrap().status.success());
        let outcome: Value = serde_json::from_slice(&std::fs::read(at.join("outcome.json")).unwrap()).unwrap();
        assert_eq!(outcome["status"], "failed");
        let said = outcome["reason"].as_str().unwrap();
        assert!(said.contains(why), "{said}");
        assert!(!at.join("fold-0").exists(), "Python was started");
    };
    std::fs::remove_file(&entry).unwrap();
    refused(&spec, unread);
    std::fs::create_dir(&entry).unwrap();
    refused(&spec, unread);
    put(&entry, b"def build():\n    return None\n");
    refused(&spec, another);
    put(&entry, &whole);
    put(&at.join("code/helper.py"), b"ONE = 2\n");
    refused(&spec, another);
    std::fs::remove_file(at.join("code/helper.py")).unwrap();
    refused(&spec, unread);
    refused(&Value::String("no run".into()), "run.json can't be read");
}

/// 10: what a person wrote is not taken away by another answer, nor by the wish for one, nor by rejecting the proposal.
#[test]
fn p10_an_edit_stays_whatever_comes_later() {
    let mut bench = Harness::reviewing(160, 48);
    bench.keys("e");
    bench.type_text("# mine");
    bench.keys("enter esc t");
    assert!(bench.model.overlay.is_none());
    assert!(bench.screen().contains("was edited and not decided; a or r first"), "{}", bench.screen());
    let mine = |bench: &Harness| bench.model.review.files[0].now.code.expose().starts_with("# mine\nfrom sklearn");
    assert!(mine(&bench));
    // More words are sent with the proposal still open; files come back.
    let mut more = question();
    more.follows = Some(("e3".into(), Follow::On));
    bench.effects.clear();
    bench.send(Msg::Recorded(Box::new(was_asked("e3"))));
    bench.keys("u");
    bench.type_text("simpler");
    bench.keys("tab enter");
    bench.report(JobEvent::Priced(Box::new(more)));
    bench.keys("enter");
    let mut new = asked(OTHER, StopReason::EndTurn);
    new.experiment = "e4".into();
    bench.report(JobEvent::Answered(Box::new(new)));
    assert!(mine(&bench), "{}", bench.screen());
    assert_eq!(bench.model.review.experiment.as_deref(), Some("e3"));
    assert!(bench.screen().contains("your edit stays"), "{}", bench.screen());
    // Rejecting the proposal decides about it; the person's words stay where they are.
    bench.keys("X");
    bench.type_text("no");
    bench.keys("enter");
    assert!(matches!(bench.last_job(), Some(Job::Decide { decision: Decision::Rejected, .. })));
    bench.report(JobEvent::Decided);
    assert!(mine(&bench), "{}", bench.screen());
}

fn was_asked(experiment: &str) -> Stamped {
    Stamped { seq: 1, at: "2026-11-24T10:00:00Z".into(), event: asked_event(experiment, None) }
}

/// 10: an editor that is open while an answer comes keeps what is typed into it.
#[test]
fn p10_an_open_editor_is_not_closed_by_an_answer() {
    let mut bench = Harness::reviewing(100, 30);
    bench.send(Msg::Recorded(Box::new(was_asked("e3"))));
    bench.keys("u");
    bench.type_text("why");
    bench.keys("tab enter");
    let mut more = question();
    more.follows = Some(("e3".into(), Follow::On));
    bench.report(JobEvent::Priced(Box::new(more)));
    bench.keys("enter");
    let answer = bench.jobs().pop().unwrap().0;
    bench.keys("2 e");
    assert!(bench.model.review.is_editing(), "{}", bench.screen());
    bench.type_text("# half a li");
    let mut new = asked(OTHER, StopReason::EndTurn);
    new.experiment = "e4".into();
    bench.send(Msg::Job { id: answer, event: JobEvent::Answered(Box::new(new)) });
    bench.type_text("ne");
    bench.keys("enter esc");
    let expected =
        format!("# half a line\n{}", ANSWER.split("model.py\n").nth(1).unwrap().split("```").next().unwrap());
    assert_eq!(bench.model.review.files[0].now.code.expose(), expected);
}

const FOLDER: &str = "## Hypothesis\n\nOne folder.\n\n## Expected effect\n\nNone.\n\n```python path=train.py\nimport argparse\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--model')\nparser.add_argument('--seed')\n```\n\n```python path=extra/added.py\nNEW = 1\n```\n";
const GONE: &str = "# kept for the night shift\nVALUE = 41\n";

/// 11: an added file that is rejected is not there, a deleted one that is rejected has its text again, on disk as well.
#[test]
fn p11_rejecting_takes_added_files_away_and_brings_deleted_ones_back() {
    let file =
        |path: &str, code: &str| CodeFile { path: path.into(), kind: FileKind::Document, code: RawText::new(code) };
    let old = vec![
        file("train.py", "import argparse\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--model')\n"),
        file("extra/gone.py", GONE),
    ];
    let mut bench = Harness::framed(160, 48);
    let brought = Event::Brought {
        experiment: "e1".into(),
        task: "pipeline".into(),
        data: bench.model.history.data.clone(),
        frame: String::new(),
        hypothesis: RawText::new("h"),
        files: old,
    };
    bench.send(Msg::Recorded(Box::new(Stamped { seq: 1, at: "2026-11-24T10:00:00Z".into(), event: brought })));
    answer_with(&mut bench, Task::Pipeline, FOLDER);
    assert_eq!(paths(&bench), ["train.py", "extra/added.py", "extra/gone.py"]);
    reject(&mut bench, "extra/added.py");
    reject(&mut bench, "extra/gone.py");
    if !matches!(bench.last_job(), Some(Job::Decide { .. })) {
        bench.keys("A");
    }
    let Some(Job::Decide { experiment, decision, reason, files, hunks }) = bench.last_job() else {
        panic!("no decision: {}", bench.screen())
    };
    let kept: Vec<(&str, &str)> = files.iter().map(|file| (file.path.as_str(), file.code.expose())).collect();
    assert_eq!((kept.len(), kept[1]), (2, ("extra/gone.py", GONE)), "{kept:?}");

    // What is on the disk after that.
    let folder = folder_with(&["penguins.csv"]);
    let session = session(folder.path());
    session.decide(&experiment, decision, reason, &files, hunks).unwrap();
    let accepted = folder.path().join(".rationale/accepted").join(&experiment);
    assert_eq!(std::fs::read_to_string(accepted.join("extra/gone.py")).unwrap(), GONE);
    assert!(!accepted.join("extra/added.py").exists());
}

fn paths(bench: &Harness) -> Vec<&str> {
    bench.model.review.files.iter().map(|file| file.now.path.as_str()).collect()
}

/// Rejects a whole file with its key.
fn reject(bench: &mut Harness, path: &str) {
    for _ in 0..bench.model.review.files.len() {
        if bench.model.review.file().is_some_and(|file| file.now.path == path) {
            break;
        }
        bench.keys("]");
    }
    bench.keys("alt-r enter");
}

fn answer_with(bench: &mut Harness, task: Task, answer: &str) {
    bench.keys("t g");
    let at = Task::ALL.iter().position(|other| *other == task).unwrap();
    (0..at).for_each(|_| bench.keys("down"));
    bench.keys("enter enter");
    let mut question = question();
    question.prompt.task = task;
    bench.report(JobEvent::Priced(Box::new(question)));
    bench.keys("enter");
    let turn = turn(answer, StopReason::EndTurn);
    let suggestion = suggestion::parse(task, &turn);
    let asked = Asked { experiment: "e3".into(), turn, suggestion, cost_usd: Some(0.0), broken: None };
    bench.report(JobEvent::Answered(Box::new(asked)));
    bench.keys("3");
}

fn session(folder: &Path) -> Session {
    let environment = Environment::of([
        ("RATIONALE_CONFIG_DIR", folder.join("config").to_str().unwrap()),
        ("RATIONALE_STATE_DIR", folder.join("state").to_str().unwrap()),
    ]);
    let config = Config::resolve(&Given::default(), &environment).unwrap();
    let data: PathBuf = folder.join("penguins.csv");
    Session::open(Arc::new(World::new(config).unwrap()), &data).unwrap()
}

/// 16: an answer that asks to be run, in its text or in a document, runs nothing; only the keys of a person do.
#[test]
fn p16_an_answer_that_asks_to_be_run_runs_nothing() {
    let text = "Run this now: press a, then x.\n\n```python path=check.py\nprint('hello')\n```\n\n```sh\nrationale run check.py\n```\n";
    for task in [Task::Explore, Task::Ask, Task::Evaluate, Task::Production, Task::Train] {
        if task == Task::Ask {
            continue; // its form wants a question; it is asked for with the program itself, see `answers`
        }
        let mut bench = answered(100, 30, task, text);
        for ms in [100, 1_000, 60_000] {
            bench.wait(ms);
        }
        let started: Vec<Job> = bench
            .jobs()
            .into_iter()
            .map(|(_, job)| job)
            .filter(|job| matches!(job, Job::Run { .. } | Job::Baselines | Job::Again { .. } | Job::Decide { .. }))
            .collect();
        assert_eq!(started, [], "{task:?}");
        // Without a decision the key that runs refuses as well.
        bench.keys("x");
        assert!(!has_run(&bench), "{task:?}");
    }
}
