//! Reads the predictions of a run and the data that they are about, for an analysis of its errors.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use tokio_util::sync::CancellationToken;

use crate::domain::errors::{self, Answers, Cells, Column, ErrorAnalysis, Input, Scale};
use crate::domain::failure::Failure;
use crate::domain::framing::Framing;
use crate::domain::kind::Kind;
use crate::domain::metric::Problem;
use crate::domain::run::{Role, RunSpec};
use crate::domain::split::SplitKind;
use crate::effects::data::frame::{Frame, TypedColumn};
use crate::effects::data::{Table, facts, profile};
use crate::safe;
use crate::text::figure;

/// Most predicted rows that are read.
const MAX_ROWS: usize = 2_000_000;

/// Takes the errors of the run in `folder` apart. `table` is the data set, where it is open already.
///
/// Fails where the run left no predictions. Where the data set is gone or has changed, what needs it is not checked.
pub fn analyse(folder: &Path, table: Option<&Table>) -> Result<(RunSpec, ErrorAnalysis), Failure> {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let fail = |why: &str| {
        Failure::work(
            safe!("errors of {name}"),
            safe!("{why}"),
            safe!("choose another run: rationale history names them"),
        )
    };
    let spec = fs::read(folder.join("run.json"))
        .ok()
        .and_then(|bytes| serde_json::from_slice::<RunSpec>(&bytes).ok())
        .ok_or_else(|| fail("not checked: there is no such run"))?;
    if spec.role == Role::OpensHoldout {
        return Err(fail("not checked: it judged the sealed rows, and those are not taken apart"));
    }
    let path = folder.join("predictions.csv");
    if !fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
        return Err(fail("not checked: this run left no predictions"));
    }
    let read = predictions(&path, &spec.framing).map_err(|error| fail(&format!("not checked: {error:#}")))?;
    let columns = match frame_of(&spec, table) {
        Ok(frame) => Ok(frame),
        Err(error) => Err(format!("{error:#}")),
    };
    let groups = columns.as_ref().ok().and_then(|frame| groups(frame, &spec.framing, &read.rows));
    let columns = columns.and_then(|frame| columns_of(&frame, &spec.framing, &read.rows));
    let mut notes = read.notes;
    let n_folds = n_folds_in(&path).unwrap_or(0);
    if n_folds > 0 && n_folds < spec.n_folds() {
        notes.insert(
            0,
            format!("the run did not come to its end: only {n_folds} of its {} folds were predicted", spec.n_folds()),
        );
    }
    if spec.framing.split == SplitKind::Time {
        notes.push("rows follow each other in time; intervals take them as independent".to_owned());
    }
    let input = Input {
        target: spec.framing.target.expose().to_owned(),
        rows: read.rows,
        groups,
        answers: read.answers,
        columns,
        notes,
    };
    let analysis = errors::analyse(&input);
    Ok((spec, analysis))
}

struct Predictions {
    rows: Vec<u64>,
    answers: Answers,
    notes: Vec<String>,
}

/// Reads `predictions.csv`: row, fold, truth, predicted, and `p(class)` for each class.
/// Folds of which there are predictions.
fn n_folds_in(path: &Path) -> Option<u32> {
    let mut reader = csv::Reader::from_path(path).ok()?;
    let at = reader.headers().ok()?.iter().position(|name| name == "fold")?;
    let folds: std::collections::BTreeSet<String> =
        reader.records().filter_map(Result::ok).filter_map(|record| record.get(at).map(ToOwned::to_owned)).collect();
    u32::try_from(folds.len()).ok()
}

fn predictions(path: &Path, framing: &Framing) -> Result<Predictions> {
    let mut reader = csv::Reader::from_path(path).context("its predictions can't be read")?;
    let header = reader.headers()?.clone();
    let place = |name: &str| {
        header.iter().position(|other| other == name).with_context(|| format!("its predictions have no column {name}"))
    };
    let (row_at, truth_at, predicted_at) = (place("row")?, place("truth")?, place("predicted")?);
    let classes: Vec<(usize, String)> = header
        .iter()
        .enumerate()
        .filter_map(|(at, name)| Some((at, name.strip_prefix("p(")?.strip_suffix(')')?.to_owned())))
        .collect();
    let index: HashMap<&str, usize> = classes.iter().enumerate().map(|(at, (_, name))| (name.as_str(), at)).collect();
    let is_number = framing.problem == Problem::Regression;
    let (mut rows, mut notes) = (Vec::new(), Vec::new());
    let (mut truths, mut predictions, mut n_skipped) = (Vec::new(), Vec::new(), 0_u64);
    let mut chances: Option<Vec<Vec<f64>>> = (!is_number).then(Vec::new);
    for record in reader.records() {
        let record = record?;
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let answer = |text: &str| -> Option<f64> {
            if is_number {
                text.parse().ok().filter(|value: &f64| value.is_finite())
            } else {
                index.get(text).and_then(|at| u32::try_from(*at).ok()).map(f64::from)
            }
        };
        let row = cell(row_at).parse::<u64>().ok();
        let (Some(row), Some(truth), Some(predicted)) = (row, answer(cell(truth_at)), answer(cell(predicted_at)))
        else {
            n_skipped += 1;
            continue;
        };
        if rows.len() >= MAX_ROWS {
            notes.push(format!("only the first {} predicted rows were read", figure::count(MAX_ROWS as u64)));
            break;
        }
        let own: Option<Vec<f64>> = classes
            .iter()
            .map(|(at, _)| cell(*at).parse::<f64>().ok().filter(|chance| (0.0..=1.0).contains(chance)))
            .collect();
        match (&mut chances, own.and_then(whole)) {
            (Some(all), Some(own)) => all.push(own),
            (chances, _) => *chances = None,
        }
        rows.push(row);
        truths.push(truth);
        predictions.push(predicted);
    }
    if n_skipped > 0 {
        let said = figure::plural(n_skipped, "row");
        notes.push(format!("{said} without a truth or a prediction that can be read left out"));
    }
    if rows.is_empty() {
        bail!("its predictions hold no row");
    }
    let answers = if is_number {
        Answers::Numbers { truth: truths, predicted: predictions }
    } else {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index of a class")]
        let indices = |values: Vec<f64>| values.into_iter().map(|value| value as usize).collect();
        let names: Vec<String> = classes.into_iter().map(|(_, name)| name).collect();
        let named = framing.positive.as_ref().and_then(|class| names.iter().position(|name| name == class.expose()));
        let positive = (names.len() == 2).then(|| named.unwrap_or(1));
        Answers::Classes { names, positive, truth: indices(truths), predicted: indices(predictions), chances }
    };
    Ok(Predictions { rows, answers, notes })
}

