//! Code that tries to get out. A free script counts what it could do, so that each attempt is seen by name.

use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{folder_with, json, program};

const KEY: &str = "sk-ant-canary-0123456789abcdef";

/// Attempts in Python: a name, and statements that raise where they are refused.
const ATTEMPTS: [(&str, &str); 26] = [
    ("read_home", "open(HOME + '/secret.txt').read()"),
    ("list_home", "os.listdir(HOME)"),
    ("read_project_data", "open(FOLDER + '/penguins.csv').read()"),
    ("read_history", "open(FOLDER + '/.rationale/history.sqlite', 'rb').read()"),
    ("read_other_run", "os.listdir(FOLDER + '/.rationale/runs')"),
    ("write_outside", "open(FOLDER + '/written.txt', 'w').write('x')"),
    ("write_tmp", "open('/tmp/rationale-escape.txt', 'w').write('x')"),
    ("truncate_outside", "os.truncate(HOME + '/secret.txt', 0)"),
    ("rename_outside", "os.rename(HOME + '/secret.txt', HOME + '/gone.txt')"),
    ("delete_outside", "os.remove(HOME + '/secret.txt')"),
    ("link_in", "os.link(HOME + '/secret.txt', 'secret.txt')"),
    ("through_symlink", "os.symlink(HOME + '/secret.txt', 'way.txt'); open('way.txt').read()"),
    ("overwrite_own_code", "open(__file__, 'a').write('x')"),
    ("inherited_file", "os.pread(9, 6, 0)"),
    ("tcp", "socket.create_connection(('127.0.0.1', PORT), timeout=2)"),
    ("udp", "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', PORT))"),
    ("ipv6", "socket.socket(socket.AF_INET6)"),
    ("dns", "socket.getaddrinfo('example.com', 80)"),
    ("netlink", "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)"),
    ("unix_socket", "socket.socket(socket.AF_UNIX).connect(FOLDER + '/door')"),
    ("abstract_socket", "socket.socket(socket.AF_UNIX).bind('\\0rationale-escape')"),
    ("parent_environ", "next(text for text in PARENTS() if text)"),
    ("signal_parent", "[os.kill(pid, 0) for pid in ABOVE()]"),
    ("ptrace", "assert ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) == 0"),
    ("unshare", "assert ctypes.CDLL(None).unshare(0x10000000) == 0"),
    ("setuid_program", "assert subprocess.run(['su', '-c', 'true'], capture_output=True).returncode == 0"),
];

fn script(folder: &Path, home: &Path, port: u16) -> String {
    let mut text = format!(
        r#"import ctypes, json, os, socket, subprocess
HOME, FOLDER, PORT = '{}', '{}', {port}


def ABOVE():
    """Every process between this one and the first."""
    pid, found = os.getppid(), []
    while pid > 1:
        found.append(pid)
        pid = int(open(f'/proc/{{pid}}/stat').read().rsplit(')', 1)[1].split()[1])
    return found[1:] or [0 / 0]


def PARENTS():
    for pid in ABOVE():
        yield open(f'/proc/{{pid}}/environ', 'rb').read()


done = {{}}


def attempt(name, text):
    try:
        exec(text, globals())
        done[name] = 1
    except BaseException as error:
        print(name, type(error).__name__, error)
        done[name] = 0


"#,
        home.display(),
        folder.display(),
    );
    for (name, code) in ATTEMPTS {
        text.push_str(&format!("attempt({name:?}, {code:?})\n"));
    }
    text.push_str(
        "attempt('environment', 'assert any(\"canary\" in value or \"KEY\" in name for name, value in os.environ.items())')\n\
         attempt('input', 'assert os.read(0, 10)')\n\
         attempt('terminal', \"open('/dev/tty')\")\n\
         attempt('may_read_its_data', \"assert len(open(os.environ['RATIONALE_DATA']).read()) > 1000\")\n\
         attempt('may_write_inside', \"open('inside.txt', 'w').write('x')\")\n\
         attempt('may_use_temporary_files', 'import tempfile; tempfile.TemporaryFile().write(b\"x\")')\n\
         attempt('may_start_programs', 'assert subprocess.run([\"true\"]).returncode == 0')\n\
         with open('events.jsonl', 'a') as out:\n    out.write(json.dumps({'metrics': [{'key': key, 'value': value} for key, value in done.items()]}) + '\\n')\n",
    );
    text
}

