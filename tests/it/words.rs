//! Words and marks: what the screen, the lists and the JSON say is so.

use std::path::Path;
use std::sync::Arc;

use rationale::app::effect::Job;
use rationale::app::msg::{JobEvent, Msg};
use rationale::config::{Config, Environment, Given};
use rationale::domain::experiment::{Decision, Event, History, Stamped};
use rationale::domain::run::{CodeFile, FileKind, Level, Outcome, Role, Status};
use rationale::domain::task::Task;
use rationale::domain::verdict::Verdict;
use rationale::effects::session::Session;
use rationale::effects::world::World;
use rationale::text::RawText;

use crate::harness::{Harness, bare_program, folder_with, json, program, question};
use crate::sheets::ran;

fn session(folder: &Path) -> Session {
    let environment = Environment::of([
        ("RATIONALE_CONFIG_DIR", folder.join("config").to_str().unwrap()),
        ("RATIONALE_STATE_DIR", folder.join("state").to_str().unwrap()),
    ]);
    let config = Config::resolve(&Given::default(), &environment).unwrap();
    Session::open(Arc::new(World::new(config).unwrap()), &folder.join("penguins.csv")).unwrap()
}

fn history_json(folder: &Path) -> serde_json::Value {
    json(&program(folder).args(["history", "--json"]).output().unwrap())["experiments"].clone()
}

/// Events of a run that may or may not use the network.
fn events(network: bool) -> Vec<Event> {
    let mut events = ran(1, "train", "model", Some(0.5), None);
    for event in &mut events {
        if let Event::RunStarted { spec, .. } = event {
            spec.network = network;
        }
    }
    events
}

#[test]
fn a_run_that_may_use_the_network_is_marked_wherever_it_is_shown() {
    for network in [true, false] {
        let folder = folder_with(&["penguins.csv"]);
        let session = session(folder.path());
        let mut bench = Harness::framed(160, 48);
        for event in events(network) {
            let stamped = session.record(event).unwrap();
            bench.send(Msg::Recorded(Box::new(stamped)));
        }
        assert_eq!(history_json(folder.path())[0]["run"]["network"], network);
        let listed = program(folder.path()).arg("history").output().unwrap();
        assert_eq!(String::from_utf8_lossy(&listed.stdout).contains("network · h"), network, "{listed:?}");
        bench.keys("4");
        assert_eq!(bench.screen().contains("network · h"), network, "{}", bench.screen());
        bench.keys("enter");
        let words = if network { "sandbox standard, network allowed" } else { "sandbox standard, no network" };
        for _ in 0..20 {
            if bench.screen().contains(words) {
                break;
            }
            bench.keys("down");
        }
        assert!(bench.screen().contains(words), "{}", bench.screen());
    }
    // While it goes on.
    let mut bench = Harness::framed(160, 48);
    bench.keys("x");
    for (seq, event) in events(true).into_iter().take(2).enumerate() {
        let stamped = Stamped { seq: seq as u64, at: "2026-11-24T10:00:00Z".into(), event };
        bench.send(Msg::Recorded(Box::new(stamped)));
    }
    let run_id = bench.model.history.history.find("e1").unwrap().runs[0].spec.run_id.clone();
    bench.report(JobEvent::RunStarted { experiment: "e1".into(), run_id, level: Level::Standard, ran_ms: 0 });
    assert!(bench.screen().contains("sandbox standard · network allowed"), "{}", bench.screen());
}

#[test]
fn an_acceptance_that_is_taken_back_is_an_event_and_takes_its_files_along() {
    let folder = folder_with(&["penguins.csv"]);
    let session = session(folder.path());
    let file = |path: &str| CodeFile { path: path.into(), kind: FileKind::Model, code: RawText::new("x = 1\n") };
    let files = vec![file("model.py"), file("parts/one.py")];
    session
        .record(Event::Brought {
            experiment: "e1".into(),
            task: "train".into(),
            data: "penguins.csv".into(),
            frame: String::new(),
            hypothesis: RawText::new("h"),
            files: files.clone(),
        })
        .unwrap();
    let laid = folder.path().join(".rationale/accepted/e1");
    session.decide("e1", Decision::Edited, None, &files, Vec::new()).unwrap();
    assert!(laid.join("parts/one.py").exists());
    assert_eq!(history_json(folder.path())[0]["taken_back_at"], serde_json::Value::Null);

    session.take_back("e1", files.clone()).unwrap();
    assert!(!laid.exists(), "nothing lies there as accepted");
    let one = history_json(folder.path())[0].clone();
    assert_eq!((one["decision"].as_str(), one["taken_back_at"].is_string()), (Some("pending"), true), "{one}");
    let listed = program(folder.path()).arg("history").output().unwrap();
    assert!(String::from_utf8_lossy(&listed.stdout).contains("taken back"), "{listed:?}");
    let (events, _) = session.events().unwrap();
    let kinds: Vec<&str> = events.iter().map(|stamped| stamped.event.kind()).collect();
    assert_eq!(kinds, ["brought", "decided", "taken_back"]);
    assert_eq!(History::from_events(&events).find("e1").unwrap().files, files);

    // Given again, and with a file that somebody has changed since, which stays.
    session.decide("e1", Decision::Accepted, None, &files, Vec::new()).unwrap();
    assert_eq!(history_json(folder.path())[0]["decision"], "accepted");
    std::fs::write(laid.join("model.py"), "x = 2\n").unwrap();
    session.take_back("e1", files).unwrap();
    assert!(laid.join("model.py").exists() && !laid.join("parts").exists());
}

