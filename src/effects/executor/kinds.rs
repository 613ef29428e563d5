//! Runs that are more than folds: searches, folders of files, old code beside new, reports and checks.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::errors::report;
use crate::domain::findings::{Check, Findings, Noise, Part, Standing, Trial};
use crate::domain::limits_in_words;
use crate::domain::metric::Direction;
use crate::domain::profile::share;
use crate::domain::run::{FileKind, Outcome, Role, Status, Subject, hash, mean_std};
use crate::domain::split::SplitKind;
use crate::domain::verdict::{self, Pair};
use crate::effects::errors;
use crate::effects::executor::child::{FoldResult, Place, Work, json_beneath, read_beneath};
use crate::effects::executor::{Judged, conclude, run_folds, write_synced};
use crate::text::SafeText;

/// Folders of a run, beside those of its folds, in which something is left.
pub const FOLDERS: [&str; 6] = ["search", "tests", "same", "report", "check", "court"];

/// Share of a search's time that is left for fitting and judging what it found.
const SEARCH_SHARE: f64 = 0.9;
/// Further cuts of the folds on which the noise floor is measured.
const NOISE_CUTS: u32 = 5;
/// Above this many rows that would take longer than it is worth.
const MAX_NOISE_ROWS: usize = 100_000;
/// Seconds of a search without a stated budget.
const DEFAULT_BUDGET_S: f64 = 120.0;

fn finished() -> Outcome {
    let mut outcome = Outcome::empty(Status::Finished, SafeText::default());
    outcome.reason = None;
    outcome
}

/// The outcome of something done once.
fn of_once(place: Place<'_>, result: FoldResult) -> Outcome {
    let mut outcome = finished();
    let failed = match result {
        FoldResult::Failed { why, line } => Some((why, line)),
        FoldResult::Predicted(_) => None,
    };
    conclude(&mut outcome, place.watch.ended(), failed);
    outcome
}

#[derive(Deserialize)]
struct Searched {
    best: std::collections::BTreeMap<String, Value>,
    trials: Vec<Trial>,
}

/// Searches inside the training rows of every fold, so that the score is that of the whole procedure; then once on all
/// rows outside the holdout, for the configuration to use.
pub fn search(place: Place<'_>) -> Result<Outcome> {
    let total = match place.spec.settings.get("budget") {
        Some(text) => limits_in_words::seconds(text)
            .with_context(|| format!("the budget {text} is no time; write for example 90s, 2m or 1h"))?,
        None => DEFAULT_BUDGET_S,
    };
    let n_searches = f64::from(place.spec.n_folds()) + 1.0;
    let jobs = f64::from(place.spec.limits.n_jobs.clamp(1, place.spec.n_folds()));
    let each = total * SEARCH_SHARE / (1.0 + (n_searches - 1.0) / jobs);
    let work = Work::of(place.spec, place.harness).with("budget_s", json!(each));
    place.teller.stage("searching on all rows outside the holdout");
    let rows = place.folds.open_rows();
    let all = Work { kind: "search-all", ..work.clone() };
    let outcome = of_once(place, place.once(&all, "search", &rows, &[]));
    if outcome.status != Status::Finished {
        return Ok(outcome);
    }
    let found: Searched =
        json_beneath(&place.harness.folder.join("search"), "trials.json").context("the search left no trials")?;
    place.teller.stage("the same search inside each fold");
    let Judged { mut outcome, .. } = run_folds(place, &work)?;
    let n_done = found.trials.iter().filter(|trial| trial.state == "complete").count();
    let n_pruned = found.trials.iter().filter(|trial| trial.state == "pruned").count();
    outcome.findings.summary = vec![
        format!("{} configurations were tried: {n_done} to their end, {n_pruned} pruned.", found.trials.len()),
        "The inner values of trials were chosen by the search; the score of the folds was not.".to_owned(),
    ];
    outcome.findings.best = found.best;
    outcome.findings.trials = found.trials;
    Ok(outcome)
}

