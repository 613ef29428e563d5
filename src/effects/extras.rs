//! What a task needs to be told beside data and history: code, reports, gains, trials, curves, old code.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::domain::curves::{self, Curve, Curves};
use crate::domain::experiment::{Experiment, History};
use crate::domain::failure::Failure;
use crate::domain::framing::Privacy;
use crate::domain::limits_in_words;
use crate::domain::question::Wish;
use crate::domain::run::FileKind;
use crate::domain::task::Task;
use crate::effects::asking::Desk;
use crate::effects::tools::picture::{self, Picture};
use crate::safe;
use crate::text::SafeText;
use crate::text::chart::{self, Series};

/// Blocks of a request, and a picture of curves.
#[derive(Debug, Default)]
pub struct Context {
    /// Name and lines of JSON of each block.
    pub blocks: Vec<(&'static str, Vec<String>)>,
    /// The curves as a picture.
    pub picture: Option<Picture>,
    /// The curves themselves.
    pub curves: Curves,
}

/// Longest file that is put into a request, in characters.
const MAX_CODE: usize = 60_000;
/// Largest file of curves or of old code that is read, in bytes.
const MAX_FILE: u64 = 20_000_000;
/// Points of each curve that are sent as numbers.
const MAX_POINTS: usize = 40;

/// Settings as they are told to the model: the name of a file in place of its path.
pub fn told(wish: &Wish) -> Vec<(String, String)> {
    let short = |name: &str, value: &str| match name {
        "legacy" | "curves" => {
            let line = value.lines().next().unwrap_or_default();
            Path::new(line).file_name().map_or_else(|| line.to_owned(), |name| name.to_string_lossy().into_owned())
        }
        _ => value.to_owned(),
    };
    let given = wish.settings.iter().filter(|(_, value)| !value.trim().is_empty());
    given.map(|(name, value)| (name.clone(), short(name, value).chars().take(2_000).collect())).collect()
}

/// Gathers what a task needs.
pub fn gather(desk: Desk<'_>, task: Task, wish: &Wish, history: &History) -> Result<Context, Failure> {
    check_told(desk, task, wish)?;
    let mut context = Context::default();
    let frame = desk.framing.fingerprint();
    let data_hash = &desk.known.profile.data_hash;
    let needs_code = matches!(
        task,
        Task::Evaluate | Task::Pipeline | Task::Search | Task::Debug | Task::Production | Task::Ask | Task::Next
    );
    if needs_code {
        let named = wish.setting("run");
        let found = history.subject(&frame, data_hash, named);
        let subject = match (found, task) {
            (Ok(subject), _) => subject.map(|(subject, _)| subject),
            // What went wrong in a run that never finished can be asked as well.
            (Err(_), Task::Debug | Task::Ask) => None,
            (Err(why), _) => {
                return Err(Failure::input(
                    safe!("run"),
                    safe!("{why}"),
                    safe!("name one that rationale history shows"),
                ));
            }
        };
        if subject.is_none() && task.needs_subject() {
            return Err(Failure::input(
                safe!("{}", task.id()),
                safe!("there is no finished run on today's folds yet"),
                safe!("train a model first: rationale ask train … --run, or x for the baselines"),
            ));
        }
        let experiment = named
            .and_then(|name| history.find(name))
            .or_else(|| subject.as_ref().and_then(|subject| history.find(&subject.experiment)));
        if let Some(experiment) = experiment {
            context.blocks.push(("code", code_of(experiment)));
        }
        // A report names values of columns.
        if desk.framing.privacy > Privacy::Schema {
            context.blocks.push(("report", report(history, &frame, experiment)));
        }
    }
    if matches!(task, Task::Train | Task::Next | Task::Search | Task::Pipeline | Task::Design | Task::Ask) {
        context.blocks.push(("parts", parts(history, &frame)));
    }
    if matches!(task, Task::Search | Task::Next) {
        context.blocks.push(("trials", trials(history, &frame)));
    }
    match task {
        Task::Debug => {
            let curves = curves_of(desk, wish, history)?;
            if !curves.curves.is_empty() {
                context.picture = draw(&curves);
            }
            context.blocks.push(("curves", describe(&curves)));
            context.curves = curves;
        }
        Task::Modernise => context.blocks.push(("legacy", legacy(desk, wish)?)),
        _ => {}
    }
    Ok(context)
}

/// Looks at what a task was told before anything is asked: choices, lengths of time, numbers, columns, slips of the pen.
fn check_told(desk: Desk<'_>, task: Task, wish: &Wish) -> Result<(), Failure> {
    let refuse = |name: &str, value: &str, why: SafeText, next: SafeText| {
        Err(Failure::input(safe!("{name}={value}"), why, next))
    };
    for (name, value) in wish.settings.iter().filter(|(_, value)| !value.trim().is_empty()) {
        let value = value.trim();
        let Some(field) = task.fields().iter().find(|field| field.name == name) else {
            // Any word may be a constraint; one that is nearly a known one is a slip.
            let near = task.fields().iter().find(|field| strsim::jaro_winkler(field.name, name) > 0.9);
            match near {
                Some(near) => {
                    return refuse(
                        name,
                        value,
                        safe!("{} has no such setting", task.id()),
                        safe!("did you mean {}?", near.name),
                    );
                }
                None => continue,
            }
        };
        if !field.choices.is_empty() && !field.choices.contains(&value) {
            let all = field.choices.join(", ");
            return refuse(name, value, safe!("it is none of {all}"), safe!("choose one of them"));
        }
        match field.name {
            "budget" if limits_in_words::seconds(value).is_none() => {
                let next = safe!("write for example budget=90s, 2m or 1h");
                return refuse(name, value, safe!("it is no length of time"), next);
            }
            "latency_ms" | "tolerance" => {
                let number = value.trim_end_matches("ms").trim().parse::<f64>().ok();
                if !number.is_some_and(|number| number.is_finite() && number >= 0.0) {
                    return refuse(
                        name,
                        value,
                        safe!("it is no number of zero or more"),
                        safe!("write for example {name}=100"),
                    );
                }
            }
            "segments" | "group" | "text" => {
                for column in value.split(',').map(str::trim).filter(|column| !column.is_empty()) {
                    desk.session.column(&desk.known.profile, column)?;
                }
            }
            _ => {}
        }
    }
    if task == Task::Ask && wish.request.trim().is_empty() {
        return Err(Failure::input(
            safe!("ask"),
            safe!("no question was written"),
            safe!("write it: --problem \"…\", or i in the workbench"),
        ));
    }
    Ok(())
}

fn code_of(experiment: &Experiment) -> Vec<String> {
    experiment
        .files
        .iter()
        .filter(|file| file.kind.runs())
        .take(3)
        .map(|file| {
            let code: String = file.code.expose().chars().take(MAX_CODE).collect();
            json!({"experiment": experiment.id, "file": file.path, "code": code}).to_string()
        })
        .collect()
}

fn report(history: &History, frame: &str, experiment: Option<&Experiment>) -> Vec<String> {
    let mut lines = Vec::new();
    for kind in [FileKind::Evaluation, FileKind::Checklist] {
        let Some((_, run, outcome)) = history.latest(frame, kind) else { continue };
        let about = run.spec.subject.as_ref().map_or("", |subject| subject.experiment.as_str());
        if experiment.is_some_and(|experiment| experiment.id != about) {
            continue;
        }
        lines.extend(outcome.findings.summary.iter().map(|line| json!({"about": about, "finding": line}).to_string()));
        lines.extend(outcome.findings.checks.iter().map(|check| {
            json!({"about": about, "check": check.name, "standing": check.standing, "detail": check.detail}).to_string()
        }));
        lines.extend(outcome.findings.parts.iter().filter(|part| part.kind == "importance").take(15).map(|part| {
            json!({"about": about, "column": part.name, "lost_when_shuffled": part.difference}).to_string()
        }));
    }
    lines
}

fn parts(history: &History, frame: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for kind in [FileKind::Clean, FileKind::Features] {
        let Some((experiment, _, outcome)) = history.latest(frame, kind) else { continue };
        lines.extend(outcome.findings.parts.iter().take(24).map(|part| {
            json!({
                "experiment": experiment.id, "part": part.name, "kind": part.kind, "says": part.doc,
                "gain": part.difference, "interval": part.interval, "label": part.label.map(crate::domain::verdict::Label::words),
                "us_per_row": part.us_per_row,
            })
            .to_string()
        }));
        lines.extend(code_of(experiment));
    }
    lines
}

fn trials(history: &History, frame: &str) -> Vec<String> {
    let Some((experiment, _, outcome)) = history.latest(frame, FileKind::Search) else { return Vec::new() };
    let mut lines = vec![json!({"experiment": experiment.id, "best": outcome.findings.best}).to_string()];
    lines.extend(outcome.findings.trials.iter().take(60).map(|trial| {
        json!({"trial": trial.number, "state": trial.state, "inner_value": trial.value, "params": trial.params})
            .to_string()
    }));
    lines.extend(code_of(experiment));
    lines
}

/// A path as the person wrote it: from here, or beside the data.
pub fn find_file(data: &Path, named: &str) -> Option<PathBuf> {
    let near = data.parent().map(|folder| folder.join(named));
    [Some(PathBuf::from(named)), near].into_iter().flatten().find(|path| path.is_file())
}

/// Reads a text file that the person named.
pub fn read_named(data: &Path, what: &str, named: &str) -> Result<String, Failure> {
    let path = find_file(data, named).ok_or_else(|| {
        Failure::input(safe!("{what}={named}"), safe!("there is no such file"), safe!("name a file that is there"))
    })?;
    let fail = |why: String| Failure::input(safe!("{}", path.display()), safe!("{why}"), safe!("name another file"));
    let length = std::fs::metadata(&path).map_err(|error| fail(error.to_string()))?.len();
    if length > MAX_FILE {
        return Err(fail(format!("it is larger than {} MB", MAX_FILE / 1_000_000)));
    }
    let bytes = std::fs::read(&path).map_err(|error| fail(error.to_string()))?;
    if bytes.contains(&0) {
        return Err(fail("it is no text".to_owned()));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn legacy(desk: Desk<'_>, wish: &Wish) -> Result<Vec<String>, Failure> {
    let Some(named) = wish.setting("legacy") else {
        return Err(Failure::input(
            safe!("modernise"),
            safe!("it is not said which code is old"),
            safe!("name the file: --set legacy=FILE"),
        ));
    };
    let code = read_named(&desk.session.project.data, "legacy", named)?;
    if code.chars().count() > MAX_CODE {
        return Err(Failure::input(
            safe!("legacy={named}"),
            safe!("it is longer than {MAX_CODE} characters"),
            safe!("take it apart and modernise one file at a time"),
        ));
    }
    Ok(vec![json!({"file": "legacy.py", "code": code}).to_string()])
}

/// Curves from a file, from pasted text, or from the events of a run.
fn curves_of(desk: Desk<'_>, wish: &Wish, history: &History) -> Result<Curves, Failure> {
    let data = &desk.session.project.data;
    if let Some(given) = wish.setting("curves") {
        let is_pasted = given.contains('\n') || given.contains(',') && find_file(data, given).is_none();
        let text = if is_pasted { given.to_owned() } else { read_named(data, "curves", given)? };
        let curves = curves::parse(&text);
        if curves.curves.is_empty() {
            return Err(Failure::input(
                safe!("curves={}", given.lines().next().unwrap_or_default()),
                safe!("no curve was found in it"),
                safe!("give a CSV with a column for each curve, JSON lines, or the log of Keras, XGBoost or LightGBM"),
            ));
        }
        return Ok(curves);
    }
    let frame = desk.framing.fingerprint();
    let named = wish.setting("run").and_then(|name| history.find(name)).and_then(|experiment| experiment.run());
    let run = named.or_else(|| {
        let latest = history.experiments.iter().rev().filter_map(|experiment| experiment.run());
        latest.into_iter().find(|run| run.spec.framing.fingerprint() == frame)
    });
    let Some(run) = run else { return Ok(Curves::default()) };
    let events = desk.session.run_folder(&run.spec.run_id).join("events.jsonl");
    let mut curves = curves::parse(&std::fs::read_to_string(events).unwrap_or_default());
    // One value a fold is no curve of training.
    let n_folds = run.spec.n_folds() as usize;
    curves.curves.retain(|curve| curve.points.len() > n_folds);
    Ok(curves)
}

/// Facts and points of the curves, a line each.
fn describe(curves: &Curves) -> Vec<String> {
    let mut lines: Vec<String> = curves.notes.iter().map(|note| json!({"note": note}).to_string()).collect();
    lines.extend(curves::findings(curves).iter().map(|finding| {
        json!({"finding": format!("{:?}", finding.kind), "curve": finding.curve, "sentence": finding.sentence})
            .to_string()
    }));
    for (curve, facts) in curves.curves.iter().zip(curves::facts(curves)).take(12) {
        lines.push(
            json!({
                "curve": curve.name, "n": facts.n, "first": facts.first, "last": facts.last,
                "best_step": facts.best.map(|best| best.0), "best": facts.best.map(|best| best.1),
                "slope_of_last_third": facts.slope_last_third, "noise": facts.noise, "spikes": facts.n_spikes,
                "flat_since": facts.plateau_since, "not_finite_at": facts.first_not_finite,
                "points": thinned(curve),
            })
            .to_string(),
        );
    }
    lines.extend(curves::gaps(curves).iter().map(|gap| {
        json!({
            "gap_of": gap.quantity, "train": gap.train, "valid": gap.valid, "gap": gap.gap, "widening": gap.widening,
            "valid_best_step": gap.valid_best_step, "share_since_best": gap.since_best,
        })
        .to_string()
    }));
    lines
}

fn thinned(curve: &Curve) -> Vec<(f64, Option<f64>)> {
    let step = curve.points.len().div_ceil(MAX_POINTS).max(1);
    let last = curve.points.last().filter(|_| !(curve.points.len() - 1).is_multiple_of(step));
    curve
        .points
        .iter()
        .step_by(step)
        .chain(last)
        .map(|(at, value)| (*at, Some(*value).filter(|value| value.is_finite())))
        .collect()
}

fn draw(curves: &Curves) -> Option<Picture> {
    let series: Vec<Series<'_>> =
        curves.curves.iter().take(6).map(|curve| Series { name: &curve.name, points: &curve.points }).collect();
    let raster = chart::raster(&series, 900, 500);
    let image = image::RgbImage::from_raw(raster.width, raster.height, raster.rgb)?;
    let mut bytes = Vec::new();
    image.write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png).ok()?;
    picture::from_bytes("curves.png".to_owned(), bytes).ok()
}
