//! The built-in server, driven by the official Python SDK.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::harness::{bare_program, repository};

/// Says that something was not checked. Past the test runner, which shows nothing of tests that pass.
pub fn skip(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

/// A Python with a package from the registry, made once and kept; nothing where the registry is out of reach.
pub fn python_with(name: &str, packages: &[&str]) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let python = folder.join("bin/python");
    let done = folder.join("ready");
    let wanted = packages.join(" ");
    if std::fs::read_to_string(&done).is_ok_and(|text| text == wanted) {
        return Some(python);
    }
    let run = |command: &mut Command| {
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    let made = run(Command::new("python3").args(["-m", "venv"]).arg(&folder))
        && run(Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--timeout",
                "20",
                "--retries",
                "1",
            ])
            .args(packages));
    if !made {
        skip(&format!("{wanted} can't be installed from the package registry"));
        return None;
    }
    std::fs::write(done, wanted).unwrap();
    Some(python)
}

/// The real program as a server, for as long as it is held.
pub struct Serving {
    child: Child,
    pub url: String,
}

impl Serving {
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = bare_program(folder);
        let mut child = command
            .args(["serve", "--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim().to_owned() }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_official_sdk_works_against_the_built_in_server() {
    let Some(python) = python_with("sdk", &["anthropic>=2.12"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = Serving::start(folder.path(), &[]);
    // What the SDK makes of each status, then of two that it is to bear, then of an error within a stream.
    let plan = "400,401,403,404,409,413,422,429,500,503,529,429:retry-after-ms=1,529:retry-after-ms=1,ok,error-event@4,cut@400,redacted,drip,junk";
    let faulty = Serving::start(folder.path(), &["--faults", plan]);
    let check = repository().join("tests/python/sdk_check.py");
    let output = Command::new(python).arg(check).args([&server.url, &faulty.url]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.trim_end().ends_with("all of it"), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}
