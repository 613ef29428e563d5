//! What is said before a run about the code beside the experiment that it builds on.

use rationale::domain::before::{Coming, Look, look};
use rationale::domain::experiment::{Event, History, Stamped};
use rationale::domain::run::{CodeFile, FileKind};
use rationale::text::RawText;

use crate::sheets::ran;

const BEFORE: &str = "from sklearn.ensemble import RandomForestClassifier\nfrom sklearn.impute import SimpleImputer\nfrom sklearn.pipeline import make_pipeline\n\n\ndef build():\n    return make_pipeline(SimpleImputer(strategy=\"mean\"), RandomForestClassifier(n_estimators=50))\n";

fn file(code: &str) -> CodeFile {
    CodeFile { path: "x.py".into(), kind: FileKind::Model, code: RawText::new(code) }
}

/// What is said of `code`, asked for on top of a run of that kind.
fn said(kind: &str, code: &str) -> Vec<String> {
    let looks = looks(ran(1, "train", kind, Some(0.5), None), code, false);
    looks.into_iter().filter(|look| look.can_split).map(|look| look.text.to_string()).collect()
}

/// What is looked at before `code` runs, asked for on top of the experiment that these events make.
fn looks(mut events: Vec<Event>, code: &str, network: bool) -> Vec<Look> {
    if let Some(Event::Brought { files, .. }) = events.first_mut() {
        files.push(file(BEFORE));
    }
    events.push(crate::harness::asked_event("e2", Some("e1")));
    let mut history = History::default();
    for (seq, event) in events.into_iter().enumerate() {
        history.apply(&Stamped { seq: seq as u64, at: "now".into(), event });
    }
    look(&history, Coming { experiment: "e2", files: &[file(code)], network }, |_| Vec::new())
}

#[test]
fn that_only_one_of_two_like_runs_had_the_network_is_said() {
    let said = |theirs: bool, mine: bool| {
        let mut events = ran(1, "train", "model", Some(0.5), None);
        for event in &mut events {
            if let Event::RunStarted { spec, .. } = event {
                spec.network = theirs;
            }
        }
        looks(events, BEFORE, mine).into_iter().map(|look| look.text.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(said(false, false), ["e1 was the same program: balanced_accuracy .500"]);
    assert_eq!(
        said(true, false),
        ["e1 was the same program: balanced_accuracy .500; that run could use the network, this one can't"]
    );
    assert_eq!(
        said(false, true),
        ["e1 was the same program: balanced_accuracy .500; that run had no network, this one may use it"]
    );
    assert_eq!(said(true, true), ["e1 was the same program: balanced_accuracy .500; both may use the network"]);
}

#[test]
fn several_changes_at_once_are_named_and_one_is_not() {
    let one = BEFORE.replace("n_estimators=50", "n_estimators=500");
    let two = one.replace("\"mean\"", "\"median\"");
    assert_eq!(said("model", &one), Vec::<String>::new());
    let told = said("model", &two);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("2 independent changes against e1: "), "{told:?}");
    assert!(told[0].ends_with("; together nobody knows which one helped"), "{told:?}");
}

#[test]
fn the_file_that_starts_a_folder_is_no_model_to_compare_with() {
    let two = BEFORE.replace("n_estimators=50", "n_estimators=500").replace("\"mean\"", "\"median\"");
    assert_eq!(said("pipeline", &two), Vec::<String>::new());
}
