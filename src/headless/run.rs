//! `rationale run`, and the runs of `ask`.
#![expect(clippy::disallowed_methods, reason = "a command owns the task that prints")]

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::domain::court::Testimony;
use crate::domain::environment::Kind;
use crate::domain::failure::Failure;
use crate::domain::imports;
use crate::domain::run::{CodeFile, FileKind, Outcome, Role, RunSpec, Status};
use crate::domain::run_event::RunEvent;
use crate::domain::suggestion;
use crate::domain::verdict::{Label, Verdict};
use crate::effects::own_metric;
use crate::effects::runs::Also;
use crate::effects::session::{Ready, Session};
use crate::effects::world::World;
use crate::headless::ask::Output;
use crate::headless::{Console, Framed, frame};
use crate::safe;
use crate::text::{RawText, SafeText, figure};

/// Runs a file under the solution contract. Returns the exit code.
pub async fn run_file(
    world: &Arc<World>,
    file: &Path,
    data: &Path,
    target: Option<&str>,
    as_json: bool,
    (quick, network): (bool, bool),
) -> Result<u8, Failure> {
    let tell = move |line: SafeText| {
        if !as_json {
            Console.note(&line);
        }
    };
    let code = tokio::fs::read_to_string(file).await.map_err(|error| {
        Failure::input(
            safe!("{}", file.display()),
            if error.kind() == std::io::ErrorKind::NotFound {
                safe!("there is no such file")
            } else {
                safe!("it can't be read: {error}")
            },
            safe!("name a Python file that defines build()"),
        )
    })?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let path = if name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
        name.clone()
    } else {
        "model.py".to_owned()
    };
    let code_file = CodeFile { kind: suggestion::kind_of(&path, &code), path, code: RawText::new(code) };
    let framed = tokio::task::block_in_place(|| frame(world, data, target, &tell))?;
    let files = [code_file];
    ready(&framed, &files, &tell)?;
    if !quick {
        baselines(&framed, &tell).await?;
    }
    let experiment = framed.session.bring("run", &framed.framing, &format!("{name}, by hand"), files[0].clone())?;
    let output = if as_json { Output::Json } else { Output::Text };
    let role = if quick && files[0].kind == FileKind::Model { Role::Quick } else { Role::Own };
    let also = Also { role, network, ..Also::default() };
    let (outcome, verdict, spec) = run_as(&framed, &experiment, &files, output, &tell, also).await?;
    if as_json {
        Console.json(&crate::json::run(&spec, &outcome, Some(&verdict)));
    } else {
        Console.out(&said(&spec, &outcome, &verdict));
    }
    Ok(u8::from(outcome.status != Status::Finished))
}

/// Runs the baselines that have not been run on these folds yet.
pub async fn baselines(framed: &Framed, tell: &dyn Fn(SafeText)) -> Result<(), Failure> {
    let missing = framed.session.missing_baselines(&framed.framing, &framed.known.profile.data_hash)?;
    if missing.is_empty() {
        return Ok(());
    }
    for (name, file) in missing {
        let files = [file];
        // What a run needs is found out before anything is remembered of it.
        ready(framed, &files, tell)?;
        let experiment = framed.session.bring("baseline", &framed.framing, name, files[0].clone())?;
        let (outcome, verdict, spec) = run(framed, &experiment, &files, Output::Json, tell).await?;
        tell(safe!("{experiment}  {name}: {}", said(&spec, &outcome, &verdict)));
        if outcome.status != Status::Finished {
            let why = outcome.reason.unwrap_or_default();
            return Err(Failure::work(
                safe!("{name}"),
                why,
                safe!("run rationale doctor, and look into {}", framed.session.run_folder(&spec.run_id).display()),
            ));
        }
    }
    Ok(())
}

fn ready(framed: &Framed, files: &[CodeFile], tell: &dyn Fn(SafeText)) -> Result<Ready, Failure> {
    own_metric::approved(&framed.session.project, &framed.session.history()?, &framed.framing)?;
    tokio::task::block_in_place(|| framed.session.make_ready(files, &mut |line| tell(safe!("{line}"))))
}

/// Runs accepted files to their end, printing what they print.
pub async fn run(
    framed: &Framed,
    experiment: &str,
    files: &[CodeFile],
    output: Output,
    tell: &dyn Fn(SafeText),
) -> Result<(Outcome, Verdict, RunSpec), Failure> {
    run_as(framed, experiment, files, output, tell, Also::default()).await
}

