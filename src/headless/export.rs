//! `rationale export`: what the history holds, as documents.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::domain::checklist;
use crate::domain::experiment::History;
use crate::domain::failure::Failure;
use crate::domain::manifest;
use crate::domain::run::{FileKind, Status};
use crate::effects::executor::write_synced;
use crate::effects::runs;
use crate::effects::session::Session;
use crate::effects::world::World;
use crate::headless::Console;
use crate::safe;

/// Largest data file that is profiled for a document, in bytes.
const MAX_DATA: u64 = 200_000_000;

/// A kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// The project's document.
    Manifest,
    /// The latest report on a run.
    Report,
    /// The latest checklist.
    Checklist,
}

/// Writes one kind of document to a file, or prints it.
pub fn export(world: &Arc<World>, what: Document, project: &Path, output: Option<&Path>) -> Result<(), Failure> {
    let state = project.join(".rationale");
    let nothing = || {
        Failure::input(
            safe!("{}", project.display()),
            safe!("nothing has been tried there yet"),
            safe!("name the folder of the data file with --project"),
        )
    };
    if !state.join("history.sqlite").exists() {
        return Err(nothing());
    }
    let history = runs::read_history(&state)?;
    if history.experiments.is_empty() {
        return Err(nothing());
    }
    let (text, figures) = match what {
        Document::Manifest => (manifest_of(world, project, &history), None),
        Document::Checklist => (checklist_of(&history)?, None),
        Document::Report => {
            let (text, folder) = report_of(&state, &history)?;
            (text, Some(folder))
        }
    };
    match output {
        None => Console.out(safe!("{}", text.trim_end()).as_str()),
        Some(path) => {
            let text = match figures {
                Some(folder) => with_figures(&text, &folder, path)?,
                None => text,
            };
            write_synced(path, text.as_bytes()).map_err(|error| cannot(path, &format!("{error:#}")))?;
            Console.note(&safe!("written to {}", path.display()));
        }
    }
    Ok(())
}

fn cannot(path: &Path, why: &str) -> Failure {
    Failure::input(
        safe!("{}", path.display()),
        safe!("it can't be written ({why})"),
        safe!("name another place with -o"),
    )
}

/// One document for each data file of the project.
fn manifest_of(world: &Arc<World>, project: &Path, history: &History) -> String {
    let documents: Vec<String> = history
        .framings
        .iter()
        .map(|(data, _, framing, _)| {
            let path = project.join(data);
            let is_small = fs::metadata(&path).is_ok_and(|metadata| metadata.len() <= MAX_DATA);
            let known = is_small
                .then(|| {
                    let session = Session::open(Arc::clone(world), &path).ok()?;
                    session.know(Some(framing.target.expose()), &CancellationToken::new()).ok()
                })
                .flatten();
            manifest::markdown(manifest::About { history, data, framing: Some(framing), known: known.as_ref() })
        })
        .collect();
    documents.join("\n---\n\n")
}

fn checklist_of(history: &History) -> Result<String, Failure> {
    let found = history.experiments.iter().rev().filter(|one| one.decision.allows_run());
    found.into_iter().find_map(checklist::markdown).ok_or_else(|| {
        Failure::input(
            safe!("the checklist"),
            safe!("none was accepted yet"),
            safe!("ask for one: rationale ask production FILE --accept --run"),
        )
    })
}

/// The latest report that was computed, and the folder that its figures are in.
fn report_of(state: &Path, history: &History) -> Result<(String, PathBuf), Failure> {
    let runs = history.experiments.iter().rev().flat_map(|one| one.runs.iter().rev());
    let finished = runs.filter(|run| {
        run.spec.kind == FileKind::Evaluation
            && run.outcome.as_ref().is_some_and(|outcome| outcome.status == Status::Finished)
    });
    for run in finished {
        let folder = state.join("runs").join(&run.spec.run_id);
        if let Some(text) = crate::effects::executor::kinds::report_text(&folder) {
            return Ok((text, folder.join("report")));
        }
    }
    Err(Failure::input(
        safe!("the report"),
        safe!("none was computed yet"),
        safe!("ask for one: rationale ask evaluate FILE --accept --run"),
    ))
}

/// Puts the figures beside the document, and lets it point there.
fn with_figures(text: &str, folder: &Path, output: &Path) -> Result<String, Failure> {
    let stem = output.file_stem().map_or_else(|| "report".into(), |stem| stem.to_string_lossy().into_owned());
    let name = format!("{stem}-figures");
    let beside = output.parent().unwrap_or(Path::new("")).join(&name);
    let copy = || -> std::io::Result<()> {
        fs::create_dir_all(&beside)?;
        for entry in fs::read_dir(folder.join("figures"))?.flatten() {
            if fs::symlink_metadata(entry.path())?.is_file() {
                fs::copy(entry.path(), beside.join(entry.file_name()))?;
            }
        }
        Ok(())
    };
    copy().map_err(|error| cannot(&beside, &error.to_string()))?;
    Ok(text.replace("](figures/", &format!("]({name}/")))
}
