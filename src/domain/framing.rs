//! The question that is asked of the data, fixed before the first experiment: proposed with reasons, then kept.

use serde::{Deserialize, Serialize};

use crate::domain::facts::Facts;
use crate::domain::failure::Failure;
use crate::domain::kind::Kind;
use crate::domain::metric::{Metric, Problem};
use crate::domain::profile::{self, ColumnProfile, Profile, Role, share};
use crate::domain::split::{Plan, SplitKind};
use crate::domain::warning::{Severity, Warning};
use crate::safe;
use crate::text::{RawText, SafeText, figure};

/// What may leave the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Privacy {
    /// Names and types of columns.
    Schema,
    /// Counts, quantiles, and values that many rows share.
    Statistics,
    /// A few rows with every value replaced by one of the same shape.
    Masked,
    /// A few rows as they are.
    Rows,
}

impl Privacy {
    /// Every level, the most careful first.
    pub const ALL: [Self; 4] = [Self::Schema, Self::Statistics, Self::Masked, Self::Rows];

    /// The word in the project file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Statistics => "statistics",
            Self::Masked => "masked",
            Self::Rows => "rows",
        }
    }

    /// What it says in the corner of the data pane.
    pub fn label(self) -> &'static str {
        match self {
            Self::Schema => "schema only",
            Self::Statistics => "statistics only",
            Self::Masked => "masked sample",
            Self::Rows => "raw rows",
        }
    }
}

/// The question, fixed before the first experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Framing {
    /// The column to predict.
    pub target: RawText,
    /// What kind of answer.
    pub problem: Problem,
    /// The class that counts as positive, for binary problems.
    pub positive: Option<RawText>,
    /// What is measured.
    pub metric: Metric,
    /// How rows are dealt to folds.
    pub split: SplitKind,
    /// The column that holds the group, for a grouped split.
    pub group: Option<RawText>,
    /// The column that holds the time, for a split by time.
    pub time: Option<RawText>,
    /// Number of folds.
    pub folds: u32,
    /// How often the folds are cut anew; more than once for small data.
    #[serde(default = "once")]
    pub repeats: u32,
    /// Decides every random choice.
    pub seed: u64,
    /// Share of rows that is sealed away.
    pub holdout: f64,
    /// Columns that no run is given.
    pub exclude: Vec<RawText>,
    /// What may leave the machine.
    pub privacy: Privacy,
    /// What may be spent on this project, in US dollars.
    pub cap_usd: f64,
}

fn once() -> u32 {
    1
}

impl Framing {
    /// The plan by which rows are dealt.
    pub fn plan(&self) -> Plan {
        Plan { kind: self.split, n_folds: self.folds, holdout: self.holdout, seed: self.seed }
    }

    /// What decides whether two scores may be compared: the question, without what leaves or costs.
    pub fn fingerprint(&self) -> String {
        let mut question = serde_json::json!({
            "target": self.target, "problem": self.problem, "positive": self.positive, "metric": self.metric,
            "split": self.split, "group": self.group, "time": self.time, "folds": self.folds, "seed": self.seed,
            "holdout": self.holdout,
        });
        // Histories from before there were repeats stay comparable.
        if self.repeats > 1 {
            question["repeats"] = self.repeats.into();
        }
        blake3::hash(question.to_string().as_bytes()).to_hex()[..16].to_owned()
    }
}

/// A part of the framing that has a value and a reason of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Column to predict.
    Target,
    /// Kind of answer.
    Problem,
    /// What is measured.
    Metric,
    /// How rows are dealt.
    Split,
    /// Sealed share.
    Holdout,
    /// Columns left out.
    Exclude,
    /// Random seed.
    Seed,
    /// What may leave.
    Privacy,
    /// What may be spent.
    Cap,
}

impl Field {
    /// In the order in which they are asked.
    pub const ALL: [Self; 9] = [
        Self::Target,
        Self::Problem,
        Self::Metric,
        Self::Split,
        Self::Holdout,
        Self::Exclude,
        Self::Seed,
        Self::Privacy,
        Self::Cap,
    ];