/// As [`run`], with what sets the run apart.
async fn run_as(
    framed: &Framed,
    experiment: &str,
    files: &[CodeFile],
    output: Output,
    tell: &dyn Fn(SafeText),
    also: Also,
) -> Result<(Outcome, Verdict, RunSpec), Failure> {
    let session = &framed.session;
    if also.network {
        tell(safe!("! this run may use the network; that is written into its record"));
    }
    let ready = Ready { also, ..ready(framed, files, tell)? };
    let names = ready.python.names();
    let spec = session.prepare_run(experiment, &framed.framing, &framed.known.profile.data_hash, files, ready)?;
    let missing = imports::missing(files, &names);
    if !missing.is_empty() {
        tell(safe!("! {}", lacking(&framed.session, &missing)?));
    }
    for said in &spec.before {
        tell(safe!("! {said}"));
    }
    let (sender, mut receiver) = mpsc::channel(256);
    let metric = framed.framing.metric.name().to_owned();
    let printer = tokio::spawn(async move {
        while let Some(event) = receiver.recv().await {
            match (event, output) {
                (RunEvent::Output { line, .. }, Output::Text) => Console.note(&safe!("  {}", line.expose())),
                (RunEvent::Output { line, .. }, Output::Stream) => {
                    Console.json(&json!({"type": "run_output", "line": line.expose()}));
                }
                (RunEvent::FoldFinished { fold }, Output::Text) => {
                    let score = fold
                        .metrics
                        .get(&metric)
                        .copied()
                        .flatten()
                        .map_or_else(|| "not defined".into(), figure::score);
                    Console.note(&safe!("  fold {}: {metric} {score}", fold.fold + 1));
                }
                (RunEvent::FoldFinished { fold }, Output::Stream) => {
                    Console.json(&json!({"type": "metric", "fold": fold.fold, "metrics": fold.metrics}));
                }
                _ => {}
            }
        }
    });
    let cancel = CancellationToken::new();
    let stop_on_interrupt = stop_on_interrupt(&cancel);
    let done = session.run(&spec, &sender, &cancel).await;
    stop_on_interrupt.abort();
    drop(sender);
    let _ = printer.await;
    let (outcome, verdict) = done?;
    Ok((outcome, verdict, spec))
}

/// What an environment lacks, with the next step.
fn lacking(session: &Session, missing: &[String]) -> Result<String, Failure> {
    let what = missing.join(", ");
    Ok(match session.environment()? {
        Kind::Project => {
            format!(
                "{what}: not in the environment of this project – rationale env add {} installs it",
                missing.join(" ")
            )
        }
        Kind::Interpreter => format!(
            "{what}: not in this interpreter, which is left as it is – --environment project or isolated runs elsewhere"
        ),
        Kind::Isolated => format!("{what}: not in the header of the code – add it there, under dependencies"),
    })
}

/// Ctrl-C stops the run, and with it the whole tree.
pub(super) fn stop_on_interrupt(cancel: &CancellationToken) -> tokio::task::JoinHandle<()> {
    let cancel = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            cancel.cancel();
        }
    })
}

/// A run in one line: score, verdict, time.
pub fn said(spec: &RunSpec, outcome: &Outcome, verdict: &Verdict) -> String {
    if outcome.status != Status::Finished {
        let line = outcome.line.map_or_else(String::new, |line| format!(" (line {line})"));
        return format!("{}: {}{line}", outcome.status.word(), outcome.reason.clone().unwrap_or_default());
    }
    let metric = spec.framing.metric;
    let score = match outcome.summary().get(metric.name()) {
        Some((mean, Some(std))) => format!("{} {} ± {}", metric.name(), figure::score(*mean), figure::score(*std)),
        Some((mean, None)) => format!("{} {}", metric.name(), figure::score(*mean)),
        None if outcome.reported_by_script.is_empty() => "no score".to_owned(),
        None => {
            let told: Vec<String> = outcome
                .reported_by_script
                .iter()
                .map(|(name, value)| format!("{name} {}", figure::reported(*value)))
                .collect();
            format!("reported by the script: {}", told.join(", "))
        }
    };
    let judged = match (verdict.label, verdict.shown()) {
        (Label::NotChecked, _) => format!("not checked: {}", verdict.method),
        (label, Some((low, high))) => {
            format!("{} [{}, {}]", label.words(), figure::signed_score(low), figure::signed_score(high))
        }
        (label, None) => label.words().to_owned(),
    };
    let network = if spec.network { " · network allowed" } else { "" };
    let mut text = format!("{score} · {judged} · {:.1} s{network}", outcome.duration_s);
    let court = &outcome.findings.court;
    if !court.is_empty() {
        text.push_str(&format!("\n{}", crate::domain::court::in_words(court)));
        for witness in court.iter().filter(|witness| witness.standing == Testimony::Finding) {
            text.push_str(&format!("\n{}", witness.line()));
        }
    }
    text
}