/// How far the linear baseline moves from cut to cut of the folds; looked at with that baseline alone.
pub fn noise(place: Place<'_>, outcome: &Outcome) -> Option<Noise> {
    let spec = place.spec;
    let is_baseline = spec.code_hash == hash(crate::domain::baseline::linear(spec.framing.problem));
    // It is measured inside the code's process, which does not know a metric of the user's own.
    let is_own = spec.own_metric.is_some();
    if is_own || !is_baseline || spec.role != Role::Own || outcome.status != Status::Finished {
        return None;
    }
    let rows = place.folds.open_rows();
    if spec.framing.split == SplitKind::Time || rows.len() > MAX_NOISE_ROWS {
        return Some(Noise::default());
    }
    place.teller.stage("measuring how far chance moves the baseline");
    // Beyond those that runs are judged and confirmed on.
    let first = spec.framing.repeats.max(1) + 1;
    let cuts: Vec<Vec<u32>> =
        (first..first + NOISE_CUTS).map(|repeat| place.folds.numbers(&spec.framing, repeat, &rows)).collect();
    let work = Work { kind: "noise", ..Work::of(spec, place.harness) }
        .with("cuts", json!(cuts))
        .with("n_folds", json!(spec.framing.folds));
    match place.once(&work, "noise", &rows, &[]) {
        FoldResult::Predicted(_) => {
            json_beneath(&place.harness.folder.join("noise"), "noise.json").or(Some(Noise::default()))
        }
        FoldResult::Failed { .. } => Some(Noise::default()),
    }
}

/// Runs the folder's own tests; where they pass, trains and predicts with it in every fold.
pub fn pipeline(place: Place<'_>) -> Result<Outcome> {
    let work = Work::of(place.spec, place.harness);
    place.teller.stage("running the folder's own tests");
    let tests = Work { kind: "tests", ..work.clone() };
    let mut outcome = of_once(place, place.once(&tests, "tests", &[], &[]));
    if outcome.status != Status::Finished {
        return Ok(outcome);
    }
    let mut checks: Vec<Check> =
        json_beneath(&place.harness.folder.join("tests"), "checks.json").context("the tests left no result")?;
    if let Some(bad) = checks.iter().find(|check| check.standing == Standing::Fail) {
        outcome.status = Status::Failed;
        outcome.reason = Some(crate::safe!("its tests: {}", bad.detail));
        outcome.findings.checks = checks;
        return Ok(outcome);
    }
    if let Some(missing) = missing_framework(place) {
        checks.push(Check::new(
            "trains and predicts",
            Standing::NotChecked,
            format!(
                "{missing} is not in the environment; rationale env add {missing} installs it into the project's own"
            ),
        ));
        outcome.findings.checks = checks;
        return Ok(outcome);
    }
    let Judged { mut outcome, .. } = run_folds(place, &work)?;
    if outcome.status == Status::Finished {
        checks.push(Check::new("trains and predicts", Standing::Pass, "train.py and predict.py ran in every fold"));
    }
    outcome.findings.checks = checks;
    Ok(outcome)
}