    /// Its name on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Problem => "problem",
            Self::Metric => "metric",
            Self::Split => "split",
            Self::Holdout => "holdout",
            Self::Exclude => "left out",
            Self::Seed => "seed",
            Self::Privacy => "privacy",
            Self::Cap => "spending cap",
        }
    }
}

/// A framing with the reason for each part.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// What is proposed.
    pub framing: Framing,
    /// Why, in the order of [`Field::ALL`].
    pub reasons: Vec<(Field, SafeText)>,
    /// Rows with a target, where they were counted.
    pub n_rows: Option<u64>,
}

impl Proposal {
    /// Says anew how many rows the share that was chosen seals.
    pub fn count_holdout(&mut self) {
        let said = why_holdout(self.n_rows, self.framing.holdout);
        if let Some((_, reason)) = self.reasons.iter_mut().find(|(field, _)| *field == Field::Holdout) {
            *reason = said;
        }
    }

    /// The reason for one part.
    pub fn reason(&self, field: Field) -> SafeText {
        self.reasons.iter().find(|(other, _)| *other == field).map(|(_, reason)| reason.clone()).unwrap_or_default()
    }

    /// The value of one part as it is drawn.
    pub fn value(&self, field: Field) -> SafeText {
        let framing = &self.framing;
        match field {
            Field::Target => safe!("{}", framing.target.expose()),
            Field::Problem => match &framing.positive {
                Some(positive) => safe!("{}, positive is {}", framing.problem.word(), positive.expose()),
                None => framing.problem.word().into(),
            },
            Field::Metric => safe!("{} {}", framing.metric.id(), framing.metric.direction().arrow()),
            Field::Split => {
                let by = framing.group.as_ref().filter(|_| framing.split == SplitKind::Grouped);
                let by = by.or(framing.time.as_ref().filter(|_| framing.split == SplitKind::Time));
                let by = by.map_or_else(String::new, |column| format!(" by {}", column.expose()));
                let times = if framing.repeats > 1 { format!(", {} times", framing.repeats) } else { String::new() };
                safe!("{}{by}, {} folds{times}", framing.split.word(), framing.folds)
            }
            Field::Holdout => safe!("{} sealed", figure::share(framing.holdout)),
            Field::Exclude => match framing.exclude.as_slice() {
                [] => "nothing".into(),
                names => safe!("{}", names.iter().map(RawText::expose).collect::<Vec<_>>().join(", ")),
            },
            Field::Seed => safe!("{}", framing.seed),
            Field::Privacy => framing.privacy.label().into(),
            Field::Cap => safe!("{}", figure::dollars(Some(framing.cap_usd))),
        }
    }
}

/// Names that a target often has, the surest first.
const TARGET_NAMES: [&str; 36] = [
    "target",
    "label",
    "class",
    "outcome",
    "y",
    "churn",
    "churned",
    "is_churn",
    "default",
    "defaulted",
    "survived",
    "fraud",
    "is_fraud",
    "species",
    "diagnosis",
    "response",
    "converted",
    "clicked",
    "income",
    "quality",
    "price",
    "saleprice",
    "sale_price",
    "median_house_value",
    "medv",
    "charges",
    "mpg",
    "sales",
    "demand",
    "score",
    "rating",
    "grade",
    "status",
    "result",
    "category",
    "sentiment",
];

/// The column that is most likely to be the target, with the reason.
pub fn guess_target(profile: &Profile) -> Option<(usize, SafeText)> {
    let can_be = |column: &ColumnProfile| {
        !matches!(column.role, Role::Constant | Role::Identifier | Role::Datetime | Role::Text)
            && column.null_share() < 0.5
    };
    for wanted in TARGET_NAMES {
        let found = profile
            .columns
            .iter()
            .position(|column| column.name.expose().eq_ignore_ascii_case(wanted) && can_be(column));
        if let Some(idx) = found {
            return Some((idx, safe!("a usual name for what is predicted")));
        }
    }
    let last_word = |column: &ColumnProfile| {
        profile::words_of(column.name.expose())
            .into_iter()
            .any(|word| TARGET_NAMES[..12].contains(&word.as_str()) && word != "y")
    };
    if let Some(idx) = profile.columns.iter().position(|column| last_word(column) && can_be(column)) {
        return Some((idx, safe!("its name sounds like an outcome")));
    }
    let idx = profile.columns.iter().rposition(can_be)?;
    Some((idx, safe!("the last column that can be one; change it if it is another")))
}

