//! The interpreter that runs accepted code: the one the user names, or the project's own environment, made on first use.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

use crate::config::Config;
use crate::domain::environment::frozen;
use crate::domain::failure::Failure;
use crate::domain::run::Interpreter;
use crate::safe;

/// What the project's own environment holds.
pub const REQUIREMENTS: &str = include_str!("../../assets/python/requirements.txt");

/// Packages that the runner and the evaluator can't do without.
const NEEDED: [(&str, &str); 3] = [("numpy", "numpy"), ("pandas", "pandas"), ("sklearn", "scikit-learn")];

const QUESTION: &str = r#"
import importlib.metadata as m, json, os, sys, sysconfig
names = ["numpy", "pandas", "scikit-learn", "scipy", "matplotlib", "lightgbm", "xgboost", "catboost", "torch", "optuna", "polars", "tensorflow", "keras"]
found = {}
for name in names:
    try: found[name] = m.version(name)
    except Exception: pass
every = {}
for one in m.distributions():
    try: every.setdefault(one.metadata["Name"], one.version)
    except Exception: pass
every.pop(None, None)
paths = [sys.prefix, sys.base_prefix, sys.exec_prefix, sysconfig.get_path("stdlib"), sysconfig.get_path("platlib"), *sys.path]
paths += [os.path.dirname(os.path.realpath(sys.executable)), sysconfig.get_config_var("LIBDIR") or ""]
read = sorted({os.path.realpath(p) for p in paths if p and os.path.isdir(p)} | {os.path.abspath(p) for p in paths if p and os.path.isdir(p)})
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "program": sys.executable, "read": read, "packages": found, "all": every}))
"#;

#[derive(Deserialize)]
struct Answer {
    version: String,
    program: String,
    read: Vec<String>,
    packages: BTreeMap<String, String>,
    all: BTreeMap<String, String>,
}

/// Asks an interpreter what it is.
pub fn inspect(program: &Path) -> Result<Interpreter> {
    let output = Command::new(program)
        .args(["-I", "-c", QUESTION])
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{} can't be started", program.display()))?;
    if !output.status.success() {
        bail!(
            "{} does not work: {}",
            program.display(),
            String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default()
        );
    }
    let answer: Answer =
        serde_json::from_slice(&output.stdout).with_context(|| format!("{} is not a Python", program.display()))?;
    let read = answer.read.into_iter().filter(|path| path != "/").collect();
    Ok(Interpreter {
        program: answer.program,
        version: answer.version,
        read,
        packages: answer.packages,
        all: answer.all,
    })
}

/// The interpreter that the user named, with everything that is needed.
pub fn named(program: &Path) -> Result<Interpreter, Failure> {
    let refuse = |why: String, next: String| Failure::input(safe!("Python"), safe!("{why}"), safe!("{next}"));
    let interpreter = inspect(program)
        .map_err(|error| refuse(format!("{error:#}"), "name a working interpreter with --python".into()))?;
    if !is_new_enough(&interpreter.version) {
        return Err(refuse(
            format!("3.11 or newer is needed, and {} is {}", program.display(), interpreter.version),
            "name a newer interpreter with --python".into(),
        ));
    }
    let missing: Vec<&str> = NEEDED
        .iter()
        .filter(|(_, package)| !interpreter.packages.contains_key(*package))
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(interpreter);
    }
    let list = missing.join(" ");
    Err(refuse(
        format!("{} lacks {}", program.display(), missing.join(", ")),
        format!("install it there with: {} -m pip install {list}", program.display()),
    ))
}

/// A Python from 3.11 on that is installed on this machine.
pub fn find_base(path: Option<&str>) -> Result<PathBuf, Failure> {
    let names = ["python3.13", "python3.12", "python3.11", "python3.14", "python3", "python"];
    let mut seen: Vec<String> = Vec::new();
    let folders = path.unwrap_or_default();
    for name in names {
        for candidate in which::which_in_all(name, Some(folders), "/").into_iter().flatten() {
            match inspect(&candidate) {
                Ok(found) if is_new_enough(&found.version) => return Ok(PathBuf::from(found.program)),
                Ok(found) => seen.push(format!("{} is {}", candidate.display(), found.version)),
                Err(_) => {}
            }
        }
    }
    let why = match seen.first() {
        Some(first) => safe!("3.11 or newer is needed, and {first}"),
        None => safe!("none was found on the PATH"),
    };
    Err(Failure::input(
        safe!("Python"),
        why,
        safe!("install Python 3.11 or newer (with venv), or name an interpreter with --python"),
    ))
}

fn is_new_enough(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next(), parts.next()) >= (Some(3), Some(11))
}

/// Where the project's own environment lies.
pub fn venv_folder(state: &Path) -> PathBuf {
    state.join("venv")
}

/// What was added to the project's own environment, one requirement a line; installed anew whenever that is made anew.
pub fn added(state: &Path) -> String {
    fs::read_to_string(state.join("added.txt")).unwrap_or_default()
}

/// The project's own environment, if it is there and holds what is pinned and what was added.
pub fn ready_venv(state: &Path) -> Option<Interpreter> {
    let folder = venv_folder(state);
    let marker = fs::read_to_string(folder.join("rationale.lock")).ok()?;
    (marker == format!("{REQUIREMENTS}{}", added(state))).then(|| inspect(&folder.join("bin/python")).ok())?
}

