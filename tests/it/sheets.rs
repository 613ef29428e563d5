//! Forms, answers in their parts, stages: what a person can do with each, by keys.

use rationale::app::effect::Job;
use rationale::app::msg::{JobEvent, Msg};
use rationale::app::overlay::Overlay;
use rationale::domain::experiment::{Decision, Event, Stamped};
use rationale::domain::findings::{Check, Findings, Part, Standing};
use rationale::domain::question::Asked;
use rationale::domain::run::{FileKind, Outcome, Status};
use rationale::domain::suggestion;
use rationale::domain::task::Task;
use rationale::domain::turn::StopReason;
use rationale::domain::verdict::Label;
use rationale::text::{RawText, SafeText};

use crate::harness::{Harness, question, turn};

pub const CLEAN: &str = "## Hypothesis\n\nOne spelling helps.\n\n## Expected effect\n\nA little.\n\n```python path=clean.py\ndef trim(frame):\n    \"\"\"Cuts spaces. Reason: one thing, two spellings. Risk: none.\"\"\"\n    return frame\n\n\ndef cap(frame):\n    \"\"\"Caps tails. Reason: a few rows bend a line. Risk: extremes.\"\"\"\n    return frame\n\n\nSTEPS = [trim, cap]\n```\n";

/// Asks for a task of the menu and gets this answer.
pub fn answered(columns: u16, rows: u16, task: Task, answer: &str) -> Harness {
    let mut bench = Harness::framed(columns, rows);
    let asked = experiment(&mut bench, task);
    bench.keys("t g");
    let at = Task::ALL.iter().position(|other| *other == task).unwrap();
    (0..at).for_each(|_| bench.keys("down"));
    bench.keys("enter");
    if task == Task::Modernise {
        bench.type_text("old.py");
    }
    bench.keys("enter");
    let mut question = question();
    question.prompt.task = task;
    bench.report(JobEvent::Priced(Box::new(question)));
    bench.keys("enter");
    bench.send(Msg::Recorded(Box::new(asked)));
    let turn = turn(answer, StopReason::EndTurn);
    let suggestion = suggestion::parse(task, &turn);
    bench.report(JobEvent::Answered(Box::new(Asked {
        experiment: "e3".into(),
        turn,
        suggestion,
        cost_usd: Some(0.0),
        broken: None,
    })));
    bench
}

fn experiment(bench: &mut Harness, task: Task) -> Stamped {
    let data = bench.model.history.data.clone();
    let event = Event::Brought {
        experiment: "e3".into(),
        task: task.id().into(),
        data,
        frame: String::new(),
        hypothesis: RawText::new("h"),
        files: Vec::new(),
    };
    Stamped { seq: 1, at: "2026-11-24T10:00:00Z".into(), event }
}

/// The run of what is under review found this out.
fn found(bench: &mut Harness, findings: Findings) {
    let framing = bench.model.framing.framing.clone().unwrap();
    let spec = serde_json::json!({
        "run_id": "r3", "experiment": "e3", "data": "penguins.csv", "data_hash": "d", "framing": framing, "kind": "clean",
        "entry": "clean.py", "code_hash": "c", "evaluator_hash": "v",
        "python": {"program": "python", "version": "3.11", "read": [], "packages": {}},
        "limits": {"wall_s": 1, "memory_bytes": 1, "output_bytes": 1, "file_bytes": 1, "n_jobs": 1},
        "level": "standard", "created_at": "2026-11-24T10:00:00Z",
    });
    let spec = serde_json::from_value(spec).unwrap();
    let outcome = Outcome { reason: None, findings, ..Outcome::empty(Status::Finished, SafeText::default()) };
    let verdict = rationale::domain::verdict::Verdict::not_checked("it is the first run", 0);
    for event in [
        Event::RunStarted { experiment: "e3".into(), spec: Box::new(spec) },
        Event::RunFinished {
            experiment: "e3".into(),
            run_id: "r3".into(),
            outcome: Box::new(outcome),
            verdict: Box::new(verdict),
        },
    ] {
        bench.send(Msg::Recorded(Box::new(Stamped { seq: 2, at: "2026-11-24T10:01:00Z".into(), event })));
    }
}

