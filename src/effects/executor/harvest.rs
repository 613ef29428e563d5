//! What a run left that may be shown: plain files by names and sizes that are within bounds. Nothing in them is opened.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::Result;

use crate::domain::run_event::RunEvent;
use crate::effects::executor::{Teller, kinds};
use crate::text::sanitize::{Place, sanitize_for};

/// Most figures of one folder.
const MAX_FIGURES: usize = 20;
/// Most things of which it is said one by one that they were not taken.
const MAX_SAID: usize = 20;
/// Largest figure and largest report, in bytes.
const MAX_BYTES: (u64, u64) = (20_000_000, 10_000_000);

/// Names of files that the run left, below its folder. What is there and is not taken is told with the reason.
pub(super) fn harvest(folder: &Path, teller: &Teller) -> Result<Vec<String>> {
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    let mut take = |name: String, metadata: &Metadata, max: u64| match why_not(&name, metadata, max) {
        None => found.push(name),
        Some(why) => refused.push((name, why)),
    };
    for entry in fs::read_dir(folder)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == "predictions.csv" {
            take(name.clone(), &entry.metadata()?, u64::MAX);
        }
        if !name.starts_with("fold-") && !kinds::FOLDERS.contains(&name.as_str()) {
            continue;
        }
        for inner in ["figures", "report.json", "report.md", "model.pkl"] {
            let path = entry.path().join(inner);
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if !metadata.is_dir() || inner != "figures" {
                take(format!("{name}/{inner}"), &metadata, MAX_BYTES.1);
                continue;
            }
            for figure in fs::read_dir(&path)?.flatten().take(MAX_FIGURES) {
                let Ok(metadata) = fs::symlink_metadata(figure.path()) else { continue };
                take(format!("{name}/{inner}/{}", figure.file_name().to_string_lossy()), &metadata, MAX_BYTES.0);
            }
        }
    }
    found.sort();
    refused.sort();
    for (name, why) in refused.iter().take(MAX_SAID) {
        let name = sanitize_for(Place::Cell, name);
        teller.tell(&RunEvent::Alarm { text: format!("left where it is: {name} ({why})") });
    }
    Ok(found)
}

/// Why a file is not taken: a link, a pipe or a second name of another file could lead whoever opens it elsewhere.
fn why_not(name: &str, metadata: &Metadata, max: u64) -> Option<&'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if metadata.is_symlink() {
        Some("it is a link")
    } else if !metadata.is_file() {
        Some("it is no plain file")
    } else if metadata.nlink() != 1 {
        Some("it has a second name")
    } else if metadata.len() >= max {
        Some("it is too large")
    } else if !name.chars().all(is_plain) {
        Some("its name")
    } else {
        None
    }
}
