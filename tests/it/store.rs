//! The history on disk: nothing acknowledged is lost, nothing is changed, nothing of another program is touched.

use std::io::Write;
use std::process::{Command, Stdio};

use rationale::domain::experiment::{Decision, Event, History};
use rationale::effects::store::{Store, check};

fn decided(experiment: &str) -> Event {
    Event::Decided {
        experiment: experiment.into(),
        decision: Decision::Accepted,
        reason: None,
        files: Vec::new(),
        hunks: Vec::new(),
    }
}

#[test]
fn events_come_back_in_order_and_the_chain_holds() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let written: Vec<_> = (0..20).map(|idx| store.append(decided(&format!("e{idx}"))).unwrap()).collect();
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.load().unwrap(), (written, 0));
    assert_eq!(check(folder.path()).unwrap(), 20);
}

#[test]
fn nothing_can_be_changed_or_removed_and_a_change_by_hand_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    store.append(decided("e1")).unwrap();
    store.append(decided("e2")).unwrap();
    drop(store);
    let raw = rusqlite::Connection::open(folder.path().join("history.sqlite")).unwrap();
    for statement in ["UPDATE events SET payload = '{}'", "DELETE FROM events"] {
        assert!(raw.execute(statement, []).unwrap_err().to_string().contains("append-only"));
    }
    raw.execute_batch("DROP TRIGGER events_are_never_changed; UPDATE events SET at = '1999-01-01' WHERE seq = 1;")
        .unwrap();
    let said = check(folder.path()).unwrap_err().to_string();
    assert!(said.starts_with("event 1 does not fit the one before it"), "{said}");
}

#[test]
fn two_writers_at_once_lose_nothing_and_share_no_name() {
    let folder = tempfile::tempdir().unwrap();
    let begin = |store: &mut Store| {
        store
            .begin(|experiment| Event::Brought {
                experiment,
                task: "run".into(),
                data: "d".into(),
                frame: String::new(),
                hypothesis: rationale::text::RawText::new("h"),
                files: Vec::new(),
            })
            .unwrap()
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut store = Store::open(folder.path()).unwrap();
                for _ in 0..15 {
                    begin(&mut store);
                }
            });
        }
    });
    let (events, _) = Store::open(folder.path()).unwrap().load().unwrap();
    let history = History::from_events(&events);
    let names: std::collections::BTreeSet<&str> =
        history.experiments.iter().map(|experiment| experiment.id.as_str()).collect();
    assert_eq!((events.len(), names.len()), (60, 60));
    assert_eq!(check(folder.path()).unwrap(), 60);
}

#[test]
fn files_of_others_and_of_newer_versions_are_left_alone() {
    let check = |prepare: &str, said: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.sqlite");
        rusqlite::Connection::open(&path).unwrap().execute_batch(prepare).unwrap();
        let before = std::fs::read(&path).unwrap();
        let failure = Store::open(folder.path()).unwrap_err().to_string();
        assert!(failure.contains(said), "{failure}");
        assert_eq!(std::fs::read(&path).unwrap(), before);
    };
    check("PRAGMA application_id = 7; CREATE TABLE t (x);", "it is a database of another program");
    check(
        "PRAGMA application_id = 1918989417; PRAGMA user_version = 99; CREATE TABLE t (x);",
        "written by a newer version",
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("history.sqlite"), vec![0xAB; 5000]).unwrap();
    assert!(Store::open(folder.path()).is_err());
}

#[test]
fn an_event_of_a_newer_version_is_counted_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    store.append(decided("e1")).unwrap();
    drop(store);
    let raw = rusqlite::Connection::open(folder.path().join("history.sqlite")).unwrap();
    raw.execute("INSERT INTO events VALUES (2, 'now', 'dreamt', NULL, '{\"kind\":\"dreamt\"}', 'h')", []).unwrap();
    let (events, n_unknown) = Store::open(folder.path()).unwrap().load().unwrap();
    assert_eq!((events.len(), n_unknown), (1, 1));
}

