//! A table that comes through standard input: kept in a file, so that it can be read from any place, and more than once.

use std::fs::{self, File};
use std::io::{IsTerminal, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::domain::failure::Failure;
use crate::safe;
use crate::text::figure;

/// The path that stands for standard input.
pub const SIGN: &str = "-";
/// The name of the file.
const NAME: &str = "stdin";
/// How folders of files begin that are removed again.
const PASSING: &str = "rationale-piped-";
/// Bytes that are taken at most.
const MOST: u64 = 2 << 30;

/// What came through standard input.
#[derive(Debug)]
pub struct Kept {
    /// Where it is.
    pub path: PathBuf,
    /// Held where it is removed when the program ends.
    _folder: Option<tempfile::TempDir>,
}

/// Reads standard input to its end into a file of its own, at most 2 GiB.
///
/// Below `state` it stays, in a folder named by its hash, so that runs and history have a place and the same bytes find
/// them again; without that it is removed with the result.
pub fn keep(state: Option<&Path>) -> Result<Kept, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() {
        return Err(failed("nothing is piped into it", "write for example: cat train.csv | rationale -"));
    }
    keep_all(&mut input.lock(), state, MOST)
}

fn failed(why: &str, next: &str) -> Failure {
    Failure::input(safe!("standard input"), safe!("{why}"), safe!("{next}"))
}

fn keep_all(input: &mut dyn Read, state: Option<&Path>, most: u64) -> Result<Kept, Failure> {
    let mut keep = || -> Result<(Kept, u64)> {
        let folder = match state {
            Some(state) => {
                let folder = state.join("piped");
                fs::create_dir_all(&folder)?;
                fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
                tempfile::tempdir_in(folder)?
            }
            None => tempfile::Builder::new().prefix(PASSING).tempdir()?,
        };
        let (n, hash) = copy(&mut input.take(most + 1), &folder.path().join(NAME))?;
        if state.is_none() || n == 0 || n > most {
            return Ok((Kept { path: folder.path().join(NAME), _folder: Some(folder) }, n));
        }
        let lasting = folder.path().with_file_name(&hash[..16]);
        let path = lasting.join(NAME);
        if !path.is_file() {
            fs::rename(folder.keep(), &lasting)?;
        }
        Ok((Kept { path, _folder: None }, n))
    };
    let (kept, n) = keep().map_err(|error| {
        Failure::work(safe!("standard input"), safe!("it can't be kept: {error:#}"), safe!("make room on the disk"))
    })?;
    match n {
        0 => Err(failed("nothing came through it", "check the command before the pipe")),
        n if n > most => {
            let why = format!("more than {} came through it", figure::bytes(most));
            Err(failed(&why, "save it to a file and open that"))
        }
        _ => Ok(kept),
    }
}

/// Whether the file is one that came through standard input and is removed when the program ends.
pub fn is_passing(path: &Path) -> bool {
    let folder = path.parent().and_then(Path::file_name).and_then(std::ffi::OsStr::to_str);
    path.ends_with(NAME) && folder.is_some_and(|folder| folder.starts_with(PASSING))
}

/// Bytes, and their BLAKE3 in hexadecimal.
fn copy(input: &mut impl Read, path: &Path) -> Result<(u64, String)> {
    let mut file = File::create_new(path)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 20];
    let mut n = 0;
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok((n, hasher.finalize().to_hex().to_string())),
            Ok(more) => {
                file.write_all(&buffer[..more])?;
                hasher.update(&buffer[..more]);
                n += more as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// After the pipe has ended, keys come from the terminal itself; it takes the place of standard input.
pub fn give_terminal() -> std::io::Result<()> {
    let terminal = File::options().read(true).write(true).open("/dev/tty")?;
    rustix::stdio::dup2_stdin(&terminal)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn what_came_is_kept_under_its_hash_and_too_much_is_not() {
        let state = tempfile::tempdir().unwrap();
        let keep = |bytes: &[u8], most| keep_all(&mut { bytes }, Some(state.path()), most);
        let kept = keep(b"a,b\n1,2\n", 8).unwrap();
        assert_eq!(fs::read(&kept.path).unwrap(), b"a,b\n1,2\n");
        assert_eq!(keep(b"a,b\n1,2\n", 8).unwrap().path, kept.path, "the same bytes are found again");
        let much = keep(b"a,b\n1,2\n3", 8).unwrap_err();
        assert_eq!(much.to_string(), "standard input: more than 8 B came through it – save it to a file and open that");
        let nothing = keep(b"", 8).unwrap_err();
        assert_eq!(nothing.to_string(), "standard input: nothing came through it – check the command before the pipe");
        assert_eq!(much.exit_code(), 2);
        assert_eq!(names(&state.path().join("piped")).len(), 1);
    }

    #[test]
    fn without_a_place_to_stay_it_goes_with_the_program() {
        let kept = keep_all(&mut &b"a\n1\n"[..], None, 100).unwrap();
        assert!(kept.path.is_file() && is_passing(&kept.path));
        let path = kept.path.clone();
        drop(kept);
        assert!(!path.exists());
    }
}
