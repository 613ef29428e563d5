//! The rows of each fold: cut by the plan, handed over without labels, kept together with what was predicted.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tokio_util::sync::CancellationToken;

use crate::domain::framing::Framing;
use crate::domain::metric::Problem;
use crate::domain::run::{Fold, Role, RunSpec};
use crate::domain::split::{self, Keys, Part, SplitKind};
use crate::effects::data::columnar::value_text;
use crate::effects::data::frame::{Frame, TypedColumn};
use crate::effects::data::{Table, export, facts, profile};
use crate::effects::executor::child::Predicted;

/// Most rows that a quick look trains on, and most that it predicts.
const QUICK_ROWS: usize = 1_000;

/// A data set cut into folds.
#[derive(Debug)]
pub struct Folds {
    frame: Frame,
    whole: Frame,
    target: usize,
    kind: SplitKind,
    keys: Keys,
    /// The parts of the rows in each repeat that is run; the holdout is the same in all.
    cuts: Vec<Vec<Part>>,
    /// Folds of one repeat.
    per_cut: u32,
    opens_holdout: bool,
    /// Whether a part of the rows is enough.
    is_quick: bool,
    /// The seed by which labels of training rows are shuffled, where they are.
    shuffles: Option<u64>,
    /// The classes as text, in order; empty for a number.
    pub classes: Vec<String>,
    /// What each row's target is: the index of its class, or the number.
    pub truth: Vec<Option<f64>>,
    /// Names and types of the columns that the solution is given, the target among them.
    pub columns: Vec<(String, &'static str)>,
}

impl Folds {
    /// Reads the data set of a run and cuts it as its framing says.
    pub fn cut(spec: &RunSpec) -> Result<Self> {
        let table = Table::open(Path::new(&spec.data)).map_err(|failure| anyhow::anyhow!("{failure}"))?;
        let hash = profile::hash_file(&table.source.path, &CancellationToken::new())?;
        if hash != spec.data_hash {
            bail!("{} has changed since it was framed; open it again to frame it anew", table.source.label);
        }
        let mut folds = Self::of_table(&table, &spec.framing)?;
        folds.recut(&spec.framing, spec.first_repeat, spec.n_repeats());
        folds.is_quick = spec.role == Role::Quick;
        folds.opens_holdout = spec.role == Role::OpensHoldout;
        folds.shuffles = (spec.role == Role::Permutes).then_some(spec.framing.seed);
        Ok(folds)
    }

    /// Cuts the folds anew, beginning with that repeat. The holdout stays what it is.
    pub fn recut(&mut self, framing: &Framing, first: u32, n: u32) {
        self.cuts = (first..first + n).map(|repeat| split::repeat(framing.plan(), &self.keys, repeat)).collect();
    }

    /// Cuts an open table.
    pub fn of_table(table: &Table, framing: &Framing) -> Result<Self> {
        let all: Vec<usize> = (0..table.source.columns.len()).collect();
        let whole = table.frame(&all, &CancellationToken::new()).map_err(|failure| anyhow::anyhow!("{failure}"))?;
        let names: Vec<String> = whole.columns.iter().map(|column| column.series.name().to_string()).collect();
        let find = |name: &str| {
            names.iter().position(|other| other == name).with_context(|| format!("there is no column {name}"))
        };
        let target = find(framing.target.expose())?;
        let (classes, truth) = truth_of(&whole.columns[target], framing.problem);
        let keys = Keys {
            strata: strata_of(&truth, framing.problem),
            groups: match &framing.group {
                Some(group) if framing.split == SplitKind::Grouped => groups_of(&whole.columns[find(group.expose())?]),
                _ => Vec::new(),
            },
            times: match &framing.time {
                Some(time) if framing.split == SplitKind::Time => times_of(&whole.columns[find(time.expose())?]),
                _ => Vec::new(),
            },
            twins: twins_of(&whole),
        };
        let kept: Vec<usize> = all
            .into_iter()
            .filter(|idx| *idx == target || !framing.exclude.iter().any(|name| name.expose() == names[*idx]))
            .collect();
        let frame = whole.pick(&kept);
        let target = kept.iter().position(|idx| *idx == target).context("the target can't be left out")?;
        if kept.len() < 2 {
            bail!("no column is left to predict from; leave fewer out");
        }
        let mut columns = export::dtypes(&frame);
        // Rows without a target are never handed over, so that gaps in it do not turn whole numbers into fractions.
        if frame.columns[target].kind == crate::domain::kind::Kind::Int {
            columns[target].1 = "int";
        }
        let mut folds = Self {
            frame,
            whole,
            target,
            kind: framing.split,
            keys,
            cuts: Vec::new(),
            per_cut: framing.folds.max(1),
            opens_holdout: false,
            is_quick: false,
            shuffles: None,
            classes,
            truth,
            columns,
        };
        folds.recut(framing, 0, framing.repeats.max(1));
        Ok(folds)
    }