fn missing_framework(place: Place<'_>) -> Option<&'static str> {
    let model = fs::read_to_string(place.harness.folder.join("code/model.py")).unwrap_or_default();
    let wants = |name: &str| {
        model.lines().any(|line| {
            line.trim_start().starts_with(&format!("import {name}"))
                || line.trim_start().starts_with(&format!("from {name}"))
        })
    };
    for (module, package) in [("torch", "torch"), ("tensorflow", "tensorflow"), ("keras", "keras")] {
        if wants(module) && !place.spec.python.packages.contains_key(package) {
            return Some(package);
        }
    }
    None
}

/// Old code and new on the same rows.
pub fn modern(place: Place<'_>) -> Result<Outcome> {
    let settings = &place.spec.settings;
    let tolerance = match settings.get("tolerance") {
        Some(text) => text.parse::<f64>().ok().filter(|value| *value >= 0.0 && value.is_finite()),
        None => Some(1e-6),
    };
    let tolerance = tolerance.context("the tolerance is no number; write for example 1e-6")?;
    let legacy = place.harness.folder.join("code/legacy.py");
    if !legacy.exists() {
        bail!("there is no old code to compare with; name it with --set legacy=FILE");
    }
    place.teller.stage("running the old code and the new on the same rows");
    let work = Work { kind: "same", ..Work::of(place.spec, place.harness) }
        .with("legacy", json!(legacy))
        .with("tolerance", json!(tolerance));
    let mut outcome = of_once(place, place.once(&work, "same", &place.folds.open_rows(), &[]));
    let mut checks: Vec<Check> = json_beneath(&place.harness.folder.join("same"), "checks.json").unwrap_or_default();
    let n_bad = checks.iter().filter(|check| check.standing == Standing::Fail).count();
    let n_same = checks.iter().filter(|check| check.standing == Standing::Pass).count();
    if outcome.status == Status::Finished {
        let accepted = settings.get("accept_difference").filter(|why| !why.trim().is_empty());
        outcome.findings.summary = vec![match (n_bad, accepted) {
            (0, _) => format!("All {n_same} outputs that both have agree within {tolerance:e}."),
            (_, Some(why)) => format!("{n_bad} of {} outputs differ; accepted in writing: {why}", n_bad + n_same),
            (_, None) => format!(
                "{n_bad} of {} outputs differ; it is not done until they agree, or until the difference is accepted with accept_difference=WHY.",
                n_bad + n_same
            ),
        }];
        if n_bad > 0 && accepted.is_some() {
            for check in checks.iter_mut().filter(|check| check.standing == Standing::Fail) {
                check.standing = Standing::Open;
            }
        }
    }
    outcome.findings.checks = checks;
    Ok(outcome)
}

/// What `evaluation.toml` may say.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Plan {
    business_metric: Option<String>,
    segments: Vec<String>,
    group: Option<String>,
    n_bootstrap: Option<u64>,
}

/// The run's folder of a subject, and its file, which has to be what was approved.
fn subject_code(place: Place<'_>, subject: &Subject) -> Result<(PathBuf, PathBuf)> {
    let folder = place.harness.folder.parent().context("a run lies in a folder")?.join(&subject.run_id);
    let code = folder.join("code").join(&subject.entry);
    let bytes = fs::read_to_string(&code).with_context(|| format!("the code of {} is gone", subject.experiment))?;
    if hash(&bytes) != subject.code_hash {
        bail!("the code of {} on disk is not what was approved", subject.experiment);
    }
    Ok((folder, code))
}

/// The work of building a subject's estimator again; nothing where it can't be built outside its folder.
fn rebuild(place: Place<'_>, subject: &Subject, kind: &'static str) -> Result<Option<Work>> {
    if matches!(subject.kind, FileKind::Pipeline) || !subject.kind.is_solution() {
        return Ok(None);
    }
    let (folder, code) = subject_code(place, subject)?;
    let mut work = Work { kind, code: code.clone(), more: serde_json::Map::new(), inputs: vec![folder.join("code")] }
        .with("subject_kind", json!(subject.kind.word()));
    if subject.kind == FileKind::Search {
        let outcome: Outcome = serde_json::from_slice(&fs::read(folder.join("outcome.json"))?)?;
        work = work.with("params", json!(outcome.findings.best));
    }
    Ok(Some(work))
}