#[test]
fn nothing_gets_out_and_what_a_run_needs_is_there() {
    let folder = folder_with(&["penguins.csv"]);
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("secret.txt"), "secret").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let _door = UnixListener::bind(folder.path().join("door")).unwrap();
    let code = script(&folder.path().canonicalize().unwrap(), home.path(), port);
    std::fs::write(folder.path().join("escape.py"), &code).unwrap();
    // Whoever starts the program may have left a file open.
    let plain = program(folder.path());
    let mut command = Command::new("sh");
    for (name, value) in plain.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let output = command
        .current_dir(folder.path())
        .args(["-c", "exec 9< \"$HOME/secret.txt\"; exec \"$0\" \"$@\""])
        .arg(plain.get_program())
        .args(["run", "escape.py", "--data", "penguins.csv", "--target", "species", "--json"])
        .env("HOME", home.path())
        .env("MY_API_KEY", KEY)
        .env("ANTHROPIC_API_KEY", KEY)
        .env("RATIONALE_ENDPOINT", "offline")
        .output()
        .unwrap();
    let value = json(&output);
    assert_eq!(value["status"], "finished", "{value}\n{}", String::from_utf8_lossy(&output.stderr));
    let log = log_of(folder.path(), &value);
    let (may, may_not): (Vec<_>, Vec<_>) =
        value["reported_by_script"].as_object().unwrap().iter().partition(|(name, _)| name.starts_with("may_"));
    for (name, did) in may {
        assert_eq!(did.as_f64(), Some(1.0), "{name}\n{log}");
    }
    // In namespaces of its own it has a /tmp of its own and names of sockets of its own; outside, nothing is seen of them.
    let is_full = value["sandbox"] == "full";
    for (name, did) in &may_not {
        let is_private = is_full && matches!(name.as_str(), "write_tmp" | "abstract_socket");
        assert_eq!(did.as_f64(), Some(f64::from(is_private)), "{name} succeeded\n{log}");
    }
    assert_eq!(may_not.len(), ATTEMPTS.len() + 3);
    assert_eq!(value["sandbox"], best_level());
    assert_eq!(std::fs::read_to_string(home.path().join("secret.txt")).unwrap(), "secret");
    assert!(!folder.path().join("written.txt").exists() && !Path::new("/tmp/rationale-escape.txt").exists());
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "nobody came");
    assert_eq!(files_with(folder.path(), KEY), Vec::<String>::new());
    // The harness itself is not a way to the sealed rows: the file it is given does not hold them.
    assert!(log.contains("tcp PermissionError") || log.contains("tcp OSError"), "{log}");
}

/// The best level here: *full* where namespaces can be made, as the system's own tool says, else *standard*.
fn best_level() -> &'static str {
    let made = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "--pid", "--fork", "--net", "true"])
        .output();
    if made.is_ok_and(|output| output.status.success()) { "full" } else { "standard" }
}

fn log_of(folder: &Path, run: &Value) -> String {
    let at = folder.join(".rationale/runs").join(run["run_id"].as_str().unwrap()).join("fold-0/output.log");
    String::from_utf8_lossy(&std::fs::read(at).unwrap()).into_owned()
}

/// Files below a folder that hold a text.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let output = Command::new("grep").args(["-rl", "--", text]).arg(folder).output().unwrap();
    String::from_utf8_lossy(&output.stdout).lines().map(ToOwned::to_owned).collect()
}

#[test]
fn the_helper_refuses_what_it_cannot_keep() {
    let folder = tempfile::tempdir().unwrap();
    let helper = |arguments: &[&str]| {
        let output = program(folder.path()).arg("__sandbox").args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).trim().to_owned())
    };
    assert_eq!(
        helper(&[]),
        (Some(126), "sandbox: the sandbox helper is called by rationale itself, with a policy and a program".into())
    );
    assert_eq!(helper(&["{}", "--", "true"]).0, Some(126));
}

#[test]
fn the_level_is_found_by_trying_and_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let value = json(&program(folder.path()).args(["doctor", "--json"]).output().unwrap());
    let sandbox = value["checks"].as_array().unwrap().iter().find(|check| check["name"] == "sandbox").unwrap();
    assert_eq!(sandbox["status"], json!("ok"), "{sandbox}");
    assert!(sandbox["detail"].as_str().unwrap().starts_with(best_level()), "{sandbox}");
}