    /// The parts in the repeat that a fold belongs to, and the fold's number within it.
    fn cut_of(&self, fold: u32) -> (&[Part], u32) {
        let cut = self.cuts.get((fold / self.per_cut) as usize).or(self.cuts.last());
        (cut.map_or(&[], Vec::as_slice), fold % self.per_cut)
    }

    /// The parts in the first repeat.
    pub fn parts(&self) -> &[Part] {
        self.cut_of(0).0
    }

    /// Rows trained on when `fold` is validated. Folds of the second repeat follow those of the first.
    pub fn train_rows(&self, fold: u32) -> Vec<usize> {
        if self.opens_holdout {
            return self.open_rows();
        }
        let (parts, fold) = self.cut_of(fold);
        self.few((0..parts.len()).filter(|row| split::trains(self.kind, parts[*row], fold)).collect())
    }

    /// In a quick look every so many rows, at most [`QUICK_ROWS`]; else all of them.
    fn few(&self, rows: Vec<usize>) -> Vec<usize> {
        if !self.is_quick || rows.len() <= QUICK_ROWS {
            return rows;
        }
        let step = rows.len().div_ceil(QUICK_ROWS);
        rows.into_iter().step_by(step).collect()
    }

    /// Rows validated on in `fold`.
    pub fn valid_rows(&self, fold: u32) -> Vec<usize> {
        if self.opens_holdout {
            return self.holdout_rows();
        }
        let (parts, fold) = self.cut_of(fold);
        self.few((0..parts.len()).filter(|row| parts[*row] == Part::Fold(fold)).collect())
    }

    /// Rows that are sealed away.
    pub fn holdout_rows(&self) -> Vec<usize> {
        let parts = self.parts();
        (0..parts.len()).filter(|row| parts[*row] == Part::Holdout).collect()
    }

    /// The group of each of these rows; nothing where the split knows none.
    pub fn groups(&self, rows: &[usize]) -> Option<Vec<u64>> {
        rows.iter().map(|row| self.keys.groups.get(*row).copied()).collect()
    }

    /// How many rows are trained on when `fold` is validated.
    pub fn n_train(&self, fold: u32) -> u64 {
        self.train_rows(fold).len() as u64
    }

