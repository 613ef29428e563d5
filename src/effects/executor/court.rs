//! The leakage court: witnesses look at data, folds and predictions of a run, in a process of our own code.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::court::{Testimony, Witness};
use crate::domain::run::{FileKind, Outcome, Role, Status, hash, mean_std};
use crate::domain::split::SplitKind;
use crate::effects::executor::child::{FoldResult, Place, Work, json_beneath};
use crate::effects::executor::{COURT, write_synced};
use crate::text::figure;

/// Witnesses that look at data and folds alone: what they say holds for every run on them.
const OF_DATA: [&str; 6] = [
    "duplicates-across-folds",
    "near-duplicates-across-folds",
    "groups-across-folds",
    "time-overlap",
    "single-column",
    "fold-shift",
];
/// Witnesses that look at one run.
const OF_RUN: [&str; 5] = ["opened-files", "labels-withheld", "too-good", "identical-scores", "label-permutation"];
/// Seconds that they may take together.
const BUDGET_S: u64 = 20;

#[derive(Deserialize)]
struct Said {
    witnesses: Vec<Witness>,
}

/// Hears every witness on a run that finished. What fails is *not checked*, and never a reason for the run to fail.
pub fn hold(place: Place<'_>, outcome: &Outcome) -> Vec<Witness> {
    let spec = place.spec;
    if spec.role != Role::Own || !spec.kind.is_solution() || outcome.status != Status::Finished {
        return Vec::new();
    }
    place.teller.stage("the leakage court looks at data, folds and predictions");
    let kept = kept_at(place);
    let before: Option<Vec<Witness>> = std::fs::read(&kept).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let names: Vec<&str> =
        if before.is_some() { OF_RUN.to_vec() } else { OF_DATA.iter().chain(&OF_RUN).copied().collect() };
    let heard = hear(place, outcome, &names, &Value::Null);
    if before.is_none() {
        let of_data: Vec<&Witness> = heard.iter().filter(|witness| OF_DATA.contains(&witness.id.as_str())).collect();
        // What could not look this time may look the next.
        if of_data.iter().all(|witness| !witness.detail.starts_with("out of time")) && of_data.len() == OF_DATA.len() {
            let _ = std::fs::create_dir_all(kept.parent().unwrap_or(Path::new(".")));
            let _ = write_synced(&kept, &serde_json::to_vec_pretty(&of_data).unwrap_or_default());
        }
    }
    before.unwrap_or_default().into_iter().chain(heard).chain([alone(place)]).collect()
}

/// What the runner of a fold found when it asked again with fewer rows.
#[derive(Deserialize)]
struct Alone {
    #[serde(default)]
    n: u64,
    #[serde(default)]
    rows: Vec<u64>,
    why: Option<String>,
}

/// Whether a row gets the same answer when fewer rows are asked with it.
fn alone(place: Place<'_>) -> Witness {
    let (id, title) = ("answered-alone", "rows answered alone");
    let not_checked = |why: &str| Witness::new(id, title, Testimony::NotChecked, why);
    if place.spec.kind != FileKind::Model {
        return not_checked("only a model is asked again");
    }
    let (mut n, mut rows) = (0, Vec::new());
    for fold in 0..place.spec.n_folds() {
        let folder = place.harness.folder.join(format!("fold-{fold}"));
        match json_beneath::<Alone>(&folder, "alone.json") {
            None => return not_checked("a fold left no answer"),
            Some(Alone { why: Some(why), .. }) => return not_checked(&why.chars().take(200).collect::<String>()),
            Some(told) => {
                n += told.n;
                rows.extend(told.rows);
            }
        }
    }
    if rows.is_empty() {
        let detail = format!("{n} rows get the same answer with fewer rows beside them");
        return Witness::new(id, title, Testimony::Clean, detail);
    }
    rows.sort_unstable();
    rows.dedup();
    let when = if place.spec.framing.split == SplitKind::Time { "later rows are not" } else { "fewer rows are" };
    let n_rows = rows.len() as u64;
    let detail = format!(
        "{n_rows} of {n} rows get another answer when {when} asked with them: predict() computes something from the rows it is handed"
    );
    Witness { rows: rows.into_iter().take(20).collect(), n_rows, ..Witness::new(id, title, Testimony::Finding, detail) }
}

/// What is left of the score when the labels of the training rows are shuffled.
pub fn permuted(place: Place<'_>, outcome: &Outcome) -> Vec<Witness> {
    let scores = outcome.scores(place.spec.framing.metric).unwrap_or_default();
    let shuffled = json!({"n": scores.len(), "scores": scores});
    hear(place, outcome, &["label-permutation"], &shuffled)
}

