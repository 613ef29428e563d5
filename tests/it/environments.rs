//! What accepted code runs in: chosen, made only after a yes, offered where something is missing, written down with each run.

use std::path::{Path, PathBuf};
use std::process::Command;

use rationale::app::effect::Job;
use rationale::app::msg::JobEvent;
use rationale::domain::environment::{Install, Kind, Lacks, Place};
use rationale::domain::run::{Outcome, Status};
use rationale::domain::turn::StopReason;
use rationale::domain::verdict::Verdict;
use serde_json::Value;

use crate::harness::{Harness, folder_with, json, program, python};
use crate::runs::judged;

/// A uv that makes an environment without a network, or goes wrong as `UV_FAKE` says. What it was asked is in `asked.log`.
fn fake_uv(folder: &Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;

    let bin = folder.join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    let script = format!(
        r#"#!/bin/sh
echo "$1 key=$ANTHROPIC_API_KEY" >> "{log}"
case "$UV_FAKE" in
  network) echo 'error: Failed to fetch: `https://index.example/simple/numpy/`' >&2; echo '  Caused by: dns error' >&2; exit 2;;
  nothing) echo '  × No solution found when resolving script dependencies:' >&2
           echo '  ╰─▶ Because nosuch was not found in the package registry and you require nosuch, it is unsatisfiable.' >&2; exit 1;;
  killed) if [ "$1" = sync ]; then mkdir -p "$VIRTUAL_ENV/bin"; kill -9 $$; fi;;
esac
case "$1" in
  lock) cp environment.py environment.py.lock;;
  sync) mkdir -p "$VIRTUAL_ENV/bin"; printf '#!/bin/sh\nexec "{python}" "$@"\n' > "$VIRTUAL_ENV/bin/python"; chmod +x "$VIRTUAL_ENV/bin/python";;
esac
"#,
        log = folder.join("asked.log").display(),
        python = python().display(),
    );
    std::fs::write(bin.join("uv"), script).unwrap();
    std::fs::set_permissions(bin.join("uv"), std::fs::Permissions::from_mode(0o755)).unwrap();
    bin
}

const MODEL: &str = "from sklearn.dummy import DummyClassifier\n\n\ndef build():\n    return DummyClassifier()\n";

fn isolated(folder: &Path, code: &str, more: &[&str]) -> Command {
    std::fs::write(folder.join("model.py"), code).unwrap();
    let mut command = program(folder);
    command.args(["run", "model.py", "--data", "penguins.csv", "--target", "species", "--environment", "isolated"]);
    command.args(more);
    let path = format!("{}:{}", fake_uv(folder).display(), std::env::var("PATH").unwrap_or_default());
    command.env("PATH", path).env("ANTHROPIC_API_KEY", "sk-secret").args(["--endpoint", "offline"]);
    command
}

fn said(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn asked(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("asked.log")).unwrap_or_default()
}

#[test]
fn an_isolated_environment_is_made_only_after_a_yes_once_and_is_written_down() {
    let folder = judged();
    let (code, text) = said(&mut isolated(folder.path(), MODEL, &[]));
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.contains("it is not made yet; it needs matplotlib==")
            && text.contains("scikit-learn==")
            && text.contains("say --install to fetch that from the package index"),
        "{text}"
    );
    assert_eq!(asked(folder.path()), "", "nothing is asked of uv before somebody says yes");

    let output = isolated(folder.path(), MODEL, &["--install", "--json"]).output().unwrap();
    let value = json(&output);
    assert_eq!(value["status"], "finished", "{value}");
    assert_eq!(value["environment"]["kind"], "isolated", "{value}");
    assert_eq!(
        (&value["seeds"]["hash"], &value["seeds"]["random"], &value["seeds"]["numpy"]),
        (&7.into(), &7.into(), &7.into())
    );
    let at = folder.path().join(".rationale/runs").join(value["run_id"].as_str().unwrap());
    let read = |name: &str| std::fs::read_to_string(at.join(name)).unwrap();
    assert_eq!(read("code/model.py"), MODEL, "approved code stays as it was approved");
    assert!(read("environment.py").starts_with("# /// script\n# requires-python = \">=3.11\"\n# dependencies = [\n"));
    for (name, key) in
        [("environment.py", "header_hash"), ("environment.py.lock", "lock_hash"), ("freeze.txt", "freeze_hash")]
    {
        let hash = blake3::hash(read(name).as_bytes()).to_hex().to_string();
        assert_eq!(value["environment"][key], hash, "{name}");
    }
    assert!(read("freeze.txt").lines().any(|line| line.starts_with("threadpoolctl==")), "every package is in it");
    assert_eq!(asked(folder.path()), "lock key=\nsync key=\n", "uv is asked once, and sees no key");

    // The same header, another program: the same environment, and no network.
    let other = MODEL.replace("DummyClassifier()", "DummyClassifier(strategy='prior')");
    let value = json(&isolated(folder.path(), &other, &["--json"]).output().unwrap());
    assert_eq!(value["status"], "finished", "{value}");
    assert_eq!(asked(folder.path()), "lock key=\nsync key=\n");
}