#[test]
fn a_form_takes_proposals_choices_words_and_sends_what_it_says() {
    let mut bench = Harness::framed(100, 30);
    bench.keys("t g down down enter"); // clean
    bench.keys("right down");
    bench.type_text("keep ages");
    bench.keys("down down");
    bench.type_text("be brief");
    bench.keys("enter");
    let Some(Job::Price { task, wish, .. }) = bench.last_job() else { panic!("no question") };
    assert_eq!((task, wish.request.as_str()), (Task::Clean, "be brief"));
    let told = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(wish.settings, [told("strategy", "aggressive"), told("knowledge", "keep ages")]);
}

#[test]
fn a_proposal_is_sent_only_when_it_was_taken() {
    let mut bench = Harness::framed(100, 30);
    let to_search = "t g down down down down down down down down enter";
    bench.keys(to_search);
    assert!(bench.screen().contains("→ takes: 2m"), "{}", bench.screen());
    bench.keys("enter");
    assert!(matches!(bench.last_job(), Some(Job::Price { task: Task::Search, wish, .. }) if wish.settings.is_empty()));
    bench.keys("esc");
    bench.keys(to_search);
    bench.keys("right enter");
    let Some(Job::Price { wish, .. }) = bench.last_job() else { panic!("no question") };
    assert_eq!(wish.settings, [("budget".to_owned(), "2m".to_owned())]);
}

#[test]
fn old_code_and_a_question_have_to_be_named() {
    let mut bench = Harness::framed(100, 30);
    bench.keys("t G up enter enter");
    assert!(bench.screen().contains("name the file with the old code first"), "{}", bench.screen());
    assert!(!bench.jobs().iter().any(|(_, job)| matches!(job, Job::Price { .. })));
    bench.keys("esc t G enter enter");
    assert!(bench.screen().contains("write the question first"));
}

#[test]
fn pasted_curves_go_into_their_line_whole() {
    let mut bench = Harness::framed(100, 30);
    bench.keys("t G up up up up enter down");
    bench.send(Msg::Paste("epoch,loss\n1,0.5\n2,0.4\n".into()));
    bench.keys("down");
    assert!(bench.screen().contains("3 lines"), "{}", bench.screen());
    bench.keys("enter");
    let Some(Job::Price { task, wish, .. }) = bench.last_job() else { panic!("no question") };
    assert_eq!(task, Task::Debug);
    assert_eq!(wish.setting("curves"), Some("epoch,loss\n1,0.5\n2,0.4"));
}

#[test]
fn steps_are_left_out_moved_edited_and_what_is_accepted_is_the_changed_code() {
    let mut bench = answered(100, 30, Task::Clean, CLEAN);
    let screen = bench.screen();
    assert!(
        screen.contains("cleaning stack · undecided") && screen.contains("● trim") || screen.contains("trim"),
        "{screen}"
    );
    assert!(screen.contains("Reason: one thing, two spellings."), "{screen}");
    bench.keys("J a");
    let Some(Job::Decide { decision, files, .. }) = bench.last_job() else { panic!("no decision") };
    assert_eq!(decision, Decision::Edited);
    assert!(files[0].code.expose().contains("STEPS = [cap, trim]"), "{}", files[0].code.expose());

    let mut bench = answered(100, 30, Task::Clean, CLEAN);
    bench.keys("down enter");
    assert!(bench.screen().contains("left out"), "{}", bench.screen());
    bench.keys("a");
    let Some(Job::Decide { files, .. }) = bench.last_job() else { panic!("no decision") };
    assert!(files[0].code.expose().contains("STEPS = [trim]") && files[0].code.expose().contains("def cap"));

    let mut bench = answered(100, 30, Task::Clean, CLEAN);
    bench.keys("down e");
    bench.type_text("#");
    bench.keys("esc a");
    let Some(Job::Decide { files, .. }) = bench.last_job() else { panic!("no decision") };
    assert!(files[0].code.expose().contains("#def cap(frame):"), "the cursor stood at the step");
}

