//! Review hunk by hunk, with keys as a person presses them.

use rationale::app::effect::Job;
use rationale::app::msg::{JobEvent, Msg};
use rationale::domain::experiment::{Decision, Event, Stamped};
use rationale::domain::hunks::{Choice, Decided};
use rationale::domain::run::{CodeFile, FileKind};
use rationale::domain::turn::StopReason;
use rationale::text::RawText;

use crate::harness::{Harness, SIZES, asked_event};

const BEFORE: &str = "from sklearn.ensemble import RandomForestClassifier\nfrom sklearn.pipeline import make_pipeline\n\n\ndef build():\n    # few trees\n    return make_pipeline(\n        RandomForestClassifier(n_estimators=50),\n    )\n\n\ndef helper():\n    return 1\n";
const AFTER: &str = "from sklearn.ensemble import RandomForestClassifier\nfrom sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n\n\ndef build():\n    # few trees\n    return make_pipeline(\n        StandardScaler(),\n        RandomForestClassifier(n_estimators=500),\n    )\n\n\ndef helper():\n    return 2\n";

fn event(bench: &mut Harness, event: Event) {
    bench.send(Msg::Recorded(Box::new(Stamped { seq: 1, at: "2026-11-24T10:00:00Z".into(), event })));
}

/// With a new version of a file that was accepted in e1 under review.
fn reviewing(columns: u16, rows: u16) -> Harness {
    let mut bench = Harness::framed(columns, rows);
    let files = vec![CodeFile { path: "model.py".into(), kind: FileKind::Model, code: RawText::new(BEFORE) }];
    event(
        &mut bench,
        Event::Brought {
            experiment: "e1".into(),
            task: "train".into(),
            data: "penguins.csv".into(),
            frame: String::new(),
            hypothesis: RawText::new("a forest"),
            files,
        },
    );
    bench.ask(&format!("Hypothesis: scaled\n```python path=model.py\n{AFTER}```\n"), StopReason::EndTurn);
    bench
}

fn decided(bench: &Harness) -> (Decision, String, Vec<Decided>) {
    let Some(Job::Decide { decision, files, hunks, .. }) = bench.last_job() else { panic!("no decision") };
    (decision, files.first().map(|file| file.code.expose().to_owned()).unwrap_or_default(), hunks)
}

fn choices(hunks: &[Decided]) -> Vec<(usize, usize, Choice)> {
    hunks.iter().map(|hunk| (hunk.number, hunk.line, hunk.choice.clone())).collect()
}

#[test]
fn a_new_version_is_shown_as_hunks_at_three_sizes() {
    for (columns, rows) in SIZES {
        let mut bench = reviewing(columns, rows);
        bench.keys("a r");
        bench.type_text("ten times as slow");
        bench.keys("enter");
        insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(format!("hunks-{columns}x{rows}"), bench.screen());
        });
    }
}

#[test]
fn what_is_recorded_is_what_was_applied() {
    let mut bench = reviewing(160, 48);
    // The scaler is taken, the trees are not, the helper is.
    bench.keys("a r");
    bench.type_text("ten times as slow");
    bench.keys("enter");
    assert!(!matches!(bench.last_job(), Some(Job::Decide { .. })), "one is left");
    bench.keys("a");
    let (decision, code, hunks) = decided(&bench);
    assert_eq!(decision, Decision::Edited);
    let expected = AFTER.replace(
        "        StandardScaler(),\n        RandomForestClassifier(n_estimators=500),\n",
        "        RandomForestClassifier(n_estimators=50),\n",
    );
    assert_eq!(code, expected);
    assert_eq!(
        choices(&hunks),
        [(1, 3, Choice::Accepted), (2, 9, Choice::Rejected("ten times as slow".into())), (3, 15, Choice::Accepted)]
    );
    // Editing and running are separate acts: nothing ran.
    assert!(!bench.jobs().iter().any(|(_, job)| matches!(job, Job::Run { .. })));
    bench.report(JobEvent::Decided);
    bench.keys("x");
    let Some(Job::Run { files, .. }) = bench.last_job() else { panic!("no run") };
    assert_eq!(files[0].code.expose(), expected);
}