/// The form on disk: a history that was written once must be read for ever.
#[test]
fn the_form_on_disk_does_not_change() {
    let text = serde_json::to_string_pretty(&decided("e7")).unwrap();
    insta::assert_snapshot!(text, @r#"
    {
      "kind": "decided",
      "experiment": "e7",
      "decision": "accepted",
      "reason": null,
      "files": []
    }
    "#);
    let old = r#"{"kind":"asked","experiment":"e1","parent":null,"task":"train","data":"a.csv","endpoint":"offline","model":"m","request_hash":"h","recording":"r"}"#;
    assert!(matches!(serde_json::from_str(old).unwrap(), Event::Asked { frame, .. } if frame.is_empty()));
}

/// The program killed at any moment while it writes: what it said was written is there.
#[test]
fn what_was_acknowledged_survives_kill_9() {
    let folder = crate::harness::folder_with(&["penguins.csv"]);
    for delay in [40, 90, 160, 250, 400] {
        let mut child = crate::harness::bare_program(folder.path())
            .args(["ask", "explore", "penguins.csv", "--stream-json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
        if folder.path().join(".rationale/history.sqlite").exists() {
            check(&folder.path().join(".rationale")).unwrap();
        }
    }
    // The next start closes what was left open, and every experiment has an end.
    let output = crate::harness::bare_program(folder.path())
        .args(["ask", "explore", "penguins.csv", "--json"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = Command::new(env!("CARGO_BIN_EXE_rationale"))
        .args(["history", "--json"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let history = crate::harness::json(&listed);
    for experiment in history["experiments"].as_array().unwrap() {
        assert!(experiment["stop_reason"].is_string(), "{experiment}");
    }
    std::io::stdout().flush().unwrap();
}

/// A history of ten thousand answers, the last of them on its way with half a dollar set aside. Returns what the others
/// cost, worked out by hand.
pub fn ten_thousand_turns(folder: &std::path::Path) -> f64 {
    use rationale::domain::turn::{StopReason, Usage};
    use rationale::text::RawText;

    drop(Store::open(folder).unwrap());
    // Written in one go, since ten thousand turns take their time; read by the program.
    let mut raw = rusqlite::Connection::open(folder.join("history.sqlite")).unwrap();
    let writing = raw.transaction().unwrap();
    let put = |seq: u64, event: &Event| {
        let payload = serde_json::to_string(event).unwrap();
        let sql = "INSERT INTO events (seq, at, kind, experiment, payload, hash) VALUES (?1, '2026-11-24T10:00:00Z', ?2, ?3, ?4, '')";
        writing
            .execute(sql, rusqlite::params![i64::try_from(seq).unwrap(), event.kind(), event.experiment(), payload])
            .unwrap();
    };
    let n = 10_000u64;
    for turn in 1..=n {
        let experiment = format!("e{turn}");
        let asked = Event::Asked {
            experiment: experiment.clone(),
            parent: None,
            task: "train".into(),
            data: "d".into(),
            frame: String::new(),
            endpoint: "anthropic".into(),
            model: "claude-opus-5-5".into(),
            request_hash: String::new(),
            recording: String::new(),
            follows: None,
            kept: 0,
            reserved_usd: Some(0.5),
            head: None,
            settings: Vec::new(),
            messages: Vec::new(),
        };
        let answered = Event::Answered {
            experiment,
            stop: StopReason::EndTurn,
            usage: Usage::default(),
            cost_usd: Some(0.0001 * f64::from(u32::try_from(turn % 9).unwrap())),
            saved_usd: 0.0,
            is_estimate: false,
            message: None,
            thinking: RawText::default(),
            text: RawText::default(),
            hypothesis: None,
            expected_effect: None,
            files: Vec::new(),
        };
        put(2 * turn - 1, &asked);
        // The last answer never came: what was set aside for it counts on.
        if turn < n {
            put(2 * turn, &answered);
        }
    }
    writing.commit().unwrap();
    drop(raw);
    // 1,111 rounds of 0 + … + 8 ten-thousandths: 9,999 answers.
    0.0001 * f64::from(1111 * 36)
}

#[test]
fn ten_thousand_turns_and_a_restart_keep_the_total() {
    use rationale::domain::money::Spent;

    let folder = tempfile::tempdir().unwrap();
    let by_hand = ten_thousand_turns(folder.path());
    for _restart in 0..2 {
        let events = Store::open(folder.path()).unwrap().load().unwrap().0;
        let spent = Spent::of(&History::from_events(&events), "2026-11-24");
        assert!((spent.usd - by_hand).abs() < 1e-9, "{} is not {by_hand}", spent.usd);
        assert!((spent.committed() - by_hand - 0.5).abs() < 1e-9);
    }
}