/// What kind of answer a column asks for, or why it can't be a target.
pub fn problem_of(column: &ColumnProfile) -> Result<(Problem, SafeText), Failure> {
    let label = column.label();
    let refuse =
        |why: SafeText| Err(Failure::input(safe!("target {label}"), why, safe!("choose another target column")));
    let n = column.n_distinct;
    if column.n_values() == 0 {
        return refuse(safe!("it has no value in any row"));
    }
    if n == 1 {
        let value = column.top.first().map(|(value, _)| value.expose().to_owned()).unwrap_or_default();
        return refuse(safe!("every row has the same value, {value}, so there is nothing to predict"));
    }
    match column.kind {
        _ if n == 2 => Ok((Problem::Binary, safe!("it has two values"))),
        Kind::Int if n <= 10 => Ok((Problem::Multiclass, safe!("it has {n} whole-number values"))),
        Kind::Int | Kind::Float => Ok((Problem::Regression, safe!("it is a number with {} values", figure::count(n)))),
        Kind::Text | Kind::Bool if n <= 100 && share(n, column.n_values()) <= 0.5 => {
            Ok((Problem::Multiclass, safe!("it has {n} classes")))
        }
        Kind::Text | Kind::Bool => {
            refuse(safe!("its {} different texts are neither classes nor numbers", figure::count(n)))
        }
        Kind::Date | Kind::Datetime => refuse(safe!("it is a date, not a class or a number")),
        Kind::Other => refuse(safe!("its cells are lists or records, not classes or numbers")),
    }
}

/// The class that counts as positive: what says yes, else the rarer one.
fn positive_of(column: &ColumnProfile) -> Option<RawText> {
    const YES: [&str; 12] = ["1", "true", "True", "TRUE", "yes", "Yes", "YES", "y", "Y", "1.0", "positive", "churned"];
    let says_yes = column.top.iter().find(|(value, _)| YES.contains(&value.expose()));
    says_yes.or(column.top.last()).map(|(value, _)| value.clone())
}

/// A column that names a group which several rows belong to.
fn group_of<'a>(profile: &'a Profile, target: &ColumnProfile) -> Option<&'a ColumnProfile> {
    profile.columns.iter().find(|column| {
        let per_group = share(column.n_values(), column.n_distinct);
        column.name != target.name
            && profile::names_a_row(column.name.expose())
            && matches!(column.kind, Kind::Int | Kind::Text)
            && column.null_share() < 0.01
            && column.n_distinct >= 20
            && per_group >= 1.2
    })
}

/// A column of times by which the rows are in order.
fn time_of<'a>(profile: &'a Profile, target: &ColumnProfile) -> Option<&'a ColumnProfile> {
    profile.columns.iter().find(|column| {
        column.name != target.name
            && column.kind.is_time()
            && column.is_sorted
            && column.null_share() < 0.01
            && column.n_distinct >= 20
    })
}

/// Below this many rows the folds are cut several times: one cut says little.
const SMALL: u64 = 300;
/// How often they are cut then.
const SMALL_REPEATS: u32 = 3;