#[test]
fn code_that_asks_for_a_column_that_was_left_out_is_told_so_before_and_when_it_fails() {
    let folder = folder_with(&["churn.csv"]);
    let code = "import pandas as pd\nfrom sklearn.linear_model import LogisticRegression\n\n\nclass Model(LogisticRegression):\n    def fit(self, X, y):\n        return super().fit(X[['age', 'cancel_reason']], y)\n\n    def predict(self, X):\n        return super().predict(X[['age', 'cancel_reason']])\n\n\ndef build():\n    return Model()\n";
    std::fs::write(folder.path().join("model.py"), code).unwrap();
    let arguments = ["run", "model.py", "--data", "churn.csv", "--target", "churned", "--json"];
    let run = json(&program(folder.path()).args(arguments).output().unwrap());
    let sentence = "the framing leaves cancel_reason (it leaks the target) out, so no code is given it; take it out of the code too";
    assert_eq!(run["status"], "failed", "{run}");
    assert!(run["reason"].as_str().unwrap().ends_with(&format!("({sentence})")), "{run}");
    let before: Vec<&str> = run["before"].as_array().unwrap().iter().filter_map(|one| one.as_str()).collect();
    assert_eq!(before[0], format!("model.py, line 7: left-out: {sentence}"), "{before:?}");
    assert!(!run["before"].to_string().contains("used as a feature"), "{run}");
    // Nothing was predicted, so nothing is said to be left.
    assert_eq!(run["artefacts"], serde_json::json!([]), "{run}");
    let runs = folder.path().join(".rationale/runs").join(run["run_id"].as_str().unwrap());
    assert!(!runs.join("predictions.csv").exists());
}

#[test]
fn a_quick_look_that_lacked_a_package_begins_again_as_one() {
    let mut bench = Harness::framed(100, 30);
    let answer = "Hypothesis: h\n```python path=model.py\nfrom sklearn.dummy import DummyClassifier\n\n\ndef build():\n    return DummyClassifier()\n```\n";
    let asked = ran(3, "train", "model", None, None).remove(0);
    bench.send(Msg::Recorded(Box::new(Stamped { seq: 1, at: "now".into(), event: asked })));
    bench.ask(answer, rationale::domain::turn::StopReason::EndTurn);
    bench.keys("a");
    bench.report(JobEvent::Decided);
    bench.keys("alt-x");
    let Some(quick @ Job::Quick { .. }) = bench.last_job() else { panic!("{:?}", bench.last_job()) };
    let experiment = bench.model.review.experiment.clone().unwrap();
    let Event::RunStarted { mut spec, .. } = ran(3, "train", "model", None, None).remove(1) else { panic!() };
    spec.role = Role::Quick;
    spec.experiment.clone_from(&experiment);
    let event = Event::RunStarted { experiment: experiment.clone(), spec };
    bench.send(Msg::Recorded(Box::new(Stamped { seq: 2, at: "now".into(), event })));
    let why = "ModuleNotFoundError: No module named 'lightgbm' (lightgbm is not in the environment)";
    bench.report(JobEvent::RunEnded {
        experiment,
        outcome: Box::new(Outcome::empty(Status::Failed, why.into())),
        verdict: Box::new(Verdict::not_checked("it failed", 0)),
    });
    bench.report(JobEvent::RunsEnded);
    assert!(bench.screen().contains("lightgbm is not in the environment"), "{}", bench.screen());
    bench.keys("x");
    assert_eq!(bench.last_job(), Some(quick));
}