#[test]
fn all_and_none() {
    let mut bench = reviewing(100, 30);
    bench.keys("A");
    let (decision, code, hunks) = decided(&bench);
    assert_eq!((decision, code.as_str()), (Decision::Accepted, AFTER));
    assert!(hunks.iter().all(|hunk| hunk.choice == Choice::Accepted) && hunks.len() == 3);

    let mut bench = reviewing(100, 30);
    bench.keys("X");
    bench.type_text("no");
    bench.keys("enter");
    assert_eq!(decided(&bench).0, Decision::Rejected);

    // Each by itself comes to the same.
    let mut bench = reviewing(100, 30);
    for reason in ["slow", "", "slow"] {
        bench.keys("r");
        bench.type_text(reason);
        bench.keys("enter");
    }
    let Some(Job::Decide { decision, reason, files, hunks, .. }) = bench.last_job() else { panic!("no decision") };
    assert_eq!((decision, reason.as_deref(), files.len(), hunks.len()), (Decision::Rejected, Some("slow"), 0, 3));
}

#[test]
fn steps_are_taken_back_one_by_one_and_then_the_accepted_versions() {
    let mut bench = reviewing(100, 30);
    bench.keys("a r enter Z Z");
    assert!(bench.model.review.files[0].hunks.iter().all(|hunk| hunk.choice == Choice::Undecided));
    bench.keys("Y Y");
    assert_eq!(
        bench.model.review.files[0].hunks.iter().map(|hunk| hunk.choice.clone()).collect::<Vec<_>>(),
        [Choice::Accepted, Choice::Rejected(String::new()), Choice::Undecided]
    );
    bench.keys("Z Z Z");
    assert!(bench.screen().contains("model.py as it was accepted in e1"), "{}", bench.screen());
    assert_eq!(bench.model.review.approved()[0].code.expose(), BEFORE);
    bench.keys("Z");
    assert!(bench.screen().contains("there is nothing before this"));
    bench.keys("Y");
    assert_eq!(bench.model.review.approved()[0].code.expose(), AFTER);
    bench.keys("Z a");
    assert_eq!(decided(&bench).1, BEFORE, "the version before can be taken again, and is a decision of its own");
}

/// The kinds of decision that were sent to the disk, a word each.
fn written(bench: &Harness) -> Vec<String> {
    let words = |job: Job| match job {
        Job::Decide { decision, files, .. } => {
            let mark = if files.first().is_some_and(|file| file.code.expose() == AFTER) { "proposal" } else { "other" };
            Some(format!("{} {mark}", decision.word()))
        }
        Job::TakeBack { files, .. } => Some(format!("taken back, {} file", files.len())),
        _ => None,
    };
    bench.jobs().into_iter().filter_map(|(_, job)| words(job)).collect()
}

#[test]
fn an_acceptance_that_is_taken_back_is_written_down_and_so_is_the_step_on() {
    let mut bench = reviewing(100, 30);
    bench.keys("A");
    bench.report(JobEvent::Decided);
    bench.keys("Z");
    assert_eq!(written(&bench), ["accepted proposal", "taken back, 1 file"]);
    bench.keys("Z x");
    assert_eq!(written(&bench).len(), 2, "until that is on disk nothing else is stepped over");
    bench.report(JobEvent::Decided);
    assert!(bench.screen().contains("accept it first"), "{}", bench.screen());
    assert!(!bench.jobs().iter().any(|(_, job)| matches!(job, Job::Run { .. })));
    // A step on gives the acceptance again, and it counts once it is on disk.
    bench.keys("Y");
    assert_eq!(written(&bench).last().unwrap(), "accepted proposal");
    assert_eq!(bench.model.review.decision, Decision::Pending);
    bench.report(JobEvent::Decided);
    assert_eq!(bench.model.review.decision, Decision::Accepted);
    // An edit leaves the acceptance as it was; so does taking the edit back.
    bench.send(Msg::Edited { path: "model.py".into(), code: AFTER.replace("500", "200") });
    bench.keys("Z");
    assert_eq!((written(&bench).len(), bench.model.review.decision), (3, Decision::Accepted));
    // That an edit was accepted is taken back: what was accepted before it stands again.
    bench.send(Msg::Edited { path: "model.py".into(), code: AFTER.replace("500", "200") });
    bench.keys("a");
    bench.report(JobEvent::Decided);
    bench.keys("Z");
    bench.report(JobEvent::Decided);
    assert_eq!(written(&bench)[3..], ["edited other", "accepted proposal"]);
    assert!(bench.screen().contains("what was accepted before stands again"), "{}", bench.screen());
    assert_eq!(bench.model.review.decision, Decision::Pending, "the edit itself waits for a decision");
}

