//! The user's own editor.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Opens `code` in the editor under the name of `path` and returns what was saved.
///
/// The terminal must be the editor's own meanwhile.
pub fn edit(editor: Option<&str>, path: &str, code: &str) -> Result<String> {
    let editor = editor.context("no editor is set; set EDITOR, for example to nano")?;
    let words = shlex::split(editor).filter(|words| !words.is_empty()).context("EDITOR can't be read as a command")?;
    let folder = tempfile::tempdir()?;
    let name = path.rsplit('/').next().unwrap_or("code.py");
    let file = folder.path().join(name);
    fs::write(&file, code)?;
    let status = Command::new(&words[0])
        .args(&words[1..])
        .arg(&file)
        .status()
        .with_context(|| format!("{} can't be started", words[0]))?;
    if !status.success() {
        bail!("{} ended with {status}; the code was left as it was", words[0]);
    }
    fs::read_to_string(&file).context("what was saved is not UTF-8 text; the code was left as it was")
}
