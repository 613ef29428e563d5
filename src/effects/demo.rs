//! `rationale demo`: a copy of the bundled data that is the user's own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::domain::failure::Failure;
use crate::safe;

const CHURN: &[u8] = include_bytes!("../../assets/churn.csv");
const NOTE: &str = include_str!("../../assets/churn.md");

/// Copies the bundled data set and returns where it is. A copy that is there already is kept.
pub fn copy(folder: &Path) -> Result<PathBuf, Failure> {
    let copy = || -> std::io::Result<PathBuf> {
        fs::create_dir_all(folder)?;
        let path = folder.join("churn.csv");
        if !path.exists() {
            fs::write(&path, CHURN)?;
            fs::write(folder.join("churn.md"), NOTE)?;
        }
        Ok(path)
    };
    copy().map_err(|error| {
        Failure::input(
            safe!("{}", folder.display()),
            safe!("the demo can't be copied there: {error}"),
            safe!("name a folder of yours: rationale demo FOLDER"),
        )
    })
}