#[test]
fn what_goes_wrong_with_uv_is_told_with_the_next_step_and_leaves_nothing_half_made() {
    let folder = folder_with(&["penguins.csv"]);
    for (fault, why, next) in [
        ("network", "Failed to fetch", "check the network and run again"),
        ("nothing", "nosuch was not found in the package registry", "change what the code asks for"),
        ("killed", "it was ended by signal 9", "nothing of it is used"),
    ] {
        let (code, text) = said(isolated(folder.path(), MODEL, &["--install"]).env("UV_FAKE", fault));
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(why) && text.contains(next), "{fault}: {text}");
        let (_, text) = said(&mut isolated(folder.path(), MODEL, &[]));
        assert!(text.contains("it is not made yet"), "{fault}: {text}");
    }
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let (code, text) = said(isolated(folder.path(), MODEL, &["--install"]).env("PATH", &empty));
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("it is made by uv, which is not on the PATH") && text.contains("pip install uv"), "{text}");
    let broken = format!("# /// script\n# dependencies = [\n# ///\n{MODEL}");
    let (code, text) = said(&mut isolated(folder.path(), &broken, &["--install"]));
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("model.py: line 2: the header # /// script is no TOML"), "{text}");
    let (code, text) = said(program(folder.path()).args(["doctor", "--environment", "somewhere"]));
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("somewhere is not one of interpreter, project, isolated"), "{text}");
}

/// With the real uv and the network: loud where either is not there.
#[test]
fn a_real_uv_makes_what_the_header_of_the_code_asks_for() {
    let path = std::env::var("PATH").ok();
    if which::which_in("uv", path.as_deref(), "/").is_err() {
        eprintln!("skipped: no uv on the PATH");
        return;
    }
    let folder = judged();
    let code = format!(
        "# /// script\n# requires-python = \">=3.11\"\n# dependencies = [\"six==1.17.0\", \"scikit-learn\"]\n# ///\nimport six\n{MODEL}"
    );
    let mut command = isolated(folder.path(), &code, &["--install", "--json"]);
    let output = command.env("PATH", path.unwrap_or_default()).output().unwrap();
    let value = json(&output);
    if value["error"]["next"].as_str().is_some_and(|next| next.contains("check the network")) {
        eprintln!("skipped: no package index in reach");
        return;
    }
    assert_eq!(value["status"], "finished", "{value}");
    let at = folder.path().join(".rationale/runs").join(value["run_id"].as_str().unwrap());
    let read = |name: &str| std::fs::read_to_string(at.join(name)).unwrap();
    assert!(read("freeze.txt").contains("\nsix==1.17.0\n"), "{}", read("freeze.txt"));
    assert!(read("environment.py.lock").contains("name = \"six\"") && read("code/model.py") == code);
}

fn place(kind: Kind, names: &[&str]) -> JobEvent {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    JobEvent::Place(Box::new(Place { kind, what: ".rationale/venv, Python 3.12.1".into(), names }))
}

/// An accepted answer that imports what is not there, and `x` pressed.
fn before(kind: Kind) -> Harness {
    let mut bench = Harness::framed(120, 30);
    bench.keys("ctrl-e enter");
    bench.report(place(kind, &["numpy", "pandas", "scikit-learn"]));
    bench.report(JobEvent::Settled(None));
    let answer =
        "```python path=model.py\nimport lightgbm\n\n\ndef build():\n    return lightgbm.LGBMClassifier()\n```\n";
    bench.ask(answer, StopReason::EndTurn);
    bench.keys("a");
    bench.report(JobEvent::Decided);
    bench.keys("x");
    bench
}

#[test]
fn what_is_missing_is_named_before_a_run_and_one_key_installs_it() {
    let mut bench = before(Kind::Project);
    let screen = bench.screen();
    assert!(
        screen.contains("lightgbm is not in the environment of this project")
            && screen.contains("i fetches lightgbm into .rationale/venv and runs · I runs it isolated")
            && screen.contains("runs in: project · .rationale/venv, Python 3.12.1"),
        "{screen}"
    );
    bench.keys("i");
    let Some(Job::Install { what, then: Some(then) }) = bench.last_job() else { panic!("{:?}", bench.last_job()) };
    assert_eq!(what, Install::Packages(vec!["lightgbm".into()]));
    bench.report(JobEvent::Environment("Downloading lightgbm".into()));
    bench.report(JobEvent::Installed(Some(then.clone())));
    assert_eq!(bench.last_job(), Some(*then));
}

