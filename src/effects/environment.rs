//! What accepted code runs in: which environment that is, making an isolated one with uv, and adding to the project's own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::domain::environment::{Install, Kind, Lacks, Place, frozen, is_requirement, normal, required};
use crate::domain::failure::Failure;
use crate::domain::imports;
use crate::domain::run::{CodeFile, FileKind, Interpreter, RunSpec, hash};
use crate::domain::script_header::{self, Header};
use crate::effects::executor::write_synced;
use crate::effects::project::Project;
use crate::effects::session::Session;
use crate::effects::world::World;
use crate::effects::{python, runs};
use crate::safe;

/// The file that holds the header of an isolated environment; its lock lies beside it, with `.lock` behind the name.
pub const HEADER: &str = "environment.py";
/// The lock.
pub const LOCK: &str = "environment.py.lock";
/// Every distribution of a run's environment with its version.
pub const FREEZE: &str = "freeze.txt";

/// What the runner, the evaluator and the court import, beside what the code does.
const NEEDED: [&str; 4] = ["numpy", "pandas", "scikit-learn", "matplotlib"];
/// Versions of Python that the runner is written for.
const REQUIRES_PYTHON: &str = ">=3.11";

/// Which environment a run is laid out for, with the texts that belong into its folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// The kind.
    pub kind: Kind,
    /// The header of an isolated one.
    pub header: Option<String>,
    /// Its lock.
    pub lock: Option<String>,
}

impl Made {
    /// That of an earlier run.
    pub fn of_run(session: &Session, spec: &RunSpec) -> Self {
        let read = |name: &str| fs::read_to_string(runs::folder(&session.project, &spec.run_id).join(name)).ok();
        match &spec.environment {
            Some(captured) => Self { kind: captured.kind, header: read(HEADER), lock: read(LOCK) },
            None => Self { kind: session.environment().unwrap_or_default(), ..Self::default() },
        }
    }
}

/// Versions of every distribution that a run had; of a run from before that was written down, of those that matter.
pub fn versions(project: &Project, spec: &RunSpec) -> BTreeMap<String, String> {
    let path = runs::folder(project, &spec.run_id).join(FREEZE);
    let text = fs::read_to_string(path).ok();
    let is_as_recorded = |text: &String| spec.environment.as_ref().is_some_and(|known| known.freeze_hash == hash(text));
    text.filter(is_as_recorded).map_or_else(|| spec.python.packages.clone(), |text| frozen(&text))
}

/// What code of a project runs in: what was chosen in this session or on the command line goes first, then what the project's
/// file says, then the configuration; without all of them the interpreter that was named, else the project's own.
pub fn kind(world: &World, project: &Project) -> Result<Kind, Failure> {
    let config = &world.config;
    if let Some(kind) = world.chosen_environment().or(config.environment) {
        return Ok(kind);
    }
    let usual = if config.python.is_some() { Kind::Interpreter } else { Kind::Project };
    Ok(project.environment()?.or(config.usual_environment).unwrap_or(usual))
}

/// Where code would run now, as far as that can be known without making anything.
pub fn place(session: &Session) -> Result<Place, Failure> {
    place_of(session.environment()?, &session.world.config, &session.project)
}

/// As [`place`], for a kind of environment.
pub fn place_of(kind: Kind, config: &Config, project: &Project) -> Result<Place, Failure> {
    let state = &project.state;
    Ok(match kind {
        Kind::Interpreter => {
            let (found, why) = python::present(config, &project.folder)?;
            Place { kind, what: format!("{}, Python {}, {why}", found.program, found.version), names: found.names() }
        }
        Kind::Project => match python::ready_venv(state) {
            Some(found) => {
                Place { kind, what: format!(".rationale/venv, Python {}", found.version), names: found.names() }
            }
            None => {
                let all = frozen(&format!("{}{}", python::REQUIREMENTS, python::added(state)));
                let names = all.keys().map(|name| normal(name)).collect();
                let what = format!(".rationale/venv, made on the first run: fetches {}", python::fetched(state));
                Place { kind, what, names }
            }
        },
        Kind::Isolated => {
            let what = "made by uv from the header of the code, or from its imports".to_owned();
            Place { kind, what, names: BTreeSet::new() }
        }
    })
}

