//! Code that tries to get out of the sandbox, at every level, held against the table of promises in `docs/sandbox.md`.
//!
//! `tests/python/escapes.py` makes the attempts inside a run of the real program. Which number of the plan is proven where:
//!
//! | Number | Proven by |
//! |---|---|
//! | G1–G22, G33, G52 | the table, at each level |
//! | G27 (4 TiB) | the table, row `sparse_file`; the rest of it in `bombs.rs` |
//! | G39–G44 | [`what_is_left_is_taken_item_by_item`] |
//! | G45, G46 | `flows::hidden_characters_are_shown_and_need_a_second_key` |
//! | G47 | `flows::a_name_of_two_alphabets_is_pointed_out_and_needs_a_second_key` |
//! | G48 | `runs::the_code_is_checked_once_more_before_it_runs` |
//! | G49 | [`data_that_is_gone_is_missed_before_anything_starts`] |
//! | G51 | [`numbers_that_cannot_be_are_not_taken`] |
//! | G23–G38 | `bombs.rs` |
//! | G50 | `together::twenty_runs_stopped_killed_and_left_all_end_in_a_state_that_has_a_name` |

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::harness::{folder_with, json, program, repository};

const KEY: &str = "sk-ant-canary-0123456789abcdef";
/// Words that lie outside and must not be found inside.
const SECRETS: [&str; 4] = ["canary of the home", "canary of ssh", "canary of a key file", "canary of other data"];
const LEVELS: [&str; 4] = ["full", "standard", "reduced", "none"];
/// Files outside that one attempt each would change.
const TARGETS: [&str; 9] = ["append", "truncate", "rename", "move", "delete", "through", "mode", "times", "attribute"];

/// What is promised of each attempt: its name, and a word for each level.
fn promises() -> BTreeMap<String, [String; 4]> {
    let text = std::fs::read_to_string(repository().join("docs/sandbox.md")).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with("| G |")).filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix("| G")?.strip_suffix(" |")?.split(" | ").collect();
        let [_, _, name, words @ ..] = cells.as_slice() else { panic!("{line}") };
        let words: [&str; 4] = words.try_into().unwrap_or_else(|_| panic!("{line}"));
        Some((name.trim_matches('`').to_owned(), words.map(ToOwned::to_owned)))
    });
    rows.collect()
}

/// The best level here: *full* where namespaces can be made, as the system's own tool says, else *standard*.
pub fn best_level() -> &'static str {
    let made = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "--pid", "--fork", "--net", "true"])
        .output();
    if made.is_ok_and(|output| output.status.success()) { "full" } else { "standard" }
}

/// A program of the same user, which would be worth a visit.
struct Victim(Child);