#[test]
fn an_edit_ends_the_proposal_and_taking_it_back_brings_it_again() {
    let mut bench = reviewing(100, 30);
    bench.keys("e");
    bench.type_text("# mine");
    bench.keys("enter esc A");
    let (decision, code, _) = decided(&bench);
    assert_eq!((decision, code), (Decision::Edited, format!("# mine\n{AFTER}")));
    let mut bench = reviewing(100, 30);
    bench.keys("e");
    bench.type_text("# mine");
    // Rejecting the proposal's hunk beside it does not take the person's own words away.
    bench.keys("enter esc } r enter");
    assert!(bench.model.review.approved()[0].code.expose().starts_with("# mine\n"));
    bench.keys("Z Z");
    assert_eq!(bench.model.review.approved()[0].code.expose(), AFTER);
}

#[test]
fn one_can_ask_why() {
    let mut bench = reviewing(100, 30);
    bench.keys("W");
    assert!(bench.screen().contains("no model wrote this"), "{}", bench.screen());
    event(&mut bench, asked_event("e3", None));
    bench.keys("} W");
    assert!(bench.screen().contains("Why is hunk 2 of 3 in model.py as it is (line 9:"), "{}", bench.screen());
}

#[test]
fn rejected_hunks_go_back_as_facts() {
    use rationale::domain::experiment::History;
    use rationale::domain::framing::Privacy;
    let mut bench = reviewing(100, 30);
    bench.keys("a r");
    bench.type_text("ten times as slow");
    bench.keys("enter a");
    let Some(Job::Decide { decision, reason, files, hunks, .. }) = bench.last_job() else { panic!("no decision") };
    let stamped = |event| Stamped { seq: 1, at: "2026-11-24T10:00:00Z".into(), event };
    let begun = Event::Brought {
        experiment: "e3".into(),
        task: "train".into(),
        data: "penguins.csv".into(),
        frame: String::new(),
        hypothesis: RawText::new("x"),
        files: Vec::new(),
    };
    let event = Event::Decided { experiment: "e3".into(), decision, reason: reason.map(RawText::new), files, hunks };
    let text = serde_json::to_string(&event).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
    let history = History::from_events(&[stamped(begun), stamped(event)]);
    let digest = rationale::domain::digest::digest(&history, "penguins.csv", "", Privacy::Statistics);
    assert!(
        format!("{digest:?}")
            .contains("hunk 2 of 3 in model.py, line 9 (StandardScaler(),), was rejected: ten times as slow"),
        "{digest:?}"
    );
}

#[test]
fn an_edit_after_accepting_is_shown_against_what_was_accepted() {
    let mut bench = reviewing(100, 30);
    bench.keys("A");
    bench.report(JobEvent::Decided);
    let edited = AFTER.replace("n_estimators=500", "n_estimators=200");
    bench.send(Msg::Edited { path: "model.py".into(), code: edited.clone() });
    let screen = bench.screen();
    assert!(screen.contains("hunk 1 of 1") && screen.contains("n_estimators=500"), "{screen}");
    // Taking it back leads to what was accepted, and not to the version before that.
    bench.keys("r");
    bench.type_text("too few");
    bench.keys("enter");
    let (decision, code, _) = decided(&bench);
    assert_eq!((decision, code.as_str()), (Decision::Accepted, AFTER));
    let code = |bench: &Harness| bench.model.review.approved()[0].code.expose().to_owned();
    bench.report(JobEvent::Decided);
    bench.keys("Z");
    assert_eq!(code(&bench), edited, "the rejection is taken back");
    bench.keys("Z");
    assert_eq!(code(&bench), AFTER, "and the edit before it");
}