/// The header of the environment that these files run in: that of the first file where it has one, else one made from what
/// they import. What the runner needs is added as far as it is not named; versions are those of the project's own environment.
pub fn header(files: &[CodeFile]) -> Result<Header, Failure> {
    let pins: BTreeMap<String, String> =
        frozen(python::REQUIREMENTS).into_iter().map(|(name, version)| (normal(&name), version)).collect();
    let pinned = |name: &str| pins.get(name).map_or_else(|| name.to_owned(), |version| format!("{name}=={version}"));
    let main = files.first();
    let own = match main {
        Some(file) => script_header::read(file.code.expose()).map_err(|why| {
            Failure::input(safe!("{}", file.path), why, safe!("mend the header with e and accept the code again"))
        })?,
        None => None,
    };
    let mut needed: BTreeSet<&str> = NEEDED.into();
    if main.is_some_and(|file| file.kind == FileKind::Search) {
        needed.insert("optuna");
    }
    // What a header asks for may be any version; only what it leaves out is pinned where we know one that works.
    if let Some(own) = own {
        let plain: Vec<String> = needed.into_iter().map(ToOwned::to_owned).collect();
        return Ok(own.with(&plain));
    }
    let imported = imports::needed(files);
    let all: BTreeSet<&str> = needed.into_iter().chain(imported.keys().map(String::as_str)).collect();
    let all: Vec<String> = all.into_iter().map(pinned).collect();
    Ok(Header::new(REQUIRES_PYTHON, &all))
}

/// What is missing before these sets of files can run; nothing where everything is there or is made without asking.
pub fn lacks(session: &Session, sets: &[Vec<CodeFile>]) -> Result<Option<Lacks>, Failure> {
    if session.environment()? != Kind::Isolated {
        return Ok(None);
    }
    let mut lacks = Lacks::default();
    for files in sets {
        let header = header(files)?;
        let text = header.text();
        if lacks.headers.contains(&text) || ready(&session.project.state, &text).is_some() {
            continue;
        }
        let by_import =
            script_header::read(files.first().map_or("", |file| file.code.expose())).ok().flatten().is_none();
        for (name, known) in imports::needed(files) {
            if by_import && !known && !lacks.guessed.contains(&name) {
                lacks.guessed.push(name);
            }
        }
        for requirement in header.dependencies {
            if !lacks.requirements.contains(&requirement) {
                lacks.requirements.push(requirement);
            }
        }
        lacks.headers.push(text);
    }
    Ok((!lacks.headers.is_empty()).then_some(lacks))
}

/// The interpreter for these files, made if need be and if that was allowed.
pub fn make_ready(
    session: &Session,
    files: &[CodeFile],
    tell: &mut dyn FnMut(&str),
) -> Result<(Interpreter, Made), Failure> {
    let (config, state) = (&session.world.config, &session.project.state);
    let kind = session.environment()?;
    let made = Made { kind, ..Made::default() };
    match kind {
        Kind::Interpreter => Ok((python::present(config, &session.project.folder)?.0, made)),
        Kind::Project => {
            session.project.make_state()?;
            let mut ready = match python::ready_venv(state) {
                Some(ready) => ready,
                None => python::make_venv(state, config, tell)?,
            };
            let missing = imports::missing(files, &ready.names());
            if config.install && !missing.is_empty() {
                ready = add(config, &session.project, &missing, tell, &CancellationToken::new())?;
            }
            Ok((ready, made))
        }
        Kind::Isolated => {
            let text = header(files)?.text();
            if let Some((python, lock)) = ready(state, &text) {
                return Ok((python, Made { kind, header: Some(text), lock: Some(lock) }));
            }
            if !config.install {
                let lacks = lacks(session, &[files.to_vec()])?.unwrap_or_default();
                return Err(Failure::input(
                    safe!("the isolated environment of this code"),
                    safe!("it is not made yet; {}", lacks.sentence()),
                    match which::which_in("uv", config.path.as_deref(), "/") {
                        Ok(_) => safe!("say --install to fetch that from the package index, or --environment project"),
                        Err(_) => safe!("install uv, which makes it (pip install uv), or say --environment project"),
                    },
                ));
            }
            let (python, lock) = make_isolated(config, &session.project, &text, tell, &CancellationToken::new())?;
            Ok((python, Made { kind, header: Some(text), lock: Some(lock) }))
        }
    }
}