#[test]
fn what_was_measured_stands_beside_each_step_and_a_step_can_be_dropped_after_it() {
    let mut bench = answered(160, 48, Task::Clean, CLEAN);
    bench.keys("a");
    bench.report(JobEvent::Decided);
    let part = Part {
        name: "trim".into(),
        kind: "step".into(),
        n_rows: Some(12),
        n_cells: Some(14),
        difference: Some(-0.02),
        interval: Some((-0.03, -0.01)),
        label: Some(Label::Worse),
        ..Part::default()
    };
    found(&mut bench, Findings { parts: vec![part], ..Findings::default() });
    let screen = bench.screen();
    assert!(screen.contains("▼ −.020 [−.030, −.010]") && screen.contains("worse · touches"), "{screen}");
    assert!(screen.contains("touches 12 rows and 14 cells"), "{screen}");
    bench.keys("enter x");
    assert!(bench.screen().contains("accept it first"), "another stack needs another decision: {}", bench.screen());
}

pub const CHECKLIST: &str = "## Hypothesis\n\nReady.\n\n```markdown path=checklist.md\n## Use\n- [ ] It loads (computed: serialises)\n- [ ] Somebody is on call\n```\n";

#[test]
fn an_item_is_ticked_with_a_note_and_the_tick_taken_back() {
    let mut bench = answered(100, 30, Task::Production, CHECKLIST);
    assert!(bench.screen().contains("○  Somebody is on call"), "{}", bench.screen());
    bench.keys("enter");
    bench.type_text("Ada, 24 h");
    bench.keys("enter");
    let tick = |done: bool, note: &str| Job::Tick {
        experiment: "e3".into(),
        item: "Somebody is on call".into(),
        done,
        note: note.into(),
    };
    assert_eq!(bench.last_job(), Some(tick(true, "Ada, 24 h")));
    let event = Event::Ticked {
        experiment: "e3".into(),
        item: "Somebody is on call".into(),
        done: true,
        note: "Ada, 24 h".into(),
    };
    bench.send(Msg::Recorded(Box::new(Stamped { seq: 3, at: "now".into(), event })));
    let screen = bench.screen();
    assert!(screen.contains("✓  Somebody is on call") && screen.contains("Ada, 24 h"), "{screen}");
    bench.keys("enter");
    assert_eq!(bench.last_job(), Some(tick(false, "")));
}

pub const CAUSES: &str = "## Cause 1: steps too large\n\n**Evidence**: loss rises\n\n**Check**: scale (`check_1.py`)\n\n**Fix**: smaller steps\n\n## Hypothesis\n\nSteps.\n\n```python path=check_1.py\nprint('scale: 3')\n```\n\n```python path=model.py\ndef build():\n    return None\n```\n";

#[test]
fn a_check_of_a_cause_runs_with_one_key_and_the_fix_is_shown() {
    let mut bench = answered(100, 30, Task::Debug, CAUSES);
    let screen = bench.screen();
    assert!(screen.contains("1  steps too large") && screen.contains("Evidence: loss rises"), "{screen}");
    bench.keys("enter");
    assert!(bench.screen().contains("accept the answer first: a"));
    bench.keys("a");
    bench.report(JobEvent::Decided);
    bench.keys("enter");
    let Some(Job::Run { files, .. }) = bench.last_job() else { panic!("no run") };
    assert_eq!((files[0].path.as_str(), files[0].kind), ("check_1.py", FileKind::Script));
    assert_eq!(files.len(), 2);
}

#[test]
fn a_difference_between_old_code_and_new_is_accepted_in_writing_or_not_at_all() {
    let answer = "## Hypothesis\n\nSame.\n\n```python path=modern.py\ndef main(data):\n    return {}\n```\n\n```markdown path=specification.md\n# What it does\n```\n";
    let mut bench = answered(100, 30, Task::Modernise, answer);
    let check = Check::new("acc", Standing::Fail, "1 of 1 values differ");
    found(&mut bench, Findings { checks: vec![check], ..Findings::default() });
    bench.keys("a");
    bench.report(JobEvent::Decided);
    assert!(bench.screen().contains("old and new · approved, outputs differ"), "{}", bench.screen());
    bench.keys("g down enter");
    assert!(matches!(bench.model.overlay, Some(Overlay::Note { needs_note: true, .. })), "{:?}", bench.model.overlay);
    bench.keys("enter");
    assert!(bench.screen().contains("write why the difference is right"));
    bench.type_text("the old one rounds");
    bench.keys("enter");
    assert!(
        matches!(bench.last_job(), Some(Job::Tick { item, note, done: true, .. }) if item == "difference in acc" && note == "the old one rounds")
    );
    let event = Event::Ticked {
        experiment: "e3".into(),
        item: "difference in acc".into(),
        done: true,
        note: "the old one rounds".into(),
    };
    bench.send(Msg::Recorded(Box::new(Stamped { seq: 3, at: "now".into(), event })));
    assert!(bench.screen().contains("old and new · accepted"), "{}", bench.screen());
}