    /// Training rows with labels and validation rows without, as CSV.
    pub fn csv(&self, fold: u32) -> Result<(Vec<u8>, Vec<u8>)> {
        let (train_rows, valid_rows) = (self.train_rows(fold), self.valid_rows(fold));
        let Some(seed) = self.shuffles else { return self.csv_of(&train_rows, &valid_rows) };
        // Each row keeps its features and gets the label of another.
        let mut labels = train_rows.clone();
        split::shuffled(&mut labels, seed ^ u64::from(fold + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let (mut train, mut valid) = (Vec::new(), Vec::new());
        export::write_relabelled(&mut train, &self.frame, self.target, &train_rows, &labels)?;
        export::write_rows(&mut valid, &self.without_target(), &valid_rows)?;
        Ok((train, valid))
    }

    /// Rows with labels and rows without, as CSV.
    pub fn csv_of(&self, with: &[usize], without: &[usize]) -> Result<(Vec<u8>, Vec<u8>)> {
        let (mut train, mut valid) = (Vec::new(), Vec::new());
        export::write_rows(&mut train, &self.frame, with)?;
        export::write_rows(&mut valid, &self.without_target(), without)?;
        Ok((train, valid))
    }

    /// Rows outside the holdout that have a target.
    pub fn open_rows(&self) -> Vec<usize> {
        let parts = self.parts();
        let is_open = |row: &usize| matches!(parts[*row], Part::Fold(_) | Part::Base) && self.truth[*row].is_some();
        (0..parts.len()).filter(is_open).collect()
    }

    /// In which fold of that repeat each of these rows is validated.
    pub fn numbers(&self, framing: &Framing, repeat: u32, rows: &[usize]) -> Vec<u32> {
        let parts = split::repeat(framing.plan(), &self.keys, repeat);
        let number = |row: &usize| match parts[*row] {
            Part::Fold(fold) => fold,
            Part::Holdout | Part::Base | Part::NoTarget => u32::MAX,
        };
        rows.iter().map(number).collect()
    }

    /// Rows outside the holdout with the fold in which each is validated, features, then the target; and beside them group
    /// and time, which may be left out of the features.
    pub fn court_csv(&self, framing: &Framing) -> Result<(Vec<u8>, Vec<u8>)> {
        let rows = self.open_rows();
        let parts = self.parts();
        let fold = |row: usize| match parts[row] {
            Part::Fold(fold) => fold.to_string(),
            Part::Base | Part::Holdout | Part::NoTarget => "-1".to_owned(),
        };
        let features = self.without_target();
        let columns: Vec<&TypedColumn> = features.columns.iter().chain([&self.frame.columns[self.target]]).collect();
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(
            ["row", "fold"].into_iter().chain(columns.iter().map(|column| column.series.name().as_str())),
        )?;
        for row in &rows {
            let cells =
                columns.iter().map(|column| value_text(column, *row).unwrap_or_else(|| export::NULL.to_owned()));
            table.write_record([row.to_string(), fold(*row)].into_iter().chain(cells))?;
        }
        let named = |name: &Option<crate::text::RawText>| {
            let name = name.as_ref()?;
            self.whole.columns.iter().find(|column| column.series.name() == name.expose())
        };
        let (group, time) = (named(&framing.group), named(&framing.time));
        // What code is not given may still name groups.
        let is_given = |name: &str| columns.iter().any(|column| column.series.name() == name);
        let outside: Vec<&TypedColumn> =
            self.whole.columns.iter().filter(|column| !is_given(column.series.name())).collect();
        if group.is_none() && time.is_none() && outside.is_empty() {
            return Ok((table.into_inner()?, Vec::new()));
        }
        let mut ids = csv::Writer::from_writer(Vec::new());
        let names = outside.iter().map(|column| format!("out:{}", column.series.name()));
        ids.write_record(["row", "group", "time"].map(ToOwned::to_owned).into_iter().chain(names))?;
        let cell = |column: Option<&TypedColumn>, row: usize| {
            column.and_then(|column| value_text(column, row)).unwrap_or_default()
        };
        for row in &rows {
            let more = outside.iter().map(|column| cell(Some(column), *row));
            ids.write_record([row.to_string(), cell(group, *row), cell(time, *row)].into_iter().chain(more))?;
        }
        Ok((table.into_inner()?, ids.into_inner()?))
    }

    /// Cells of a column of the whole table by row, those that were left out of the folds included; nothing where there is no
    /// such column.
    pub fn cells(&self, name: &str) -> Option<std::collections::BTreeMap<String, String>> {
        let column = self.whole.columns.iter().find(|column| column.series.name() == name)?;
        let rows = self.open_rows().into_iter();
        Some(rows.filter_map(|row| Some((row.to_string(), value_text(column, row)?))).collect())
    }

    /// Index of the class that counts as positive.
    pub fn positive(&self, framing: &Framing) -> usize {
        let named =
            framing.positive.as_ref().and_then(|class| self.classes.iter().position(|other| other == class.expose()));
        named.unwrap_or(1)
    }

    /// Names and types of the features.
    pub fn features(&self) -> Vec<&(String, &'static str)> {
        let columns = self.columns.iter().enumerate();
        columns.filter(|(idx, _)| *idx != self.target).map(|(_, column)| column).collect()
    }

    fn without_target(&self) -> Frame {
        let kept: Vec<usize> = (0..self.frame.columns.len()).filter(|idx| *idx != self.target).collect();
        self.frame.pick(&kept)
    }

    /// Every row that is not sealed, as a CSV file for a free script.
    pub fn write_training_rows(&self, folder: &Path) -> Result<PathBuf> {
        let path = folder.join("train.csv");
        let rows = self.open_rows();
        let mut writer = csv::Writer::from_path(&path)?;
        writer.write_record(self.frame.columns.iter().map(|column| column.series.name().as_str()))?;
        for row in rows {
            writer.write_record(self.frame.columns.iter().map(|column| value_text(column, row).unwrap_or_default()))?;
        }
        writer.flush()?;
        Ok(path)
    }
}

/// Classes in order (numbers by size, texts by alphabet), and each row's target.
fn truth_of(column: &TypedColumn, problem: Problem) -> (Vec<String>, Vec<Option<f64>>) {
    if problem == Problem::Regression {
        return (Vec::new(), facts::numbers_of(column));
    }
    let (codes, mut values) = facts::codes_of(column);
    let first_seen = values.clone();
    values.sort_by(|a, b| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        _ => a.cmp(b),
    });
    let place: Vec<usize> =
        first_seen.iter().map(|value| values.iter().position(|other| other == value).unwrap_or_default()).collect();
    #[expect(clippy::cast_precision_loss, reason = "an index of a class")]
    let truth = codes.into_iter().map(|code| code.map(|code| place[code as usize] as f64)).collect();
    (values, truth)
}

/// Classes as they are; numbers in ten ranges of equal size.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index of a class")]
fn strata_of(truth: &[Option<f64>], problem: Problem) -> Vec<Option<u32>> {
    if problem != Problem::Regression {
        return truth.iter().map(|value| value.map(|value| value as u32)).collect();
    }
    let mut sorted: Vec<f64> = truth.iter().flatten().copied().collect();
    sorted.sort_by(f64::total_cmp);
    let edges: Vec<f64> = (1..10).filter_map(|tenth| sorted.get(tenth * sorted.len() / 10).copied()).collect();
    truth
        .iter()
        .map(|value| value.map(|value| u32::try_from(edges.partition_point(|edge| *edge <= value)).unwrap_or_default()))
        .collect()
}

/// Rows without a group are groups of their own.
fn groups_of(column: &TypedColumn) -> Vec<u64> {
    let (codes, values) = facts::codes_of(column);
    codes.into_iter().enumerate().map(|(row, code)| code.map_or((values.len() + row) as u64, u64::from)).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "times as they were before")]
fn times_of(column: &TypedColumn) -> Vec<Option<i64>> {
    facts::numbers_of(column).into_iter().map(|time| time.map(|time| time as i64)).collect()
}

fn twins_of(frame: &Frame) -> Vec<(usize, usize)> {
    let mut hashes = Vec::new();
    frame.columns.iter().for_each(|column| profile::hash_into(&mut hashes, column));
    profile::repeats(&hashes)
}

/// All predictions of a run: row, fold, truth, predicted, chances. Those of the first repeat, where each row is predicted
/// once, lie in `predictions.csv`; those of the others in `predictions-repeats.csv`.
pub fn save_predictions(folder: &Path, folds: &Folds, spec: &RunSpec, results: &[(Predicted, Fold)]) -> Result<()> {
    if results.is_empty() {
        return Ok(());
    }
    let (first, others): (Vec<_>, Vec<_>) = results.iter().partition(|(_, fold)| fold.fold < spec.framing.folds);
    write_predictions(&folder.join("predictions.csv"), folds, spec, &first)?;
    if !others.is_empty() {
        write_predictions(&folder.join("predictions-repeats.csv"), folds, spec, &others)?;
    }
    Ok(())
}

fn write_predictions(path: &Path, folds: &Folds, spec: &RunSpec, results: &[&(Predicted, Fold)]) -> Result<()> {
    let mut writer = csv::Writer::from_path(path)?;
    let mut header = vec!["row".to_owned(), "fold".to_owned(), "truth".to_owned(), "predicted".to_owned()];
    header.extend(folds.classes.iter().map(|class| format!("p({class})")));
    writer.write_record(&header)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index of a class")]
    let name = |value: f64| match spec.framing.problem {
        Problem::Regression => format!("{value:?}"),
        Problem::Binary | Problem::Multiclass => folds.classes.get(value as usize).cloned().unwrap_or_default(),
    };
    for (predicted, fold) in results {
        for (idx, row) in predicted.rows.iter().enumerate() {
            let truth = folds.truth.get(*row).copied().flatten().map(name).unwrap_or_default();
            let mut record = vec![row.to_string(), fold.fold.to_string(), truth, name(predicted.predicted[idx])];
            match &predicted.chances {
                Some(chances) => record.extend(chances[idx].iter().map(|chance| format!("{chance:?}"))),
                None => record.extend(folds.classes.iter().map(|_| String::new())),
            }
            writer.write_record(&record)?;
        }
    }
    writer.flush()?;
    Ok(())
}

/// Scores as lines in the form of the body of `MLflow`'s `runs/log-batch`; the step is the fold.
pub fn save_metrics(folder: &Path, folds: &[Fold]) -> Result<()> {
    let mut file = fs::OpenOptions::new().create(true).append(true).open(folder.join("events.jsonl"))?;
    let timestamp = jiff::Timestamp::now().as_millisecond();
    for fold in folds {
        let metrics: Vec<serde_json::Value> = fold
            .metrics
            .iter()
            .map(|(key, value)| serde_json::json!({"key": key, "value": value.map_or_else(|| "NaN".into(), |value| serde_json::json!(value)), "timestamp": timestamp, "step": fold.fold}))
            .collect();
        let mut line = serde_json::json!({ "metrics": metrics }).to_string();
        line.push('\n');
        file.write_all(line.as_bytes())?;
    }
    Ok(())
}
