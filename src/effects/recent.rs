//! Data sets that were opened before, for the welcome page.

use std::fs;
use std::path::{Path, PathBuf};

const MAX: usize = 8;

/// Those that are still there, the latest first.
pub fn load(state: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(state.join("recent.json")).unwrap_or_default();
    let paths: Vec<PathBuf> = serde_json::from_str(&text).unwrap_or_default();
    paths.into_iter().filter(|path| path.is_file()).take(MAX).collect()
}

/// Puts one at the front. That it can't be remembered is no reason to fail.
pub fn remember(state: &Path, path: &Path) {
    let mut paths = load(state);
    paths.retain(|other| other != path);
    paths.insert(0, path.to_owned());
    paths.truncate(MAX);
    let write = || -> anyhow::Result<()> {
        fs::create_dir_all(state)?;
        super::executor::write_synced(&state.join("recent.json"), &serde_json::to_vec_pretty(&paths)?)
    };
    if let Err(error) = write() {
        tracing::warn!(%error, "recent data sets were not remembered");
    }
}
