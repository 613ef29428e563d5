//! What accepting and running leads to beside the run itself: kept files, subjects of reports, checks that need the history.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::domain::checklist;
use crate::domain::experiment::History;
use crate::domain::failure::Failure;
use crate::domain::findings::{Check, Standing};
use crate::domain::framing::Framing;
use crate::domain::manifest;
use crate::domain::run::{CodeFile, FileKind, Outcome, RunSpec, Status, Subject};
use crate::effects::extras;
use crate::effects::project::Project;
use crate::effects::session::Session;
use crate::safe;
use crate::text::RawText;

/// The run that a report or a checklist is about.
pub fn about(
    history: &History,
    framing: &Framing,
    data_hash: &str,
    settings: &[(String, String)],
) -> Result<Option<(Subject, Vec<Subject>)>, Failure> {
    let named = settings.iter().rev().find(|(name, _)| name == "run").map(|(_, value)| value.trim());
    history
        .subject(&framing.fingerprint(), data_hash, named.filter(|name| !name.is_empty()))
        .map_err(|why| Failure::input(safe!("run"), safe!("{why}"), safe!("name one that rationale history shows")))
}

/// The old code, as the file that the new one is compared with.
pub fn legacy(project: &Project, settings: &[(String, String)]) -> Result<CodeFile, Failure> {
    let named = settings.iter().rev().find(|(name, _)| name == "legacy").map(|(_, value)| value.trim());
    let named = named.ok_or_else(|| {
        Failure::input(
            safe!("modernise"),
            safe!("it is not said which code is old"),
            safe!("name the file: --set legacy=FILE"),
        )
    })?;
    let code = extras::read_named(&project.data, "legacy", named)?;
    Ok(CodeFile { path: "legacy.py".to_owned(), kind: FileKind::Document, code: RawText::new(code) })
}

/// Puts accepted files where a person finds them: `.rationale/accepted/<experiment>/`.
pub fn keep_files(project: &Project, experiment: &str, files: &[CodeFile]) -> Result<(), Failure> {
    if files.is_empty() {
        return Ok(());
    }
    let folder = project.state.join("accepted").join(experiment);
    let keep = || -> anyhow::Result<()> {
        for file in files {
            let path = folder.join(&file.path);
            fs::create_dir_all(path.parent().unwrap_or(&folder))?;
            super::executor::write_synced(&path, file.code.expose().as_bytes())?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        }
        Ok(())
    };
    keep()
        .map_err(|error| Failure::work(safe!("the accepted files"), safe!("{error:#}"), safe!("make room on the disk")))
}

/// Removes accepted files whose acceptance was taken back. What somebody changed there since stays; that a file can't be
/// removed is no reason to stop, since the history says what counts: it is logged.
pub fn remove_files(project: &Project, experiment: &str, files: &[CodeFile]) {
    let folder = project.state.join("accepted").join(experiment);
    for file in files {
        let path = folder.join(&file.path);
        if fs::read(&path).is_ok_and(|bytes| bytes == file.code.expose().as_bytes())
            && let Err(error) = fs::remove_file(&path)
        {
            tracing::warn!("{} could not be removed: {error}", path.display());
        }
        // Folders that are empty now, up to that of the experiment.
        for parent in path.ancestors().skip(1).take_while(|parent| parent.starts_with(&folder)) {
            if fs::remove_dir(parent).is_err() {
                break;
            }
        }
    }
}

/// Writes the project's document anew. It is a projection of the history, so a failure is no reason to stop: it is logged.
pub fn document(session: &Session) {
    let write = || -> anyhow::Result<()> {
        let history = session.history().map_err(|failure| anyhow::anyhow!("{failure}"))?;
        let data = &session.project.data_name;
        let framing = session.project.framing().ok().flatten();
        let known = session.last_known();
        let about = manifest::About { history: &history, data, framing: framing.as_ref(), known: known.as_ref() };
        super::executor::write_synced(&session.project.state.join("MANIFEST.md"), manifest::markdown(about).as_bytes())
    };
    if let Err(error) = write() {
        tracing::warn!("the project's document could not be written: {error:#}");
    }
}

/// Adds what only the history knows to the findings of a checklist, and writes the model card.
pub fn complete(session: &Session, spec: &RunSpec, outcome: &mut Outcome) -> Result<(), Failure> {
    if spec.kind != FileKind::Checklist || outcome.status != Status::Finished {
        return Ok(());
    }
    let history = session.history()?;
    outcome.findings.checks.push(checklist::holdout(history.n_openings(&session.project.data_name)));
    let (card, missing) = checklist::model_card(spec, &history);
    let path = session.run_folder(&spec.run_id).join("model_card.md");
    let written = super::executor::write_synced(&path, card.as_bytes());
    outcome.findings.checks.push(match (written, missing.as_slice()) {
        (Err(error), _) => {
            Check::new("model_card", Standing::NotChecked, format!("it could not be written: {error:#}"))
        }
        (Ok(()), []) => Check::new("model_card", Standing::Pass, "every field is known: model_card.md"),
        (Ok(()), missing) => Check::new(
            "model_card",
            Standing::Fail,
            format!("written to model_card.md; not known: {}", missing.join(", ")),
        ),
    });
    outcome.artefacts.push("model_card.md".to_owned());
    Ok(())
}
