//! `rationale run --replay`, `--holdout`, `--shuffle` and `--confirm`: an earlier run, looked at once more.
#![expect(clippy::disallowed_methods, reason = "a command owns the task that prints")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::domain::again::Again;
use crate::domain::failure::Failure;
use crate::domain::findings::Standing;
use crate::domain::run::{RunSpec, Status};
use crate::domain::run_event::RunEvent;
use crate::effects::session::Session;
use crate::effects::world::World;
use crate::effects::{again, confirm, runs};
use crate::headless::Console;
use crate::safe;
use crate::text::SafeText;

/// Looks at an earlier run once more. Returns the exit code: failure where the numbers of a replay do not agree.
pub async fn look(
    world: &Arc<World>,
    name: &str,
    what: Again,
    data: Option<&Path>,
    as_json: bool,
) -> Result<u8, Failure> {
    let tell = move |line: SafeText| {
        if !as_json {
            Console.note(&line);
        }
    };
    let data = match data {
        Some(data) => data.to_owned(),
        None => data_of(name)?,
    };
    let session = Session::open(Arc::clone(world), &data)?;
    session.recover()?.into_iter().for_each(tell);
    let files = confirm::files_of(&session, &again::find(&session.history()?, name)?.spec)?;
    let ready = tokio::task::block_in_place(|| session.make_ready(&files, &mut |line| tell(safe!("{line}"))))?;
    let (sender, mut receiver) = mpsc::channel(256);
    let printer = tokio::spawn(async move {
        while let Some(event) = receiver.recv().await {
            match event {
                RunEvent::Stage { text } if !as_json => Console.note(&safe!("  {text}")),
                RunEvent::Output { line, .. } if !as_json => Console.note(&safe!("  {}", line.expose())),
                _ => {}
            }
        }
    });
    let cancel = CancellationToken::new();
    let stop = super::run::stop_on_interrupt(&cancel);
    let done = again::perform(&session, name, &what, ready, &sender, &cancel).await;
    stop.abort();
    drop(sender);
    let _ = printer.await;
    let done = done?;
    let agrees = done.outcome.findings.checks.iter().find(|check| check.name == "replay").map(|check| check.standing);
    if as_json {
        let mut shape = crate::json::run(&done.spec, &done.outcome, Some(&done.verdict));
        shape["said"] = json!(done.said.as_str());
        if what == Again::Replay {
            let before = session.history()?;
            let before = again::find(&before, name)?;
            shape["replay"] = json!({
                "of": before.spec.run_id,
                "agrees": agrees.map(|standing| standing == Standing::Pass),
                "changed": again::changed(&session.project, &before.spec, &done.spec),
            });
        }
        Console.json(&shape);
    } else {
        Console.out(done.said.as_str());
    }
    Ok(u8::from(agrees == Some(Standing::Fail) || (done.outcome.status != Status::Finished && agrees.is_none())))
}

/// The data of a run: a project lies beside its data, so in a folder that was copied or moved it is the file that lies here.
fn beside(data: &str) -> PathBuf {
    let data = PathBuf::from(data);
    data.file_name().map(PathBuf::from).filter(|here| here.is_file()).unwrap_or(data)
}

/// The data file of a run of the project in this folder.
fn data_of(name: &str) -> Result<PathBuf, Failure> {
    let state = PathBuf::from(crate::effects::project::STATE);
    let known = std::fs::read(state.join("runs").join(name).join("run.json")).ok();
    if let Some(spec) = known.and_then(|bytes| serde_json::from_slice::<RunSpec>(&bytes).ok()) {
        return Ok(beside(&spec.data));
    }
    let nowhere = || {
        Failure::input(
            safe!("{name}"),
            safe!("there is no such run in the project of this folder"),
            safe!("go to the folder of the data, or name the data with --data"),
        )
    };
    if !state.join("history.sqlite").exists() {
        return Err(nowhere());
    }
    let history = runs::read_history(&state)?;
    again::find(&history, name).map(|run| beside(&run.spec.data)).map_err(|_| nowhere())
}