#[test]
fn a_line_of_a_plan_opens_the_form_of_its_task_with_its_words() {
    let plan = "## Problem\n\nx\n\n## Architecture\n\nx\n\n## Data pipeline\n\nx\n\n## Model\n\nx\n\n## Evaluation\n\nx\n\n## Experiments\n\n1. Baselines first\n2. Features, each measured alone\n\n```python path=model.py\ndef build(): ...\n```\n```markdown path=README.md\n# x\n```\n## Hypothesis\n\nh\n";
    let mut bench = answered(100, 30, Task::Design, plan);
    bench.keys("down enter");
    let Some(Overlay::Form { form }) = &bench.model.overlay else { panic!("no form") };
    assert_eq!(form.task, Task::Features);
    assert_eq!(form.wish().unwrap().request, "Features, each measured alone");
}

#[test]
fn what_was_missing_is_said_and_asked_for_again() {
    let mut bench = answered(100, 30, Task::Features, "I would look at the ages.");
    let screen = bench.screen();
    assert!(screen.contains("there is no features.py in the answer") && screen.contains("R asks again"), "{screen}");
    bench.keys("R");
    let Some(Job::Price { wish, follows, .. }) = bench.last_job() else { panic!("no question") };
    assert!(wish.request.contains("there is no features.py in the answer"), "{}", wish.request);
    assert_eq!(follows.unwrap().0, "e3");
}

#[test]
fn code_that_is_not_what_was_asked_for_cannot_be_accepted() {
    let answer = "## Hypothesis\n\nh\n\n```python path=features.py\nx = 1\n```\n";
    let mut bench = answered(100, 30, Task::Features, answer);
    bench.keys("a");
    assert!(
        bench.screen().contains("it can't be accepted: features.py defines no list FEATURES"),
        "{}",
        bench.screen()
    );
    assert!(!bench.jobs().iter().any(|(_, job)| matches!(job, Job::Decide { .. })));
}

#[test]
fn the_stages_say_what_is_missing_and_lead_there() {
    let mut bench = Harness::framed(100, 30);
    bench.keys("S");
    let screen = bench.screen();
    assert!(screen.contains("● explore") && screen.contains("no assessment of the data was accepted yet"), "{screen}");
    bench.keys("down enter");
    let Some(Overlay::Form { form }) = &bench.model.overlay else { panic!("no form") };
    assert_eq!(form.task, Task::Features, "any stage, in any order");
}

#[test]
fn an_experiment_of_the_history_comes_back_under_review_as_it_was_decided() {
    let mut bench = Harness::framed(160, 48);
    let asked = experiment(&mut bench, Task::Production);
    bench.send(Msg::Recorded(Box::new(asked)));
    let list = suggestion::parse(Task::Production, &turn(CHECKLIST, StopReason::EndTurn)).files;
    let event = Event::Decided {
        experiment: "e3".into(),
        decision: Decision::Accepted,
        reason: None,
        files: list,
        hunks: Vec::new(),
    };
    bench.send(Msg::Recorded(Box::new(Stamped { seq: 2, at: "now".into(), event })));
    bench.keys("4 b");
    let screen = bench.screen();
    assert!(screen.contains("checklist · accepted") && screen.contains("Somebody is on call"), "{screen}");
    bench.keys("enter");
    assert!(matches!(bench.model.overlay, Some(Overlay::Note { .. })));
}