/// A report on the saved predictions of a run.
pub fn evaluation(place: Place<'_>) -> Result<Outcome> {
    let spec = place.spec;
    let subject = spec.subject.as_ref().context("there is no run to report on yet; train a model first")?;
    let text = fs::read_to_string(&place.harness.code)?;
    let plan: Plan = toml::from_str(&text).map_err(|error| anyhow::anyhow!("{}: {}", spec.entry, error.message()))?;
    let mut findings = Findings::default();
    let mut importance: Vec<Value> = Vec::new();
    let mut learning: Vec<Value> = Vec::new();
    match rebuild(place, subject, "model")? {
        // A searched configuration is one; the folds' own differ from it, so the scores are not those of the run.
        Some(work) => {
            place.teller.stage("fitting it again, to see what each column and each row is worth");
            let judged = run_folds(place, &work.with("diagnose", json!(true)))?;
            if judged.outcome.status != Status::Finished {
                return Ok(judged.outcome);
            }
            (importance, learning) = worth(place, &judged, &mut findings);
            if subject.kind != FileKind::Search {
                findings.checks.push(same_again(place, subject)?);
            }
        }
        None => findings.checks.push(Check::new(
            "importance",
            Standing::NotChecked,
            "a folder of files is not taken apart; evaluate the model that it is made of",
        )),
    }
    place.teller.stage("writing the report");
    let request = request(place, subject, &plan, &importance, &learning)?;
    let mut work = Work { kind: "report", ..Work::of(spec, place.harness) }.with("request", request);
    work.inputs = saved(place, std::iter::once(subject).chain(&spec.others));
    let mut outcome = of_once(place, place.once(&work, "report", &place.folds.open_rows(), &[]));
    let told: Value = json_beneath(&place.harness.folder.join("report"), "report.json").unwrap_or_default();
    findings.summary = told["summary"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|line| line.as_str().map(|line| line.chars().take(400).collect()))
        .take(14)
        .collect();
    outcome.findings = findings;
    take_apart(place, subject)?;
    Ok(outcome)
}

/// What the predictions of a run say about its errors, beside the report: for a reader, and for a program.
fn take_apart(place: Place<'_>, subject: &Subject) -> Result<()> {
    let runs = place.harness.folder.parent().context("a run lies in a folder")?;
    let text = match errors::analyse(&runs.join(&subject.run_id), None) {
        Ok((_, analysis)) => {
            write_synced(&place.harness.folder.join("errors.json"), &serde_json::to_vec(&analysis)?)?;
            report::section(&analysis)
        }
        Err(failure) => report::not_checked(&failure.to_string()),
    };
    write_synced(&place.harness.folder.join("errors.md"), text.as_bytes())
}

fn saved<'a>(place: Place<'_>, subjects: impl Iterator<Item = &'a Subject>) -> Vec<PathBuf> {
    let runs = place.harness.folder.parent().map(Path::to_path_buf).unwrap_or_default();
    subjects.map(|subject| runs.join(&subject.run_id).join("predictions.csv")).filter(|path| path.exists()).collect()
}

fn request(
    place: Place<'_>,
    subject: &Subject,
    plan: &Plan,
    importance: &[Value],
    learning: &[Value],
) -> Result<Value> {
    let spec = place.spec;
    let runs = place.harness.folder.parent().context("a run lies in a folder")?;
    let predictions = |subject: &Subject| runs.join(&subject.run_id).join("predictions.csv");
    let scores = |subject: &Subject| -> Option<Vec<f64>> {
        let bytes = fs::read(runs.join(&subject.run_id).join("outcome.json")).ok()?;
        serde_json::from_slice::<Outcome>(&bytes).ok()?.scores(spec.framing.metric)
    };
    let told = |name: &str| spec.settings.get(name).filter(|text| !text.trim().is_empty()).cloned();
    let segments = told("segments").map_or_else(
        || plan.segments.clone(),
        |text| text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect(),
    );
    let everyone: Vec<&Subject> = std::iter::once(subject).chain(&spec.others).collect();
    let fold_metric: serde_json::Map<String, Value> =
        everyone.iter().filter_map(|one| Some((one.experiment.clone(), json!(scores(one)?)))).collect();
    let columns: Vec<_> = place.folds.columns.iter().filter(|(name, _)| name != spec.framing.target.expose()).collect();
    let group = told("group").or_else(|| plan.group.clone());
    let groups = group.as_deref().and_then(|name| place.folds.cells(name));
    Ok(json!({
        "experiment": subject.experiment,
        "title": subject.title,
        "problem": spec.framing.problem,
        "metric": spec.framing.metric.name(),
        "direction": spec.framing.metric.direction().word(),
        "target": spec.framing.target.expose(),
        "classes": place.folds.classes,
        "positive": place.folds.positive(&spec.framing),
        "predictions": predictions(subject),
        "others": spec.others.iter().filter(|other| predictions(other).exists()).map(|other| json!({
            "name": other.experiment, "title": other.title, "predictions": predictions(other),
        })).collect::<Vec<_>>(),
        "columns": columns,
        "segments": segments,
        "business_metric": told("business_metric").or_else(|| plan.business_metric.clone()),
        "fold_metric": fold_metric,
        "importance": importance,
        "learning": learning,
        "group": group,
        "groups": groups,
        "n_bootstrap": plan.n_bootstrap.unwrap_or(1_000).clamp(100, 10_000),
        "seed": spec.framing.seed,
        "n_comparisons": spec.others.len(),
    }))
}

