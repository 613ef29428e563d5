//! Confining generated code: we start ourselves again under a hidden argument, give up every right that the code does
//! not need, and only then become Python.

#[cfg(target_os = "linux")]
mod init;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod namespaces;
pub mod probe;
#[cfg(target_os = "linux")]
mod root;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::domain::run::{Level, Limits};

/// The hidden argument under which the program confines itself and becomes another.
pub const HELPER: &str = "__sandbox";
/// The hidden argument under which it is process 1 of the namespaces of a run.
pub const INIT: &str = "__sandbox-init";
/// In namespaces: the folder for temporary files under a short name, because a socket can't have a long one.
const SCRATCH: &str = "/scratch";

/// What confined code may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// What must be reached, or the code is not started.
    pub level: Level,
    /// Files and folders it may read and execute.
    pub read: Vec<PathBuf>,
    /// Folders it may write.
    pub write: Vec<PathBuf>,
    /// Limits of each process.
    pub limits: Limits,
    /// Whether it may use the network.
    #[serde(default)]
    pub network: bool,
}

/// System folders that any Python needs to read.
const SYSTEM: [&str; 22] = [
    "/usr",
    "/lib",
    "/lib64",
    "/lib32",
    "/bin",
    "/sbin",
    "/nix/store",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/fonts",
    "/etc/passwd",
    "/etc/group",
    "/etc/nsswitch.conf",
    "/etc/mime.types",
    "/etc/ssl/openssl.cnf",
    "/proc",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
    "/sys/fs/cgroup",
    "/dev/random",
    "/dev/urandom",
];

/// What it needs beside these to find others on the network and to trust them.
const NETWORK: [&str; 9] = [
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust/extracted",
];

impl Policy {
    /// The default policy: Python and the given inputs are read, one folder is written, nothing else.
    pub fn new(level: Level, python: &[String], inputs: &[PathBuf], folder: &Path, limits: Limits) -> Self {
        let system = SYSTEM.iter().map(PathBuf::from);
        let read = system
            .chain(python.iter().map(PathBuf::from))
            .chain(inputs.iter().cloned())
            .filter(|path| path.exists())
            .collect();
        Self { level, read, write: vec![folder.to_owned()], limits, network: false }
    }

    /// The same with the network: an act of somebody, for one run.
    #[must_use]
    pub fn with_network(mut self) -> Self {
        self.network = true;
        self.read.extend(NETWORK.iter().map(PathBuf::from).filter(|path| path.exists()));
        self
    }
}

/// Keeps the memory of this process, and a key in it, out of core files and from other programs of the same user.
pub fn hide_memory() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Where this very program can be started again: under its path while that is still the same file, and else, after an
/// upgrade in the middle of a session, as the file that runs now.
pub fn own_program() -> Result<PathBuf> {
    use std::os::unix::fs::MetadataExt;

    let by_path = std::env::current_exe().context("the path of this program is not known")?;
    let running = Path::new("/proc/self/exe");
    let file = |path: &Path| std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    let is_moved = file(running).is_some_and(|one| file(&by_path) != Some(one));
    Ok(if is_moved { running.to_owned() } else { by_path })
}

/// The command that runs `program` confined. The environment is built from nothing. The thread that spawns it must live
/// as long as it: the program is ended with that thread.
pub fn command(policy: &Policy, program: &str, arguments: &[&str], folder: &Path) -> Result<Command> {
    let mut command = Command::new(own_program()?);
    command.arg(HELPER).arg(serde_json::to_string(policy)?).arg(std::process::id().to_string());
    command.arg("--").arg(program).args(arguments);
    command.env_clear().envs(environment(policy, folder)).current_dir(folder);
    Ok(command)
}