/// Probabilities that add up to one, as the evaluator takes them; nothing where they add up to nothing.
fn whole(mut chances: Vec<f64>) -> Option<Vec<f64>> {
    let sum: f64 = chances.iter().sum();
    if sum <= 0.0 {
        return None;
    }
    // Of two classes, what the model says is taken as it is, as long as it is nearly whole.
    if chances.len() > 2 || (sum - 1.0).abs() > 1e-6 {
        for chance in &mut chances {
            *chance /= sum;
        }
    }
    Some(chances)
}

/// The whole data set of a run, as it was when it ran.
fn frame_of(spec: &RunSpec, table: Option<&Table>) -> Result<Frame> {
    let cancel = CancellationToken::new();
    let opened;
    let table = match table {
        Some(table) => table,
        None => {
            opened = Table::open(Path::new(&spec.data)).map_err(|failure| anyhow::anyhow!("{failure}"))?;
            &opened
        }
    };
    if profile::hash_file(&table.source.path, &cancel)? != spec.data_hash {
        bail!("{} is not what it was when the run was made", table.source.label);
    }
    let all: Vec<usize> = (0..table.source.columns.len()).collect();
    table.frame(&all, &cancel).map_err(|failure| anyhow::anyhow!("{failure}"))
}

/// Columns that the model was given, and the one that rows were split by time with.
fn columns_of(frame: &Frame, framing: &Framing, rows: &[u64]) -> Result<Vec<Column>, String> {
    let is_time = |name: &str| framing.time.as_ref().is_some_and(|time| time.expose() == name);
    let is_given =
        |name: &str| name != framing.target.expose() && !framing.exclude.iter().any(|other| other.expose() == name);
    let columns = frame.columns.iter().filter(|column| is_given(column.series.name()) || is_time(column.series.name()));
    let rows: Vec<usize> = rows.iter().map(|row| usize::try_from(*row).unwrap_or(usize::MAX)).collect();
    if rows.iter().any(|row| *row >= frame.n_rows()) {
        return Err("its predictions name rows that the data does not have".to_owned());
    }
    Ok(columns.map(|column| column_of(column, &rows)).collect())
}

fn column_of(column: &TypedColumn, rows: &[usize]) -> Column {
    let scale = match column.kind {
        Kind::Int | Kind::Float => Some(Scale::Number),
        Kind::Date => Some(Scale::Day),
        Kind::Datetime => Some(Scale::Moment),
        Kind::Bool | Kind::Text | Kind::Other => None,
    };
    let cells = if let Some(scale) = scale {
        let all = facts::numbers_of(column);
        Cells::Numbers { scale, values: rows.iter().map(|row| all[*row]).collect() }
    } else {
        let (codes, names) = facts::codes_of(column);
        Cells::Levels { codes: rows.iter().map(|row| codes[*row]).collect(), names }
    };
    Column { name: column.series.name().to_string(), cells }
}

/// The group of each row where rows were dealt by groups; a row without one is a group of its own.
fn groups(frame: &Frame, framing: &Framing, rows: &[u64]) -> Option<Vec<u64>> {
    let name = framing.group.as_ref().filter(|_| framing.split == SplitKind::Grouped)?;
    let column = frame.columns.iter().find(|column| column.series.name() == name.expose())?;
    let (codes, names) = facts::codes_of(column);
    let of = |row: &u64| {
        let own = names.len() as u64 + row;
        usize::try_from(*row).ok().and_then(|row| codes.get(row).copied().flatten()).map_or(own, u64::from)
    };
    Some(rows.iter().map(of).collect())
}