/// What each column and each share of the rows is worth, as the report takes it; both are kept as parts.
fn worth(place: Place<'_>, judged: &Judged, findings: &mut Findings) -> (Vec<Value>, Vec<Value>) {
    let maximize = place.spec.framing.metric.direction() == Direction::Maximize;
    let main = judged.outcome.scores(place.spec.framing.metric);
    let (mut importance, mut learning) = (Vec::new(), Vec::new());
    for mut part in gather(&judged.variants, place.spec.n_folds()) {
        let whole: Option<Vec<f64>> = part.scores.iter().copied().collect();
        match (part.kind.as_str(), whole, &main) {
            ("importance", Some(scores), Some(main)) => {
                let drops: Vec<f64> = main
                    .iter()
                    .zip(&scores)
                    .map(|(main, score)| if maximize { main - score } else { score - main })
                    .collect();
                part.difference = Some(mean_std(&drops).0);
                importance.push(json!({"column": part.name, "drops": drops}));
            }
            ("learning", Some(scores), _) => {
                learning.push(json!({"share": part.name.parse::<f64>().unwrap_or(0.0), "scores": scores}));
            }
            _ => {}
        }
        findings.parts.push(part);
    }
    if let (Some(main), false) = (main, learning.is_empty()) {
        learning.push(json!({"share": 1.0, "scores": main}));
    }
    findings.parts.sort_by(|a, b| {
        let rank = |part: &Part| (part.kind != "importance", -part.difference.unwrap_or(0.0));
        rank(a).partial_cmp(&rank(b)).unwrap_or(std::cmp::Ordering::Equal)
    });
    (importance, learning)
}

/// Whether the same code gave the same predictions again.
fn same_again(place: Place<'_>, subject: &Subject) -> Result<Check> {
    let runs = place.harness.folder.parent().context("a run lies in a folder")?;
    let before = fs::read(runs.join(&subject.run_id).join("predictions.csv")).unwrap_or_default();
    let now = fs::read(place.harness.folder.join("predictions.csv")).unwrap_or_default();
    let is_same = !before.is_empty() && before == now;
    let detail = if is_same {
        "the same code gave the same predictions again"
    } else {
        "the same code gave other predictions this time: a source of chance has no fixed seed"
    };
    Ok(Check::new("repeatable", if is_same { Standing::Pass } else { Standing::Fail }, detail))
}

/// Computes what can be computed of a checklist.
pub fn checklist(place: Place<'_>) -> Result<Outcome> {
    let spec = place.spec;
    let subject = spec.subject.as_ref().context("there is no run to check yet; train a model first")?;
    let Some(work) = rebuild(place, subject, "check")? else {
        let mut outcome = finished();
        outcome.findings.checks = vec![Check::new(
            "serialises",
            Standing::NotChecked,
            "a folder of files has its own tests; check the model that it is made of",
        )];
        return Ok(outcome);
    };
    place.teller.stage("checking the model as it would be used");
    let limit = spec
        .settings
        .get("latency_ms")
        .and_then(|text| text.trim_end_matches("ms").trim().parse::<f64>().ok())
        .or_else(|| limits_in_words::per_row_us(spec.settings.get("constraints")?).map(|us| us / 1e3));
    let work = work.with("latency_ms", json!(limit));
    let (train, valid) = (place.folds.train_rows(0), place.folds.valid_rows(0));
    let mut outcome = of_once(place, place.once(&work, "check", &train, &valid));
    outcome.findings.checks = json_beneath(&place.harness.folder.join("check"), "checks.json").unwrap_or_default();
    let _ = fs::remove_file(place.harness.folder.join("check/valid.pkl"));
    Ok(outcome)
}