/// What confined code finds in its environment, and nothing more.
fn environment(policy: &Policy, folder: &Path) -> Vec<(String, String)> {
    let inside = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let mut variables: Vec<(String, String)> = [
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("LANG", "C.UTF-8"),
        ("TZ", "UTC"),
        ("MPLBACKEND", "Agg"),
        ("TQDM_MININTERVAL", "1"),
        ("OMP_NUM_THREADS", "1"),
        ("OPENBLAS_NUM_THREADS", "1"),
        ("MKL_NUM_THREADS", "1"),
        ("POLARS_MAX_THREADS", "1"),
        ("MLFLOW_DISABLE_TELEMETRY", "true"),
    ]
    .iter()
    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
    .collect();
    for name in ["HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR", "JOBLIB_TEMP_FOLDER", "NUMBA_CACHE_DIR"] {
        variables.push((name.to_owned(), inside("tmp")));
    }
    let has_scratch = policy.level == Level::Full && folder.join("tmp").is_dir();
    variables.push(("TMPDIR".to_owned(), if has_scratch { SCRATCH.to_owned() } else { inside("tmp") }));
    if policy.level != Level::Full {
        // Pools of processes need sockets and shared memory of their own.
        variables.push(("JOBLIB_MULTIPROCESSING".to_owned(), "0".to_owned()));
    }
    if !policy.network {
        variables.push(("HF_HUB_OFFLINE".to_owned(), "1".to_owned()));
    }
    variables.push(("RATIONALE_RUN".to_owned(), folder.to_string_lossy().into_owned()));
    variables
}

/// The helper: confines this process and becomes the program behind `--`, or, in namespaces, ends as it ended. Returns
/// only where that fails.
pub fn become_confined(arguments: &[String]) -> Result<Infallible> {
    let [policy, starter, dashes, program, rest @ ..] = arguments else {
        bail!("the sandbox helper is called by rationale itself, with a policy and a program");
    };
    if dashes != "--" {
        bail!("the sandbox helper expects -- before the program");
    }
    let policy: Policy = serde_json::from_str(policy).context("the sandbox policy can't be read")?;
    let mut command = confined(&policy, starter, program, rest)?;
    let error = std::os::unix::process::CommandExt::exec(&mut command);
    Err(error).with_context(|| format!("{program} can't be started"))
}

/// Process 1 of the namespaces of a run. Returns only where it can't be.
#[cfg(target_os = "linux")]
pub fn become_init(arguments: &[String]) -> Result<Infallible> {
    init::run(arguments)
}

/// Process 1 of the namespaces of a run, which only Linux has.
#[cfg(not(target_os = "linux"))]
pub fn become_init(_arguments: &[String]) -> Result<Infallible> {
    bail!("this system has no namespaces")
}

#[cfg(target_os = "linux")]
fn confined(policy: &Policy, starter: &str, program: &str, arguments: &[String]) -> Result<Command> {
    linux::detach(starter)?;
    if policy.level == Level::Full {
        match namespaces::run(policy, program, arguments)? {}
    }
    linux::confine(policy)?;
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

#[cfg(not(target_os = "linux"))]
fn confined(policy: &Policy, _starter: &str, program: &str, arguments: &[String]) -> Result<Command> {
    let _ = rustix::process::setsid();
    if policy.level == Level::Seatbelt {
        let mut command = Command::new("/usr/bin/sandbox-exec");
        command.arg("-p").arg(seatbelt(policy)).arg(program).args(arguments);
        return Ok(command);
    }
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

/// A Seatbelt profile: nothing but what the policy names.
#[cfg_attr(target_os = "linux", expect(dead_code, reason = "built and tested on Linux, used on macOS"))]
fn seatbelt(policy: &Policy) -> String {
    let quote = |path: &PathBuf| format!("(subpath {:?})", path.to_string_lossy());
    let read = policy.read.iter().map(quote).collect::<Vec<_>>().join(" ");
    let write = policy.write.iter().map(quote).collect::<Vec<_>>().join(" ");
    format!(
        "(version 1)(deny default)(allow process-exec process-fork)(allow sysctl-read)(allow mach-lookup)\
         (allow ipc-posix-sem)(allow ipc-posix-shm)(allow signal (target same-sandbox))(allow file-read-metadata)\
         (allow file-read* {read} {write} (subpath \"/System\") (subpath \"/Library\") (subpath \"/private/var/db/dyld\") \
         (literal \"/dev/null\") (literal \"/dev/urandom\") (literal \"/dev/random\"))\
         (allow file-write* {write} (literal \"/dev/null\"))"
    )
}