impl Victim {
    fn start(input: &Path) -> Self {
        let input = std::fs::File::open(input).unwrap();
        Self(Command::new("sleep").arg("600").env_clear().env("RATIONALE_VICTIM", "1").stdin(input).spawn().unwrap())
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What came of all attempts at one level.
struct Tried {
    folder: tempfile::TempDir,
    home: tempfile::TempDir,
    mark: String,
    output: Output,
    value: Value,
    found: BTreeMap<String, (String, String)>,
}

fn put(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn try_at(level: &str) -> Tried {
    let folder = folder_with(&["penguins.csv"]);
    let project = folder.path().canonicalize().unwrap();
    let home = tempfile::tempdir().unwrap();
    put(&home.path().join("secret.txt"), SECRETS[0]);
    put(&home.path().join(".ssh/id_ed25519"), SECRETS[1]);
    put(&project.join("config/key"), SECRETS[2]);
    put(&project.join("other.csv"), SECRETS[3]);
    put(&project.join("config/config.toml"), &format!("[run]\nsandbox = \"{level}\"\n"));
    std::fs::create_dir(home.path().join("mount")).unwrap();
    for name in TARGETS {
        put(&home.path().join(format!("{name}.txt")), "as it was");
        std::fs::set_permissions(home.path().join(format!("{name}.txt")), std::fs::Permissions::from_mode(0o640))
            .unwrap();
    }
    let mark = format!("rationale-escape-{}", project.file_name().unwrap().to_string_lossy());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let _door = UnixListener::bind(project.join("door")).unwrap();
    let _abstract = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&mark).unwrap()).unwrap();
    let victim = Victim::start(&home.path().join("secret.txt"));
    let place = json!({
        "home": home.path(), "project": project, "mark": mark, "level": level, "victim": victim.0.id(),
        "port": listener.local_addr().unwrap().port(), "canary_reversed": KEY.chars().rev().collect::<String>(),
    });
    let script = std::fs::read_to_string(repository().join("tests/python/escapes.py")).unwrap();
    let script = script.replace("\nPLACE = {}\n", &format!("\nPLACE = {place}\n"));
    std::fs::write(project.join("escapes.py"), script).unwrap();

    // Whoever starts the program may have left a file open.
    let plain = program(&project);
    let mut command = Command::new("sh");
    for (name, value) in plain.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command
        .current_dir(&project)
        .args(["-c", "exec 9< \"$HOME/secret.txt\"; exec \"$0\" \"$@\""])
        .arg(plain.get_program())
        .args(["run", "escapes.py", "--data", "penguins.csv", "--target", "species", "--json"])
        .env("HOME", home.path())
        .env("MY_API_KEY", KEY)
        .env("ANTHROPIC_API_KEY", KEY)
        .env("RATIONALE_ENDPOINT", "offline")
        .stdin(Stdio::null());
    if ["reduced", "none"].contains(&level) {
        let refused = command.output().unwrap();
        assert_ne!(refused.status.code(), Some(0), "nothing runs below standard unless somebody says so");
        command.arg("--unsandboxed");
    }
    let output = command.output().unwrap();
    let value = json(&output);
    assert_eq!(value["status"], "finished", "{value}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(value["sandbox"], level);
    let at = fold_of(&project, &value).join("attempts.json");
    let found = serde_json::from_slice(&std::fs::read(at).unwrap()).unwrap();
    listener.set_nonblocking(true).unwrap();
    assert_eq!(listener.accept().is_ok(), level == "none", "whether somebody came");
    Tried { folder, home, mark, output, value, found }
}

fn fold_of(folder: &Path, run: &Value) -> std::path::PathBuf {
    folder.join(".rationale/runs").join(run["run_id"].as_str().unwrap()).join("fold-0")
}

/// Attempts that left something outside.
fn left_outside(tried: &Tried) -> Vec<&'static str> {
    let (home, project) = (tried.home.path(), tried.folder.path());
    let was =
        |name: &str| std::fs::read_to_string(home.join(format!("{name}.txt"))).ok().as_deref() == Some("as it was");
    let data = std::fs::metadata(home.join("mode.txt")).unwrap();
    let attribute = Command::new("getfattr").args(["-n", "user.rationale"]).arg(home.join("attribute.txt")).output();
    let facts = [
        ("write_outside", project.join("written.txt").exists()),
        ("append_outside", !was("append")),
        ("truncate_outside", !was("truncate")),
        ("make_folder_outside", home.join("folder").exists()),
        ("rename_outside", !was("rename") || home.join("renamed.txt").exists()),
        ("move_in", !was("move")),
        ("move_out", home.join("own.txt").exists()),
        ("link_in", std::fs::metadata(home.join("secret.txt")).unwrap().nlink() != 1),
        ("link_out", home.join("own-too.txt").exists()),
        ("delete_outside", !was("delete")),
        ("write_through_link", !was("through")),
        ("change_mode_outside", data.permissions().mode() & 0o777 != 0o640),
        ("change_times_outside", std::fs::metadata(home.join("times.txt")).unwrap().mtime() == 0),
        ("change_attribute_outside", attribute.is_ok_and(|output| output.status.success())),
        ("write_tmp", Path::new("/tmp").join(&tried.mark).exists()),
        ("write_shared_memory", Path::new("/dev/shm").join(&tried.mark).exists()),
    ];
    for place in ["/tmp", "/dev/shm"] {
        let _ = std::fs::remove_file(Path::new(place).join(&tried.mark));
    }
    facts.into_iter().filter_map(|(name, is_so)| is_so.then_some(name)).collect()
}

/// Files below a folder that hold a text.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let output = Command::new("grep").args(["-rl", "--devices=skip", "--", text]).arg(folder).output().unwrap();
    String::from_utf8_lossy(&output.stdout).lines().map(ToOwned::to_owned).collect()
}

fn hold_to_its_promise(level: &str) {
    let tried = try_at(level);
    let number = LEVELS.iter().position(|other| *other == level).unwrap();
    let promised = promises();
    let (left, names): (Vec<_>, Vec<_>) = (left_outside(&tried), tried.found.keys().collect());
    assert_eq!(promised.keys().collect::<Vec<_>>(), names, "the table and the script name the same attempts");
    let mut broken = Vec::new();
    for (name, (word, detail)) in &tried.found {
        let cell = promised[name][number].as_str();
        let keeps = match (cell, word.as_str()) {
            ("denied", "refused") | ("open" | "own" | "works", "done") | ("machine", _) => true,
            // Only what is up to the machine even without a sandbox may be missing on it.
            (_, "not attempted here") => promised[name][3] == "machine",
            _ => false,
        };
        if word == "not attempted here" {
            eprintln!("{level}: {name} was not attempted here: {detail}");
        }
        // What is done inside its own namespaces is not seen outside.
        let may_be_seen = matches!(cell, "open" | "machine");
        if !keeps || left.contains(&name.as_str()) && !may_be_seen {
            broken.push(format!("{name}: {cell} is promised, {word} is what came: {detail}"));
        }
    }
    assert_eq!(broken, Vec::<String>::new(), "at level {level}");
    let project = tried.folder.path();
    let (before, after) = (repository().join("assets/penguins.csv"), project.join("penguins.csv"));
    assert_eq!(std::fs::read(before).unwrap(), std::fs::read(after).unwrap(), "the data is as it was");
    let printed = [tried.output.stdout.as_slice(), &tried.output.stderr].concat();
    assert!(!String::from_utf8_lossy(&printed).contains(KEY));
    assert_eq!(files_with(project, KEY), Vec::<String>::new(), "the key is nowhere");
    if number < 2 {
        for secret in SECRETS {
            assert_eq!(files_with(&project.join(".rationale"), secret), Vec::<String>::new(), "{secret}");
            assert!(!String::from_utf8_lossy(&printed).contains(secret), "{secret}");
        }
    }
}