#[test]
fn nothing_is_installed_into_an_interpreter_and_a_run_can_be_isolated_instead() {
    let mut bench = before(Kind::Interpreter);
    let n = bench.jobs().len();
    bench.keys("i");
    assert_eq!(bench.jobs().len(), n);
    assert!(!bench.screen().contains("i fetches"), "{}", bench.screen());
    assert!(bench.screen().contains("nothing is installed into an interpreter"), "{}", bench.screen());
    bench.keys("I");
    let Some(Job::Settle { kind: Kind::Isolated, then: Some(job) }) = bench.last_job() else {
        panic!("{:?}", bench.last_job())
    };
    bench.report(JobEvent::Settled(Some(job.clone())));
    assert_eq!(bench.last_job(), Some((*job).clone()));
    // It is not made yet, so what would be fetched is shown first; Esc fetches nothing.
    let lacks = Lacks {
        headers: vec!["# /// script\n# ///\n".into()],
        requirements: vec!["lightgbm".into(), "numpy==2.4.6".into()],
        guessed: vec!["half-known".into()],
    };
    bench.report(JobEvent::Lacks(Box::new(lacks.clone()), job.clone()));
    let screen = bench.screen();
    assert!(
        screen.contains("lightgbm  numpy==2.4.6")
            && screen.contains("The name of half-known is taken from its import")
            && screen.contains("Enter fetches and runs"),
        "{screen}"
    );
    let n = bench.jobs().len();
    bench.keys("esc");
    assert_eq!(bench.jobs().len(), n);
    bench.keys("x");
    bench.keys("x");
    bench.report(JobEvent::Lacks(Box::new(lacks.clone()), job.clone()));
    bench.keys("enter");
    let expected = Job::Install { what: Install::Isolated(lacks.headers), then: Some(job) };
    assert_eq!(bench.last_job(), Some(expected));
}

#[test]
fn a_run_that_lacked_a_package_offers_it() {
    let mut bench = before(Kind::Project);
    bench.keys("x");
    let why = "the dry run: ModuleNotFoundError: No module named 'lightgbm' (lightgbm is not in the environment)";
    let mut outcome = Outcome::empty(Status::Failed, why.into());
    outcome.line = Some(1);
    let verdict = Verdict::not_checked("it failed", 0);
    bench.report(JobEvent::RunEnded {
        experiment: "e3".into(),
        outcome: Box::new(outcome),
        verdict: Box::new(verdict),
    });
    bench.report(JobEvent::RunsEnded);
    let screen = bench.screen();
    assert!(
        screen.contains("model.py, line 1: lightgbm is not in the environment, and the run ended at its"),
        "{screen}"
    );
    bench.keys("i");
    assert!(
        matches!(bench.last_job(), Some(Job::Install { what: Install::Packages(names), .. }) if names == ["lightgbm"])
    );
}

#[test]
fn the_environment_is_chosen_from_a_list() {
    let mut bench = Harness::framed(80, 24);
    bench.report_to(|job| matches!(job, Job::Frame(_)), JobEvent::Framed(69, None));
    bench.keys("ctrl-e down down");
    let screen = bench.screen();
    assert!(screen.contains("● project") && screen.contains("isolated") && screen.contains("interpreter"), "{screen}");
    bench.keys("enter");
    assert_eq!(bench.last_job(), Some(Job::Settle { kind: Kind::Isolated, then: None }), "{}", bench.screen());
}

#[test]
fn packages_are_named_plainly_or_refused() {
    let folder = folder_with(&["penguins.csv"]);
    for name in ["git+https://example.org/x", "--index-url=x", "./here", "a @ file:///x"] {
        let output = program(folder.path()).args(["env", "add", "--", name]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains("that is no name of a package"), "{text}");
    }
    assert!(!folder.path().join(".rationale").exists(), "nothing was made");
}

#[test]
fn libraries_are_seeded_in_the_moment_in_which_they_are_imported() {
    let folder = tempfile::tempdir().unwrap();
    let seeds = crate::harness::repository().join("assets/python/seeds.py");
    std::fs::write(
        folder.path().join("torch.py"),
        "seen = None\ndef manual_seed(seed):\n    global seen\n    seen = seed\n",
    )
    .unwrap();
    std::fs::write(folder.path().join("tensorflow.py"), "value = 1\n").unwrap();
    let code = format!(
        "import runpy, sys; sys.path.insert(0, '.'); runpy.run_path({:?})['sow'](2**40)\nimport torch, tensorflow\nprint(torch.seen, tensorflow.value)",
        seeds.display().to_string()
    );
    let output = Command::new(python())
        .args(["-s", "-P", "-c", &code])
        .env("PYTHONHASHSEED", "9")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1099511627776 1\n", "{output:?}");
    let told: Value = serde_json::from_slice(&std::fs::read(folder.path().join("seeds.json")).unwrap()).unwrap();
    let expected =
        serde_json::json!({"hash": 9, "random": 1_099_511_627_776_u64, "numpy": 0, "torch": 1_099_511_627_776_u64});
    assert_eq!(told, expected, "what could not be seeded is not said to be");
}