/// Installs what somebody said yes to.
pub fn install(
    session: &Session,
    what: &Install,
    tell: &mut dyn FnMut(&str),
    cancel: &CancellationToken,
) -> Result<(), Failure> {
    let (config, project) = (&session.world.config, &session.project);
    match what {
        Install::Packages(packages) => add(config, project, packages, tell, cancel).map(|_| ()),
        Install::Isolated(headers) => {
            headers.iter().try_for_each(|header| make_isolated(config, project, header, tell, cancel).map(|_| ()))
        }
    }
}

/// Where the environment of a header lies: one for each header, whatever code it is for.
fn folder(state: &Path, header: &str) -> PathBuf {
    state.join("environments").join(&hash(header)[..16])
}

/// The environment of a header with its lock, where it is whole.
fn ready(state: &Path, header: &str) -> Option<(Interpreter, String)> {
    let folder = folder(state, header);
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let lock = read(LOCK)?;
    if read(HEADER)? != header || read("ready")? != hash(&lock) {
        return None;
    }
    python::inspect(&folder.join("venv/bin/python")).ok().map(|python| (python, lock))
}

fn make_isolated(
    config: &Config,
    project: &Project,
    header: &str,
    tell: &mut dyn FnMut(&str),
    cancel: &CancellationToken,
) -> Result<(Interpreter, String), Failure> {
    let state = &project.state;
    project.make_state()?;
    let uv = which::which_in("uv", config.path.as_deref(), "/").map_err(|_| {
        Failure::input(
            safe!("the isolated environment"),
            safe!("it is made by uv, which is not on the PATH"),
            safe!("run: pip install uv, or choose another environment: project or interpreter"),
        )
    })?;
    let _lock = python::lock(state).map_err(|error| disk(&error))?;
    if let Some(ready) = ready(state, header) {
        return Ok(ready);
    }
    let folder = folder(state, header);
    let prepare = || -> Result<()> {
        fs::create_dir_all(&folder)?;
        // What an attempt left that did not come to its end; a lock that is whole is used again.
        let _ = fs::remove_file(folder.join("ready"));
        if folder.join("venv").exists() {
            fs::remove_dir_all(folder.join("venv"))?;
        }
        write_synced(&folder.join(HEADER), header.as_bytes())
    };
    prepare().map_err(|error| disk(&error))?;
    // A header of our own runs on the Python that the project's environment would get; that of somebody else on one it fits.
    let is_own = header.contains(&format!("requires-python = \"{REQUIRES_PYTHON}\""));
    let base = if is_own { Some(python::find_base(config.path.as_deref())?) } else { None };
    let command = |arguments: &[&str]| {
        let mut command = python::tool(config, &uv, &folder);
        command.args(arguments).args(["--script", HEADER, "--no-build", "--no-python-downloads", "--no-progress"]);
        if let Some(base) = &base {
            command.arg("--python").arg(base);
        }
        command.env("VIRTUAL_ENV", folder.join("venv"));
        command
    };
    if !folder.join(LOCK).exists() {
        tell("choosing versions");
        run(command(&["lock"]), tell, cancel).map_err(|broken| {
            let _ = fs::remove_file(folder.join(LOCK));
            broken.failure()
        })?;
    }
    tell("making the isolated environment");
    run(command(&["sync", "--active", "--locked"]), tell, cancel).map_err(Broken::failure)?;
    let finish = || -> Result<(Interpreter, String)> {
        let lock = fs::read_to_string(folder.join(LOCK))?;
        let python = python::inspect(&folder.join("venv/bin/python"))?;
        write_synced(&folder.join("ready"), hash(&lock).as_bytes())?;
        Ok((python, lock))
    };
    finish().map_err(|error| disk(&error))
}