/// Makes the project's own environment, telling each line of what is done.
///
/// Uses uv where it is installed, else `venv` and pip. Only wheels are fetched, by a program that sees no key.
pub fn make_venv(state: &Path, config: &Config, tell: &mut dyn FnMut(&str)) -> Result<Interpreter, Failure> {
    let path = config.path.as_deref();
    let folder = venv_folder(state);
    let _lock = lock(state).map_err(|error| broken(&error))?;
    if let Some(ready) = ready_venv(state) {
        return Ok(ready);
    }
    let base = find_base(path)?;
    let mut make = || -> Result<Interpreter> {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let requirements = state.join("requirements.txt");
        let wanted = format!("{REQUIREMENTS}{}", added(state));
        fs::write(&requirements, &wanted)?;
        let python = folder.join("bin/python");
        tell(&format!("making an environment with {}", base.display()));
        tell(&format!("fetching {} from the package index", fetched(state)));
        if let Ok(uv) = which::which_in("uv", path, "/") {
            step(tool(config, &uv, state).args(["venv", "--quiet", "--python"]).arg(&base).arg(&folder), tell)?;
            let mut install = tool(config, &uv, state);
            install.args(["pip", "install", "--no-build", "--python"]).arg(&python).arg("-r").arg(&requirements);
            step(&mut install, tell)?;
        } else {
            step(tool(config, &base, state).args(["-m", "venv"]).arg(&folder), tell)
                .map_err(|error| anyhow!("{error}; on Debian and Ubuntu the package python3-venv is needed"))?;
            step(
                tool(config, &python, state)
                    .args([
                        "-m",
                        "pip",
                        "install",
                        "--disable-pip-version-check",
                        "--no-input",
                        "--progress-bar=off",
                        "--only-binary=:all:",
                        "-r",
                    ])
                    .arg(&requirements),
                tell,
            )?;
        }
        let interpreter = inspect(&python)?;
        fs::write(folder.join("rationale.lock"), wanted)?;
        Ok(interpreter)
    };
    make().map_err(|error| broken(&error))
}

/// What making the project's own environment fetches, in a few words: how many packages, and those that matter.
pub fn fetched(state: &Path) -> String {
    let added = frozen(&added(state));
    let n = frozen(REQUIREMENTS).len() + added.len();
    let named: Vec<String> = pinned().iter().chain(&added).map(|(name, version)| format!("{name} {version}")).collect();
    format!("{n} packages ({}, and what they need)", named.join(", "))
}

/// A program that makes environments or installs packages. Its own environment holds what it needs to reach an index, and
/// no key of an endpoint.
pub fn tool(config: &Config, program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(config.tools.iter().map(|(name, value)| (name, value)));
    command.env("NO_COLOR", "1").current_dir(folder).stdin(Stdio::null());
    command
}

fn broken(error: &anyhow::Error) -> Failure {
    Failure::work(
        safe!("the project's Python environment"),
        safe!("{error:#}"),
        safe!("check the network and the disk and try again, or name an interpreter with --python"),
    )
}

/// The packages that the project's own environment will hold and that matter, by name with version.
pub fn pinned() -> BTreeMap<String, String> {
    let shown = ["matplotlib", "numpy", "pandas", "scikit-learn", "scipy"];
    frozen(REQUIREMENTS).into_iter().filter(|(name, _)| shown.contains(&name.as_str())).collect()
}

/// Interpreters that may be there, in the order in which they are looked for, each with why: one that was named, one that
/// is active, one in the project's folder, that of a Conda environment with a name, and the first on the `PATH`.
fn candidates(config: &Config, folder: &Path) -> Vec<(String, PathBuf)> {
    let inside = |name: &str| folder.join(name).join("bin/python");
    let mut all: Vec<(String, PathBuf)> = Vec::new();
    all.extend(config.python.iter().map(|program| ("named by you".to_owned(), program.clone())));
    all.extend(config.active.iter().map(|(why, prefix)| (why.clone(), prefix.join("bin/python"))));
    let conda = all.iter().position(|(why, _)| why == "CONDA_PREFIX").unwrap_or(all.len());
    for (place, name) in (conda..).zip([".venv", "venv", ".pixi/envs/default"]) {
        all.insert(place, (format!("{name} in the project"), inside(name)));
    }
    all.retain(|(why, program)| why == "named by you" || program.exists());
    all
}

/// The interpreter that is there already, with why it is this one. Nothing is ever installed into it.
pub fn present(config: &Config, folder: &Path) -> Result<(Interpreter, String), Failure> {
    match candidates(config, folder).into_iter().next() {
        Some((why, program)) => Ok((named(&program)?, why)),
        None => Ok((named(&find_base(config.path.as_deref())?)?, "the first on the PATH".to_owned())),
    }
}

/// Only one instance makes an environment; others wait for it.
pub fn lock(state: &Path) -> Result<fs::File> {
    fs::create_dir_all(state)?;
    let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(state.join("venv.lock"))?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)?;
    Ok(file)
}

/// Runs a program to its end, telling each line that it prints; what it printed last is why it failed.
fn step(command: &mut Command, tell: &mut dyn FnMut(&str)) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let (reader, writer) = std::io::pipe()?;
    let mut child = {
        let spawned = command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer).spawn();
        spawned.with_context(|| format!("{program} can't be started"))?
    };
    // The command still holds the writing end; replacing it lets the reader see the end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut last = String::new();
    for line in BufReader::new(reader).lines().map_while(Result::ok) {
        let line = line.trim();
        if !line.is_empty() {
            tell(line);
            line.clone_into(&mut last);
        }
    }
    if child.wait()?.success() { Ok(()) } else { bail!("{last}") }
}