/// Proposes how to frame the question, with a reason for each part.
///
/// `facts` and `warnings` must be those of this target. Fails where the column can't be a target.
pub fn propose(
    profile: &Profile,
    facts: &Facts,
    warnings: &[Warning],
    target: usize,
    why_target: SafeText,
) -> Result<Proposal, Failure> {
    let Some(column) = profile.columns.get(target) else {
        return Err(Failure::input(
            safe!("target"),
            safe!("there is no such column"),
            safe!("choose one of the columns"),
        ));
    };
    let (problem, why_problem) = problem_of(column)?;
    let rarest = facts.classes.last().map_or(u64::MAX, |(_, count)| *count);
    let minority = share(rarest, column.n_values());
    let (metric, why_metric) = match problem {
        Problem::Binary if minority < 0.05 => (
            Metric::AveragePrecision,
            safe!("positives are rare ({}), so precision and recall say more", figure::share(minority)),
        ),
        Problem::Binary | Problem::Multiclass | Problem::Regression => {
            let metric = problem.metrics()[0];
            (metric, safe!("{}", metric.doc()))
        }
    };
    let folds = if column.n_values() > 200_000 { 3 } else { 5 };
    let is_small = column.n_values() < SMALL;
    let (split, group, time, why_split) = if let Some(time) = time_of(profile, column) {
        (
            SplitKind::Time,
            None,
            Some(time.name.clone()),
            safe!("rows are in order of {}: later ones are predicted from earlier ones", time.label()),
        )
    } else if let Some(group) = group_of(profile, column) {
        (
            SplitKind::Grouped,
            Some(group.name.clone()),
            None,
            safe!(
                "each {} has {} rows on average: one on both sides would leak",
                group.label(),
                figure::value(share(group.n_values(), group.n_distinct))
            ),
        )
    } else if problem.is_classification() && rarest < u64::from(folds) * 2 {
        (SplitKind::Random, None, None, safe!("the rarest class has only {}", figure::plural(rarest, "row")))
    } else {
        (
            SplitKind::Stratified,
            None,
            None,
            safe!("rows look independent; each fold gets the same mix of {}", column.label()),
        )
    };
    let (exclude, why_exclude) = left_out(profile, warnings, target);
    let framing = Framing {
        target: column.name.clone(),
        problem,
        positive: if problem == Problem::Binary { positive_of(column) } else { None },
        metric,
        split,
        group,
        time,
        folds,
        repeats: if is_small && split != SplitKind::Time { SMALL_REPEATS } else { 1 },
        seed: 7,
        holdout: 0.2,
        exclude,
        privacy: Privacy::Statistics,
        cap_usd: 5.0,
    };
    let why_split = if framing.repeats > 1 {
        safe!("{why_split}; with so few rows the folds are cut {} times", framing.repeats)
    } else {
        why_split
    };
    let n_rows = column.n_values();
    let reasons = vec![
        (Field::Target, why_target),
        (Field::Problem, why_problem),
        (Field::Metric, why_metric),
        (Field::Split, why_split),
        (Field::Holdout, why_holdout(Some(n_rows), framing.holdout)),
        (Field::Exclude, why_exclude),
        (Field::Seed, safe!("any number; the same one gives the same folds")),
        (Field::Privacy, safe!("counts and quantiles are enough to reason; no row leaves")),
        (Field::Cap, safe!("asks before more than this is spent on the project")),
    ];
    Ok(Proposal { framing, reasons, n_rows: Some(n_rows) })
}

#[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
fn why_holdout(n_rows: Option<u64>, holdout: f64) -> SafeText {
    match n_rows {
        _ if holdout <= 0.0 => "nothing is sealed: no score will be a test score".into(),
        Some(n) => {
            safe!("about {} rows that no run is given until you open them", figure::value((n as f64 * holdout).round()))
        }
        None => "rows that no run is given until you open them".into(),
    }
}

/// Why a warning speaks for leaving its column out, in a word about several and in a sentence about one; nothing where it does
/// not.
pub fn why_left_out(warning: &Warning) -> Option<(&'static str, &'static str)> {
    Some(match warning.id {
        "target-leak" if warning.severity == Severity::High => ("leaks", "it leaks the target"),
        "date-after-outcome" if warning.severity == Severity::High => {
            ("dates after the outcome", "it is a date after the outcome")
        }
        "identifier" => ("identifiers", "it is an identifier"),
        "constant" => ("constants", "it is constant"),
        _ => return None,
    })
}

/// Columns that no run should be given, with the reason in one line.
fn left_out(profile: &Profile, warnings: &[Warning], target: usize) -> (Vec<RawText>, SafeText) {
    let mut names: Vec<RawText> = Vec::new();
    let mut reasons: Vec<&str> = Vec::new();
    for warning in warnings {
        let Some((reason, _)) = why_left_out(warning) else { continue };
        let Some(column) =
            warning.columns.first().filter(|column| **column != target).and_then(|column| profile.columns.get(*column))
        else {
            continue;
        };
        if !names.contains(&column.name) {
            names.push(column.name.clone());
        }
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    let why = if reasons.is_empty() {
        safe!("nothing that would spoil the score was found")
    } else {
        safe!("{}", reasons.join(", "))
    };
    (names, why)
}