/// Variants gathered by name, their scores in the order of the folds.
fn gather(variants: &[(u32, String, String, Option<f64>)], n_folds: u32) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (fold, name, kind, score) in variants {
        let at = parts.iter().position(|part| part.name == *name && part.kind == *kind).unwrap_or_else(|| {
            parts.push(Part {
                name: name.clone(),
                kind: kind.clone(),
                scores: vec![None; n_folds as usize],
                ..Part::default()
            });
            parts.len() - 1
        });
        if let Some(slot) = parts[at].scores.get_mut(*fold as usize) {
            *slot = *score;
        }
    }
    parts
}

/// The parts of a cleaning or of features: what they say of themselves, and what each gained.
pub fn parts(place: Place<'_>, outcome: &Outcome, variants: &[(u32, String, String, Option<f64>)]) -> Vec<Part> {
    let spec = place.spec;
    let mut parts: Vec<Part> = json_beneath(&place.harness.folder.join("fold-0"), "parts.json").unwrap_or_default();
    if parts.is_empty() || outcome.status != Status::Finished {
        return parts;
    }
    let scored = gather(variants, spec.n_folds());
    let whole = |part: &Part| part.scores.iter().copied().collect::<Option<Vec<f64>>>();
    let find = |name: &str, kind: &str| scored.iter().find(|part| part.name == name && part.kind == kind);
    let base = find("", "base").and_then(whole);
    let main = outcome.scores(spec.framing.metric);
    let (n_valid, n_train) =
        outcome.folds.iter().fold((0, 0), |sum, fold| (sum.0 + fold.n_valid, sum.1 + fold.n_train));
    let valid_to_train = share(n_valid, n_train);
    let direction = spec.framing.metric.direction();
    // A step is worth what is lost without it; a feature or a stack what it adds alone.
    let pairs: Vec<Option<(Vec<f64>, Vec<f64>)>> = parts
        .iter_mut()
        .map(|part| {
            let (own, other) = match part.kind.as_str() {
                "step" => match find(&part.name, "without") {
                    Some(without) => (main.clone(), whole(without)),
                    None => (main.clone(), base.clone()),
                },
                "feature" => (find(&part.name, "feature").map_or_else(|| main.clone(), whole), base.clone()),
                _ => (find(&part.name, &part.kind).and_then(whole), base.clone()),
            };
            part.scores = own.iter().flatten().map(|score| Some(*score)).collect();
            own.zip(other)
        })
        .collect();
    let compare = |pair: &(Vec<f64>, Vec<f64>), others: &[f64]| {
        verdict::compare(Pair { own: &pair.0, other: &pair.1, valid_to_train }, direction, "without it", others)
    };
    // All parts were looked at together, so all count in the label of each.
    let chances: Vec<Option<f64>> = pairs.iter().map(|pair| compare(pair.as_ref()?, &[]).p_value).collect();
    let limit = spec.settings.get("constraints").and_then(|text| limits_in_words::per_row_us(text));
    for (at, part) in parts.iter_mut().enumerate() {
        if let Some(pair) = &pairs[at] {
            let others: Vec<f64> =
                chances.iter().enumerate().filter(|(other, _)| *other != at).filter_map(|(_, p)| *p).collect();
            let verdict = compare(pair, &others);
            (part.difference, part.interval, part.label) =
                (verdict.mean_difference, verdict.shown(), Some(verdict.label));
        }
        if let (Some(cost), Some(limit)) = (part.us_per_row, limit)
            && cost > limit
        {
            let over = format!("it takes {cost:.0} µs for one row, the limit is {limit:.0}");
            part.note = Some(part.note.take().map_or_else(|| over.clone(), |note| format!("{note}; {over}")));
        }
    }
    parts
}

/// What a report said, for whoever reads it later.
pub fn report_text(folder: &Path) -> Option<String> {
    let bytes = read_beneath(&folder.join("report"), "report.md", 2_000_000).ok()?;
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    // Reports of before had no such section.
    if let Ok(bytes) = read_beneath(folder, "errors.md", 2_000_000) {
        text.push('\n');
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    Some(text)
}