/// Where what is said of data and folds is kept: under what it depends on.
fn kept_at(place: Place<'_>) -> PathBuf {
    let spec = place.spec;
    let key = json!([spec.data_hash, spec.framing.fingerprint(), spec.framing.exclude, hash(COURT)]).to_string();
    let runs = place.harness.folder.parent().unwrap_or(Path::new("."));
    runs.with_file_name("court").join(format!("{}.json", &hash(&key)[..24]))
}

fn hear(place: Place<'_>, outcome: &Outcome, names: &[&str], permutation: &Value) -> Vec<Witness> {
    let not_checked = |why: &str| {
        names.iter().map(|name| Witness::new(name, name, Testimony::NotChecked, why)).collect::<Vec<Witness>>()
    };
    let spec = place.spec;
    // Witnesses know what a score of ours means; of a metric of the user's own they can only say whether it goes.
    let decides = spec.framing.metric;
    let metric = if permutation.is_null() { decides.builtin(spec.framing.problem) } else { decides };
    let own = if permutation.is_null() {
        outcome.scores(metric)
    } else {
        spec.known_scores.first().map(|(_, scores)| scores.clone())
    };
    let others: Vec<Value> =
        spec.known_scores.iter().map(|(run, scores)| json!({"run": run, "scores": scores})).collect();
    let request = json!({
        "problem": spec.framing.problem,
        "metric": metric.name(),
        "direction": metric.direction().word(),
        "target": spec.framing.target.expose(),
        "classes": place.folds.classes,
        "positive": place.folds.positive(&spec.framing),
        "split": spec.framing.split,
        "group": spec.framing.group,
        "time": spec.framing.time,
        "seed": spec.framing.seed,
        "dtypes": place.folds.columns,
        "predictions": place.harness.folder.join("predictions.csv"),
        "opened": opened(place),
        "allowed": allowed(place),
        // A fold whose rows came with labels would have ended the run: see `Place::fold`.
        "labels_withheld": true,
        "baseline": spec.baseline_scores.as_ref().map(|scores| json!({"scores": scores, "noise_sd": spec.noise_floor})),
        "scores": own,
        "shown": if permutation.is_null() { shown(place, outcome) } else { None },
        "others": others,
        "permutation": permutation,
        "only": names,
        "budget_s": BUDGET_S,
    });
    let (rows, ids) = match place.folds.court_csv(&spec.framing) {
        Ok(written) => written,
        Err(error) => return not_checked(&format!("the rows could not be written: {error:#}")),
    };
    let work = Work {
        kind: "court",
        code: place.harness.court.clone(),
        more: serde_json::Map::new(),
        inputs: vec![place.harness.folder.join("predictions.csv")],
    };
    let work = work.with("request", request).with("court", json!(place.harness.court));
    match place.once_with(&work, "court", rows, ids) {
        FoldResult::Failed { why, .. } => not_checked(&format!("the court could not be held: {why}")),
        FoldResult::Predicted(_) => json_beneath::<Said>(&place.harness.folder.join("court"), "court.json")
            .map_or_else(|| not_checked("the court left no testimony"), |said| said.witnesses),
    }
}

/// The score of the run in the words and digits of the history, whichever metric decides; nothing where it has none.
fn shown(place: Place<'_>, outcome: &Outcome) -> Option<String> {
    let metric = place.spec.framing.metric;
    let scores = outcome.scores(metric)?;
    let over =
        if scores.len() > 1 { format!(" in the mean over {} folds", scores.len()) } else { " on one fold".to_owned() };
    Some(format!("{} {}{over}", metric.name(), figure::score(mean_std(&scores).0)))
}

/// Files that the code opened in any fold; nothing where one of them left no list.
fn opened(place: Place<'_>) -> Option<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    for fold in 0..place.spec.n_folds() {
        let folder = place.harness.folder.join(format!("fold-{fold}"));
        all.extend(json_beneath::<Vec<String>>(&folder, "opened.json")?);
    }
    Some(all)
}

/// Beginnings of paths that every run may open.
fn allowed(place: Place<'_>) -> Vec<String> {
    let mut allowed: Vec<String> =
        ["/usr", "/lib", "/lib64", "/etc", "/dev", "/proc", "/sys", "/tmp", "/scratch", "/bin", "/var/lib"]
            .map(ToOwned::to_owned)
            .into();
    allowed.extend(place.spec.python.read.iter().cloned());
    let program = Path::new(&place.spec.python.program);
    allowed.extend(program.parent().and_then(Path::parent).map(|prefix| prefix.to_string_lossy().into_owned()));
    allowed.push(place.harness.folder.to_string_lossy().into_owned());
    if place.spec.kind == FileKind::Script {
        allowed.push(place.spec.data.clone());
    }
    allowed
}