/// An experiment with a finished run of that kind, which scored so much and was about that run.
pub fn ran(id: u32, task: &str, kind: &str, score: Option<f64>, about: Option<u32>) -> Vec<Event> {
    let (name, run_id) = (format!("e{id}"), format!("r{id}"));
    let framing = crate::harness::penguins().3.framing;
    let subject = about.map(|about| {
        serde_json::json!({"experiment": format!("e{about}"), "title": "t", "run_id": format!("r{about}"), "kind": "model",
            "entry": "model.py", "code_hash": "c"})
    });
    let spec = serde_json::json!({
        "run_id": run_id, "experiment": name, "data": "penguins.csv", "data_hash": "d", "framing": framing, "kind": kind,
        "entry": "x.py", "code_hash": "c", "evaluator_hash": "v", "subject": subject,
        "python": {"program": "python", "version": "3.11", "read": [], "packages": {}},
        "limits": {"wall_s": 1, "memory_bytes": 1, "output_bytes": 1, "file_bytes": 1, "n_jobs": 1},
        "level": "standard", "created_at": "now",
    });
    let mut outcome = Outcome { reason: None, ..Outcome::empty(Status::Finished, SafeText::default()) };
    if let Some(score) = score {
        let metrics = [(framing.metric.name().to_owned(), Some(score))].into();
        outcome.folds = (0..5)
            .map(|fold| rationale::domain::run::Fold {
                fold,
                n_train: 80,
                n_valid: 20,
                metrics: std::collections::BTreeMap::clone(&metrics),
                fit_s: None,
                predict_s: None,
            })
            .collect();
    }
    if kind == "features" {
        let part = |label| Part { name: "f".into(), kind: "feature".into(), label: Some(label), ..Part::default() };
        outcome.findings.parts = vec![part(Label::Better), part(Label::NotDistinguishable)];
    }
    let verdict = rationale::domain::verdict::Verdict::not_checked("x", 0);
    let (spec, outcome, verdict) =
        (Box::new(serde_json::from_value(spec).unwrap()), Box::new(outcome), Box::new(verdict));
    vec![
        Event::Brought {
            experiment: name.clone(),
            task: task.into(),
            data: "penguins.csv".into(),
            frame: framing.fingerprint(),
            hypothesis: RawText::new("h"),
            files: Vec::new(),
        },
        Event::RunStarted { experiment: name.clone(), spec },
        Event::RunFinished { experiment: name, run_id, outcome, verdict },
    ]
}

#[test]
fn stages_move_on_with_what_the_history_shows_and_back_when_another_run_is_best() {
    use rationale::domain::experiment::History;
    use rationale::domain::flow;

    let frame = crate::harness::penguins().3.framing.fingerprint();
    let told = |events: &[Event]| {
        let mut history = History::default();
        for (seq, event) in events.iter().enumerate() {
            history.apply(&Stamped { seq: seq as u64, at: "now".into(), event: event.clone() });
        }
        let stages = flow::stages(&history, "penguins.csv", Some(&frame));
        stages.into_iter().map(|stage| (stage.is_done, stage.said)).collect::<Vec<_>>()
    };
    let mut events = ran(1, "baseline", "model", Some(0.5), None);
    let at_first = told(&events);
    assert_eq!(at_first[1], (false, "no feature has been measured on these folds".into()));
    assert_eq!(at_first[2], (false, "no model has been run yet".into()));
    events.extend(ran(2, "features", "features", Some(0.5), None));
    events.extend(ran(3, "train", "model", Some(0.5), None));
    let then = told(&events);
    assert_eq!(then[1], (true, "e2: 1 of 2 features helped beyond the noise".into()));
    assert_eq!(then[2], (false, "none of 1 attempt is better than the baseline beyond the noise".into()));
    events.extend(ran(4, "next", "model", Some(0.5), None));
    events.extend(ran(5, "search", "search", Some(0.5), None));
    assert_eq!(told(&events)[2], (true, "e1 stands: none of 3 attempts is better beyond the noise".into()));
    events.extend(ran(6, "evaluate", "evaluation", None, Some(3)));
    assert_eq!(told(&events)[3], (false, "e6 is about e3, but the best is e1".into()));
    events.extend(ran(7, "evaluate", "evaluation", None, Some(1)));
    assert_eq!(told(&events)[3], (true, "e7 reports on the best run".into()));
    assert_eq!(told(&events)[4], (false, "there is no checklist for the best run".into()));
    // Under another question nothing of it counts.
    let mut history = History::default();
    for (seq, event) in events.iter().enumerate() {
        history.apply(&Stamped { seq: seq as u64, at: "now".into(), event: event.clone() });
    }
    assert!(flow::stages(&history, "penguins.csv", Some("another")).iter().all(|stage| !stage.is_done));
}