/// Refuses what is no name of a package, before anything is made or fetched.
pub fn check_names(packages: &[String]) -> Result<(), Failure> {
    match packages.iter().find(|package| !is_requirement(package)) {
        None => Ok(()),
        Some(package) => Err(Failure::input(
            safe!("{package}"),
            safe!("that is no name of a package"),
            safe!("write a name, and if you like a version: \"polars>=1\""),
        )),
    }
}

/// Adds distributions to the project's own environment, which is made if need be. What is pinned stays as it is, and no
/// package runs code of its own while it is installed.
pub fn add(
    config: &Config,
    project: &Project,
    packages: &[String],
    tell: &mut dyn FnMut(&str),
    cancel: &CancellationToken,
) -> Result<Interpreter, Failure> {
    let state = &project.state;
    check_names(packages)?;
    project.make_state()?;
    let before = match python::ready_venv(state) {
        Some(ready) => ready,
        None => python::make_venv(state, config, tell)?,
    };
    let _lock = python::lock(state).map_err(|error| disk(&error))?;
    let folder = python::venv_folder(state);
    let (program, marker) = (folder.join("bin/python"), folder.join("rationale.lock"));
    let kept = format!("{}{}", python::REQUIREMENTS, python::added(state));
    // While it is changed it is not ready: what is broken off in the middle is made anew on the next use.
    let begin = || -> Result<()> {
        fs::write(state.join("requirements.txt"), &kept)?;
        fs::remove_file(&marker)?;
        Ok(())
    };
    begin().map_err(|error| disk(&error))?;
    tell(&format!("installing {} into .rationale/venv", packages.join(", ")));
    let command = match which::which_in("uv", config.path.as_deref(), "/") {
        Ok(uv) => {
            let mut command = python::tool(config, &uv, state);
            command.args(["pip", "install", "--no-build", "--no-progress", "--python"]).arg(&program);
            command
        }
        Err(_) => {
            let mut command = python::tool(config, &program, state);
            command.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input"]);
            command.args(["--progress-bar=off", "--only-binary=:all:"]);
            command
        }
    };
    let mut command = command;
    command.args(["-c", "requirements.txt", "--"]).args(packages);
    let done = run(command, tell, cancel);
    let now = python::inspect(&program).map_err(|error| disk(&error))?;
    if let Err(broken) = done {
        if now.all == before.all {
            fs::write(&marker, &kept).map_err(|error| disk(&anyhow!(error)))?;
        }
        return Err(broken.failure());
    }
    let versions: BTreeMap<String, &String> = now.all.iter().map(|(name, version)| (normal(name), version)).collect();
    let known: BTreeSet<String> = frozen(&kept).keys().map(|name| normal(name)).collect();
    let mut added = python::added(state);
    for name in packages.iter().filter_map(|package| required(package)).filter(|name| !known.contains(name)) {
        if let Some(version) = versions.get(&name) {
            added.push_str(&format!("{name}=={version}\n"));
        }
    }
    let finish = || -> Result<()> {
        write_synced(&state.join("added.txt"), added.as_bytes())?;
        write_synced(&marker, format!("{}{added}", python::REQUIREMENTS).as_bytes())
    };
    finish().map_err(|error| disk(&error))?;
    Ok(now)
}

