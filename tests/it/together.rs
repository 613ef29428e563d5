//! Two instances in one project: what one does, the other shows.

use std::process::Stdio;

use rationale::app::effect::Job;
use rationale::app::msg::{JobEvent, Msg};
use rationale::domain::experiment::{Event, History, Stamped};
use rationale::text::RawText;

use crate::harness::{Harness, folder_with, program};
use crate::program::Pty;
use crate::runs::{command, executors, history, judged, model, survivors, wait_until};

fn brought(seq: u64) -> Stamped {
    let event = Event::Brought {
        experiment: format!("e{seq}"),
        task: "train".into(),
        data: "penguins.csv".into(),
        frame: String::new(),
        hypothesis: RawText::new(format!("number {seq}")),
        files: Vec::new(),
    };
    Stamped { seq, at: "2026-11-25T10:00:00Z".into(), event }
}

fn shown(bench: &Harness) -> Vec<String> {
    bench.model.history.list().iter().map(|experiment| experiment.id.clone()).collect()
}

fn n_loads(bench: &Harness) -> usize {
    bench.jobs().iter().filter(|(_, job)| matches!(job, Job::Load)).count()
}

#[test]
fn each_event_counts_once_whoever_tells_it_and_a_gap_is_read_again() {
    let mut bench = Harness::with_data(100, 30);
    assert!(matches!(bench.jobs().iter().find(|(_, job)| matches!(job, Job::Watch(_))), Some((_, Job::Watch(0)))));
    let tell = |bench: &mut Harness, seq| bench.send_as_it_is(Msg::Recorded(Box::new(brought(seq))));
    for seq in [1, 2, 1, 2] {
        tell(&mut bench, seq);
    }
    assert_eq!((shown(&bench), n_loads(&bench)), (vec!["e2".to_owned(), "e1".to_owned()], 1));
    // Two instances write at once, and ours is told before the one between.
    tell(&mut bench, 4);
    tell(&mut bench, 5);
    assert_eq!((shown(&bench).len(), n_loads(&bench)), (2, 2));
    // What was read is older than what was told meanwhile: it is read once more.
    let history = |n: u64| Box::new(History::from_events(&(1..=n).map(brought).collect::<Vec<_>>()));
    bench.report_to(|job| matches!(job, Job::Load), JobEvent::Loaded(history(4), Vec::new(), Vec::new()));
    assert_eq!((shown(&bench).len(), n_loads(&bench)), (4, 3));
    bench.report_to(|job| matches!(job, Job::Load), JobEvent::Loaded(history(5), Vec::new(), Vec::new()));
    tell(&mut bench, 4);
    tell(&mut bench, 6);
    assert_eq!((shown(&bench).len(), n_loads(&bench)), (6, 3));
    let watches = bench.jobs().iter().filter(|(_, job)| matches!(job, Job::Watch(_))).count();
    assert_eq!(watches, 1, "one looks after the history, however often it is read");
}

#[test]
fn a_workbench_shows_what_the_command_line_does_beside_it() {
    let folder = judged();
    let mut pty = Pty::start(folder.path(), 160, 45, "penguins.csv");
    pty.expect("e3");
    let asked = program(folder.path()).args(["ask", "explore", "penguins.csv"]).output().unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    pty.expect("e4");
    // A run that is started beside it, and whose program is killed, is followed here to its end.
    let code = model("        import time\n        time.sleep(600)\n");
    let mut child = command(folder.path(), "model.py", &code, &[]).stdout(Stdio::null()).spawn().unwrap();
    pty.expect("e5");
    wait_until("the run is going on", || survivors(folder.path()).iter().any(|line| line.contains("runner.py")));
    assert!(!pty.text().contains("followed again"), "somebody follows it: {}", pty.text());
    child.kill().unwrap();
    child.wait().unwrap();
    pty.expect("e5 went on without the workbench and is followed again");
    for pid in executors(folder.path()) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
    pty.expect("e5 failed");
    wait_until("the tree is gone", || survivors(folder.path()).is_empty());
    pty.type_in("q");
    assert!(pty.end(folder.path()).1);
}

#[test]
fn a_project_that_begins_while_the_data_is_open_is_seen() {
    let folder = folder_with(&["penguins.csv"]);
    let mut pty = Pty::start(folder.path(), 160, 45, "penguins.csv");
    pty.expect("bill_length");
    pty.expect("warnings");
    assert!(!folder.path().join(".rationale").exists(), "looking leaves nothing");
    let asked = program(folder.path())
        .args(["ask", "explore", "penguins.csv", "--target", "species", "--json"])
        .output()
        .unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    pty.expect("e1");
    pty.type_in("q");
    assert!(pty.end(folder.path()).1);
}

/// G50 of the plan.
#[test]
fn twenty_runs_stopped_killed_and_left_all_end_in_a_state_that_has_a_name() {
    const CODES: [(&str, &str); 4] = [
        ("        import time\n        time.sleep(600)\n", "stopped"),
        ("        import time\n        time.sleep(600)\n", "interrupted"),
        ("        import time\n        time.sleep(2)\n        raise ValueError('late')\n", "failed"),
        ("        raise ValueError('at once')\n", "failed"),
    ];
    let folder = judged();
    let mut pty = Pty::start(folder.path(), 120, 36, "penguins.csv");
    pty.expect("e3");
    let mut dead = Vec::new();
    let kill_executors = |dead: &[std::path::PathBuf]| {
        for pid in dead.iter().flat_map(|run| executors(run)) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    };
    // Four at a time, each time one of each kind.
    for round in 0..5 {
        let mut programs: Vec<_> = (0..4)
            .map(|kind| {
                let name = format!("run{round}{kind}.py");
                command(folder.path(), &name, &model(CODES[kind].0), &[])
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .spawn()
                    .unwrap()
            })
            .collect();
        let runs = |name: &str| {
            let told = history(folder.path());
            told.iter().find(|one| one["hypothesis"].as_str().is_some_and(|title| title.contains(name))).cloned()
        };
        let begun = |kind: usize| runs(&format!("run{round}{kind}.py")).filter(|one| one["run"].is_object());
        wait_until("each has begun", || (0..4).all(|kind| begun(kind).is_some()));
        let stop = rustix::process::Pid::from_child(&programs[0]);
        rustix::process::kill_process(stop, rustix::process::Signal::INT).unwrap();
        programs[1].kill().unwrap();
        programs[2].kill().unwrap();
        let id = begun(1).unwrap()["run"]["run_id"].as_str().unwrap().to_owned();
        for program in &mut programs {
            program.wait().unwrap();
        }
        dead.push(folder.path().join(".rationale/runs").join(id));
        kill_executors(&dead);
        if round == 2 {
            pty.type_in("qy");
            wait_until("the workbench is left", || pty.child.try_wait().is_ok_and(|code| code.is_some()));
        }
    }
    let statuses = || -> Vec<String> {
        let told = history(folder.path());
        told.iter().skip(3).map(|one| one["run"]["status"].as_str().unwrap_or("none").to_owned()).collect()
    };
    wait_until("none runs", || {
        kill_executors(&dead);
        statuses().iter().all(|status| status != "running")
    });
    let mut counted = std::collections::BTreeMap::new();
    for status in statuses() {
        *counted.entry(status).or_insert(0) += 1;
    }
    let promised = [("failed", 10), ("interrupted", 5), ("stopped", 5)];
    assert_eq!(counted, promised.map(|(status, n)| (status.to_owned(), n)).into());
    wait_until("nothing lives on", || survivors(folder.path()).is_empty());
}
