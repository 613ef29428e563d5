//! `rationale evaluator`: a metric of the user's own, looked at and approved.

use std::path::Path;

use serde_json::json;

use crate::domain::experiment::History;
use crate::domain::failure::Failure;
use crate::domain::own_metric::{Candidate, Needs};
use crate::effects::own_metric;
use crate::effects::project::{Project, STATE};
use crate::effects::store::Store;
use crate::headless::Console;
use crate::safe;

/// Fewest digits by which a version is approved.
const MIN_DIGITS: usize = 8;

/// Shows the file with what changed since it was approved; with the hash that was shown, approves it.
pub fn evaluator(folder: &Path, file: &str, approve: Option<&str>, as_json: bool) -> Result<(), Failure> {
    let Ok(folder) = folder.canonicalize() else {
        return Err(Failure::input(
            safe!("{}", folder.display()),
            safe!("there is no such folder"),
            safe!("name the folder of the data file with --project"),
        ));
    };
    let file = file.strip_prefix("./").unwrap_or(file);
    let project = Project { data: folder.join(file), data_name: String::new(), state: folder.join(STATE), folder };
    let history = if project.state.join("history.sqlite").exists() {
        History::from_events(&Store::open(&project.state)?.load()?.0)
    } else {
        History::default()
    };
    let mut candidate = own_metric::candidate(&project, &history, file)?;
    if let Some(digits) = approve {
        if digits.len() < MIN_DIGITS || !candidate.hash().starts_with(&digits.to_lowercase()) {
            return Err(Failure::input(
                safe!("{file}"),
                safe!("its hash does not begin with {digits}, so nothing was approved"),
                safe!("look at it with rationale evaluator {file}, which says the hash"),
            ));
        }
        if !candidate.is_approved {
            project.make_state()?;
            let mut store = Store::open(&project.state)?;
            own_metric::approve(&project, &candidate, |event| store.append(event).map(|_| ()))?;
            candidate.is_approved = true;
        }
    }
    if as_json {
        Console.json(&shape(&candidate));
    } else {
        print(&candidate, approve.is_some());
    }
    Ok(())
}

fn shape(candidate: &Candidate) -> serde_json::Value {
    let declared = candidate.declared.as_ref().ok();
    json!({
        "path": candidate.path,
        "hash": candidate.hash(),
        "approved": candidate.is_approved,
        "approved_before": candidate.before.as_ref().map(|(hash, _)| hash),
        "name": declared.map(|declared| declared.metric.name()),
        "direction": declared.map(|declared| declared.metric.direction().word()),
        "needs": declared.and_then(|declared| declared.needs).map(Needs::word),
        "doc": declared.map(|declared| &declared.doc),
        "wrong": candidate.declared.as_ref().err(),
    })
}

fn print(candidate: &Candidate, was_asked: bool) {
    if !was_asked {
        for (sign, line) in candidate.lines() {
            Console.out(&format!("{sign} {line}"));
        }
        Console.out("");
    }
    match &candidate.declared {
        Ok(declared) => Console.out(&format!(
            "metric {} {} · BLAKE3 {}",
            declared.metric.name(),
            declared.metric.direction().arrow(),
            candidate.hash()
        )),
        Err(why) => Console.out(&format!("it can't be used: {why}")),
    }
    Console.out(safe!("{}", candidate.standing()).as_str());
    if !candidate.is_approved && candidate.declared.is_ok() {
        let next =
            format!("approve it with: rationale evaluator {} --approve {}", candidate.path, &candidate.hash()[..12]);
        Console.out(safe!("{next}").as_str());
    }
}