/// Why a tool did not come to a good end.
#[derive(Debug)]
struct Broken {
    why: String,
    is_stopped: bool,
}

impl Broken {
    fn failure(self) -> Failure {
        let why = self.why.to_lowercase();
        let is_network =
            ["failed to fetch", "dns", "error sending request", "could not connect", "network", "timed out"]
                .iter()
                .any(|sign| why.contains(sign));
        let next = if self.is_stopped {
            safe!("run again to begin anew; nothing of it is used")
        } else if is_network {
            safe!("check the network and run again; what is there already runs without it")
        } else if why.contains("no solution found") || why.contains("no matching distribution") {
            safe!("change what the code asks for, in its header or its imports")
        } else {
            safe!("run again, or choose another environment: project or interpreter")
        };
        Failure::work(safe!("installing packages"), safe!("{}", self.why), next)
    }
}

fn disk(error: &anyhow::Error) -> Failure {
    Failure::work(safe!("the environment"), safe!("{error:#}"), safe!("check the disk and try again"))
}

/// Most lines of an error that are told.
const MAX_LINES: usize = 12;

/// Runs a tool to its end, telling each line that it prints; stops it when told to.
fn run(mut command: Command, tell: &mut dyn FnMut(&str), cancel: &CancellationToken) -> Result<(), Broken> {
    let program = command.get_program().to_string_lossy().into_owned();
    let broken = |error: anyhow::Error| Broken { why: format!("{error:#}"), is_stopped: false };
    let (reader, writer) = std::io::pipe().map_err(|error| broken(error.into()))?;
    let spawn = || -> Result<_> {
        let second = writer.try_clone()?;
        command.stdout(second).stderr(writer).spawn().with_context(|| format!("{program} can't be started"))
    };
    let mut child = spawn().map_err(broken)?;
    drop(command); // holds the writing end of the pipe
    let (lines, heard) = std::sync::mpsc::channel::<String>();
    std::thread::spawn(move || {
        for line in BufReader::new(reader).lines().map_while(Result::ok) {
            let _ = lines.send(line);
        }
    });
    let mut said: Vec<String> = Vec::new();
    let mut hear = |line: String, said: &mut Vec<String>| {
        let line = line.trim_matches(|c: char| c.is_whitespace() || "×╰─▶│".contains(c)).to_owned();
        if !line.is_empty() {
            tell(&line);
            said.push(line);
        }
    };
    let status = loop {
        if let Ok(line) = heard.recv_timeout(Duration::from_millis(50)) {
            hear(line, &mut said);
            continue;
        }
        if cancel.is_cancelled() {
            let _ = child.kill();
            let _ = child.wait();
            return Err(Broken { why: "it was stopped".to_owned(), is_stopped: true });
        }
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) => {}
            Err(error) => return Err(broken(error.into())),
        }
    };
    while let Ok(line) = heard.recv_timeout(Duration::from_millis(200)) {
        hear(line, &mut said);
    }
    if status.success() {
        return Ok(());
    }
    if let Some(signal) = status.signal() {
        return Err(Broken { why: format!("it was ended by signal {signal}"), is_stopped: true });
    }
    // From where it begins to say what is wrong.
    let is_error = |line: &String| {
        let line = line.to_lowercase();
        line.starts_with("error") || line.starts_with("no solution") || line.starts_with("failed")
    };
    let from = said.iter().position(is_error).unwrap_or(said.len().saturating_sub(1));
    let mut why: Vec<String> = said.into_iter().skip(from).take(MAX_LINES).collect();
    if why.is_empty() {
        why.push(format!("it ended with status {}", status.code().unwrap_or(-1)));
    }
    let why = why.join(" ");
    Err(Broken { why: why.strip_prefix("error: ").unwrap_or(&why).to_owned(), is_stopped: false })
}