#[test]
fn full_keeps_its_promise() {
    if best_level() == "full" {
        hold_to_its_promise("full");
    } else {
        eprintln!("not attempted here: namespaces can't be made");
    }
}

#[test]
fn standard_keeps_its_promise() {
    hold_to_its_promise("standard");
}

#[test]
fn reduced_keeps_its_promise() {
    hold_to_its_promise("reduced");
}

/// Without a sandbox everything succeeds that is not up to the machine: so no attempt is refused for a reason of its own.
#[test]
fn without_a_sandbox_every_attempt_succeeds() {
    hold_to_its_promise("none");
}

#[test]
fn what_is_left_is_taken_item_by_item() {
    let tried = try_at("standard");
    let long = format!("figures/{}.png", "-".repeat(251));
    let left = [long.as_str(), "figures/good.png", "model.pkl"].map(|name| format!("fold-0/{name}"));
    // A pickle is named and never opened; of the rest it is said why it was not taken.
    assert_eq!(tried.value["artefacts"], json!(left));
    let at = fold_of(tried.folder.path(), &tried.value);
    let told = std::fs::read_to_string(at.parent().unwrap().join("progress.jsonl")).unwrap();
    let said: Vec<String> = told
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter_map(|event| Some(event["text"].as_str()?.to_owned()))
        .filter(|text| text.starts_with("left where it is"))
        .collect();
    let refused = |name: &str, why: &str| format!("left where it is: fold-0/{name} ({why})");
    let expected = [
        refused("figures/link.png", "it is a link"),
        refused("figures/odd␊name.png", "its name"),
        refused("figures/page.html", "it has a second name"),
        refused("figures/pipe.png", "it is no plain file"),
        refused("figures/up.png", "it is a link"),
        refused("report.json", "it is no plain file"),
        refused("report.md", "it is a link"),
    ];
    assert_eq!(said.len(), expected.len() + 2, "and two more names that show as something else: {said:#?}");
    for one in &expected {
        assert!(said.contains(one), "{one} is not among {said:#?}");
    }
    assert!(!at.join("unpickled").exists() && !tried.folder.path().join("unpickled").exists());
}

#[test]
fn data_that_is_gone_is_missed_before_anything_starts() {
    let folder = folder_with(&["penguins.csv"]);
    std::fs::write(folder.path().join("model.py"), "def build():\n    return None\n").unwrap();
    std::fs::remove_file(folder.path().join("penguins.csv")).unwrap();
    let output = program(folder.path())
        .args(["run", "model.py", "--data", "penguins.csv", "--target", "species", "--json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("penguins.csv"), "{output:?}");
    assert!(!folder.path().join(".rationale/runs").exists());
}

#[test]
fn numbers_that_cannot_be_are_not_taken() {
    let folder = folder_with(&["penguins.csv"]);
    let code = "with open('events.jsonl', 'a') as out:\n    for line in ['{\"metrics\": [{\"key\": \"nan\", \"value\": NaN}]}', '{\"metrics\": 3}', '[' * 10_000, '{\"metrics\": [{\"key\": \"accuracy\", \"value\": 1.7}]}']:\n        out.write(line + '\\n')\nwith open('sparse.json', 'wb') as out:\n    out.truncate(1 << 30)\n";
    std::fs::write(folder.path().join("claims.py"), code).unwrap();
    let value = json(
        &program(folder.path())
            .args(["run", "claims.py", "--data", "penguins.csv", "--target", "species", "--json"])
            .output()
            .unwrap(),
    );
    // What it claims stays its own word: no metric, and nothing is judged by it.
    assert_eq!(
        (&value["status"], &value["reported_by_script"]),
        (&json!("finished"), &json!({"accuracy": 1.7, "nan": null}))
    );
    assert_eq!((&value["verdict"]["label"], &value["metrics"]), (&json!("not checked"), &json!({})));
}