#[test]
fn a_small_screen_says_that_a_run_goes_on_behind_it() {
    let mut bench = Harness::framed(80, 24);
    assert!(!bench.screen().contains("runs · "), "{}", bench.screen());
    bench.report_to(|job| matches!(job, Job::Load), JobEvent::Loaded(Box::default(), Vec::new(), Vec::new()));
    let mut bench = Harness::new(80, 24);
    bench.send(Msg::Open("penguins.csv".into()));
    let (source, page, known, proposal) = crate::harness::penguins();
    bench.report(JobEvent::Opened(Box::new(source), page));
    let alive = vec![("e4".to_owned(), "r4".to_owned())];
    bench.report_to(|job| matches!(job, Job::Load), JobEvent::Loaded(Box::default(), Vec::new(), alive));
    bench.report_to(
        |job| matches!(job, Job::Attach { .. }),
        JobEvent::RunStarted { experiment: "e4".into(), run_id: "r4".into(), level: Level::Standard, ran_ms: 9_000 },
    );
    bench.report_to(|job| matches!(job, Job::Profile), JobEvent::Known(Box::new(known), Ok(Box::new(proposal)), None));
    bench.wait(60_000);
    let screen = bench.screen();
    assert!(screen.lines().last().unwrap().contains("● e4 runs  & shows it"), "{screen}");
    bench.report_to(|job| matches!(job, Job::Attach { .. }), JobEvent::RunsEnded);
    assert!(!bench.screen().contains("e4 runs"), "{}", bench.screen());
}

#[test]
fn palette_and_price_are_read_to_the_end_of_every_line() {
    use rationale::app::command::Command;
    for (columns, rows) in [(60, 20), (80, 24)] {
        let mut bench = Harness::framed(columns, rows);
        bench.keys(":");
        // Of what lies over the panes alone.
        let inside = |screen: &str| -> String {
            let lines = screen.lines().skip_while(|line| !line.starts_with("╭ Commands") && !line.starts_with("╭ Ask"));
            let lines = lines.skip(1).take_while(|line| line.starts_with('│'));
            let lines = lines.map(|line| line.trim_matches(|c: char| "│ ".contains(c)));
            lines.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let mut seen = String::new();
        for _ in Command::ALL {
            seen.push_str(&inside(&bench.screen()));
            bench.keys("down");
        }
        assert!(!seen.contains('…'), "{columns}: {seen}");
        if columns > 60 {
            continue;
        }
        bench.keys("esc");
        let mut asked = question();
        asked.prompt.task = Task::Train;
        asked.pictures = vec![format!("{} 640 × 480, 414 tokens", "a-long-name-of-a-figure".repeat(3)); 2];
        bench.keys("t g down down down down down enter enter");
        bench.report(JobEvent::Priced(Box::new(asked)));
        let screen = bench.screen();
        assert!(!inside(&screen).contains('…'), "{columns}: {screen}");
        assert_eq!(inside(&screen).matches("414 tokens").count(), 2, "{screen}");
    }
}

#[test]
fn no_far_name_is_offered_for_a_column_that_is_not_there() {
    let folder = folder_with(&["penguins.csv"]);
    let said = |target: &str| {
        let output = program(folder.path()).args(["profile", "penguins.csv", "--target", target]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).trim().to_owned()
    };
    assert!(said("specis").ends_with("did you mean species?"), "{}", said("specis"));
    assert!(said("zzz").ends_with("rationale profile lists its columns"), "{}", said("zzz"));
}

#[test]
fn packages_are_added_only_where_runs_would_find_them() {
    let folder = folder_with(&["penguins.csv"]);
    let add = |name: &str| {
        let output = program(folder.path()).args(["env", "add", "--", name]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(add("polars==").contains("that is no name of a package"));
    let said = add("polars");
    assert!(
        said.contains("code of this project runs in the interpreter ") && said.contains("--environment project"),
        "{said}"
    );
    assert!(!folder.path().join(".rationale").exists(), "nothing was made");
}

/// What makes the project's environment sees what it needs to reach an index, and no key.
#[cfg(unix)]
#[test]
fn who_makes_the_environment_sees_no_key() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder_with(&["penguins.csv"]);
    let programs = folder.path().join("bin");
    std::fs::create_dir(&programs).unwrap();
    let uv = programs.join("uv");
    let seen = folder.path().join("seen.txt");
    std::fs::write(&uv, format!("#!/bin/sh\nenv > '{}'\necho refused\nexit 1\n", seen.display())).unwrap();
    std::fs::set_permissions(&uv, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let output = bare_program(folder.path())
        .args(["env", "add", "polars"])
        .env("PATH", &path)
        .env("ANTHROPIC_API_KEY", "sk-secret")
        .env("AWS_SECRET_ACCESS_KEY", "also-secret")
        .env("PIP_INDEX_URL", "https://index.example")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("fetching 27 packages (matplotlib "), "{said}");
    let seen = std::fs::read_to_string(&seen).unwrap();
    assert!(!seen.contains("secret"), "{seen}");
    assert!(seen.contains(&format!("PATH={path}")) && seen.contains("PIP_INDEX_URL=https://index.example"), "{seen}");
}
