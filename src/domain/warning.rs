//! What is wrong with a data set, each with its evidence and the rows that show it.

use crate::domain::facts::Facts;
use crate::domain::kind::Kind;
use crate::domain::metric::Metric;
use crate::domain::profile::{ColumnProfile, FEW_FAR_OUT, Occurrences, Profile, Role, share};
use crate::safe;
use crate::text::{SafeText, figure};

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Spoils the result.
    High,
    /// Likely to mislead.
    Medium,
    /// Worth knowing.
    Low,
}

impl Severity {
    /// The word in JSON and on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// Something wrong, and how we know.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// Which check found it.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Indices of the columns concerned.
    pub columns: Vec<usize>,
    /// One sentence.
    pub message: SafeText,
    /// What `value` measures.
    pub metric: &'static str,
    /// The evidence in one number.
    pub value: f64,
    /// A few rows that show it; empty where the whole column does.
    pub rows: Vec<u64>,
}

/// A column that alone reaches this is taken for a leak: (certain, likely).
fn leak_threshold(metric: Metric) -> (f64, f64) {
    if metric == Metric::RocAuc { (0.985, 0.95) } else { (0.985, 0.97) }
}

/// All warnings, the gravest first.
pub fn find(profile: &Profile, facts: &Facts) -> Vec<Warning> {
    let mut warnings = Vec::new();
    leaks(profile, facts, &mut warnings);
    dates_after(profile, facts, &mut warnings);
    imbalance(profile, facts, &mut warnings);
    flaws(profile, &mut warnings);
    duplicates(profile, &mut warnings);
    for (idx, column) in profile.columns.iter().enumerate() {
        of_column(idx, column, facts.target == Some(idx), &mut warnings);
    }
    warnings.sort_by_key(|warning| warning.severity);
    warnings
}

fn leaks(profile: &Profile, facts: &Facts, warnings: &mut Vec<Warning>) {
    let Some(target) = facts.target.and_then(|target| profile.columns.get(target)) else { return };
    for alone in &facts.alone {
        let Some(column) = profile.columns.get(alone.column) else { continue };
        let (certain, likely) = leak_threshold(alone.metric);
        if alone.score < likely {
            continue;
        }
        let name = if alone.metric == Metric::RocAuc { "AUC" } else { alone.metric.name() };
        let why = match &alone.filled_only_for {
            Some((class, _)) => format!(
                "is filled only where {} = {}, so it is written after the outcome",
                target.label(),
                class.expose()
            ),
            None => format!("alone predicts {}", target.label()),
        };
        warnings.push(Warning {
            id: "target-leak",
            severity: if alone.score >= certain || alone.filled_only_for.is_some() {
                Severity::High
            } else {
                Severity::Medium
            },
            columns: vec![alone.column],
            message: safe!("{} {why} ({name} {} alone)", column.label(), figure::score(alone.score)),
            metric: alone.metric.builtin_name().unwrap_or_default(),
            value: alone.score,
            rows: alone.rows.clone(),
        });
    }
}

fn dates_after(profile: &Profile, facts: &Facts, warnings: &mut Vec<Warning>) {
    for after in &facts.dates_after {
        let (Some(column), Some(reference)) = (profile.columns.get(after.column), profile.columns.get(after.reference))
        else {
            continue;
        };
        let part = share(after.n_after, after.n_compared);
        warnings.push(Warning {
            id: "date-after-outcome",
            severity: if part > 0.05 { Severity::High } else { Severity::Medium },
            columns: vec![after.column, after.reference],
            message: safe!(
                "{} lies after {} in {} ({}): not known when the prediction is made",
                column.label(),
                reference.label(),
                figure::plural(after.n_after, "row"),
                figure::share(part)
            ),
            metric: "share_after",
            value: part,
            rows: after.rows.clone(),
        });
    }
}

fn imbalance(profile: &Profile, facts: &Facts, warnings: &mut Vec<Warning>) {
    let Some(idx) = facts.target else { return };
    let Some(target) = profile.columns.get(idx) else { return };
    let n: u64 = facts.classes.iter().map(|(_, count)| count).sum();
    let Some((class, count)) = facts.classes.last().filter(|_| facts.classes.len() > 1) else { return };
    let part = share(*count, n);
    let fair = 1.0 / f64::from(u32::try_from(facts.classes.len()).unwrap_or(u32::MAX));
    if part >= 0.2 * fair {
        return;
    }
    warnings.push(Warning {
        id: "imbalance",
        severity: if part < 0.02 * fair { Severity::High } else { Severity::Medium },
        columns: vec![idx],
        message: safe!(
            "{} = {} is rare: {} ({}), so accuracy says little",
            target.label(),
            class.expose(),
            figure::plural(*count, "row"),
            figure::share(part)
        ),
        metric: "minority_share",
        value: part,
        rows: Vec::new(),
    });
}

/// Records that do not fit the table, and bytes that do not fit the encoding.
fn flaws(profile: &Profile, warnings: &mut Vec<Warning>) {
    let n_columns = profile.columns.len() as u64;
    let mut warn = |id, metric, found: &Occurrences, what: String| {
        if found.n == 0 {
            return;
        }
        let part = share(found.n, profile.n_rows);
        let has = if found.n == 1 { "row has" } else { "rows have" };
        warnings.push(Warning {
            id,
            severity: if part > 0.01 { Severity::Medium } else { Severity::Low },
            columns: Vec::new(),
            message: safe!("{} {has} {what} ({})", figure::count(found.n), figure::share(part)),
            metric,
            value: part,
            rows: found.rows.clone(),
        });
    };
    let columns = figure::plural(n_columns, "column");
    let flaws = &profile.flaws;
    let what = format!("more fields than the {columns}: the further fields are not in the table");
    warn("long-rows", "long_share", &flaws.long, what);
    let what = format!("fewer fields than the {columns}: the rest counts as missing");
    warn("short-rows", "short_share", &flaws.short, what);
    let what = "bytes that are not UTF-8, shown as \u{FFFD}: an encoding was mixed or text was cut".to_owned();
    warn("encoding-damage", "damaged_share", &flaws.damaged, what);
}

fn duplicates(profile: &Profile, warnings: &mut Vec<Warning>) {
    if profile.n_duplicate_rows == 0 {
        return;
    }
    let part = share(profile.n_duplicate_rows, profile.n_rows);
    warnings.push(Warning {
        id: "duplicate-rows",
        severity: if part > 0.01 { Severity::Medium } else { Severity::Low },
        columns: Vec::new(),
        message: safe!(
            "{} an earlier row in every column ({})",
            if profile.n_duplicate_rows == 1 {
                "1 row repeats".to_owned()
            } else {
                format!("{} rows repeat", figure::count(profile.n_duplicate_rows))
            },
            figure::share(part)
        ),
        metric: "duplicate_share",
        value: part,
        rows: profile.duplicate_rows.clone(),
    });
}

fn of_column(idx: usize, column: &ColumnProfile, is_target: bool, warnings: &mut Vec<Warning>) {
    let mut warn = |id, severity, message, metric, value, rows| {
        warnings.push(Warning { id, severity, columns: vec![idx], message, metric, value, rows });
    };
    let label = column.label();
    let null_share = column.null_share();
    if column.n_values() == 0 && column.n_rows > 0 {
        warn("mostly-empty", Severity::Medium, safe!("{label} has no value in any row"), "null_share", 1.0, Vec::new());
        return;
    }
    if column.role == Role::Constant && column.n_rows > 1 {
        let value = column.top.first().map(|(value, _)| value.expose().to_owned()).unwrap_or_default();
        warn(
            "constant",
            Severity::Low,
            safe!("{label} is {value} in every row that has a value"),
            "n_distinct",
            1.0,
            Vec::new(),
        );
    }
    if null_share > 0.6 {
        let severity = if null_share > 0.95 { Severity::Medium } else { Severity::Low };
        warn(
            "mostly-empty",
            severity,
            safe!("{label} is empty in {} of rows", figure::share(null_share)),
            "null_share",
            null_share,
            Vec::new(),
        );
    }
    if column.role == Role::Identifier && !is_target {
        let distinct = share(column.n_distinct, column.n_values());
        warn(
            "identifier",
            Severity::Medium,
            safe!("{label} looks like an identifier: {} of its values are different", figure::share(distinct)),
            "distinct_share",
            distinct,
            Vec::new(),
        );
    }
    let numeric = share(column.n_numeric_text, column.n_values());
    if column.kind == Kind::Text && column.role != Role::Constant && (0.5..1.0).contains(&numeric) {
        let rest = column
            .not_numeric
            .iter()
            .take(3)
            .map(|value| format!("“{}”", value.expose()))
            .collect::<Vec<_>>()
            .join(", ");
        warn(
            "mixed-types",
            Severity::Medium,
            safe!("{label} is text, but {} of its values are numbers; the rest: {rest}", figure::share(numeric)),
            "numeric_share",
            numeric,
            Vec::new(),
        );
    }
    let days = column.year_last;
    let written = share(days.n, column.n_values());
    if written > 0.95 && (days.n_day_first > 0) == (days.n_month_first > 0) {
        let value = column.top.first().map(|(value, _)| format!(" (“{}”)", value.expose())).unwrap_or_default();
        let why = if days.n_day_first == 0 { "no value tells" } else { "its values tell both ways" };
        warn(
            "ambiguous-dates",
            Severity::Medium,
            safe!("{label}{value}: does the day come first or the month? {why}, so it stays text until you say"),
            "date_share",
            written,
            Vec::new(),
        );
    }
    let far_out = share(column.n_far_out, column.n_values());
    if column.n_far_out > 0 && far_out <= FEW_FAR_OUT && column.role == Role::Numeric && !is_target {
        warn(
            "outliers",
            Severity::Low,
            safe!(
                "{label} has {} more than {} quartile ranges outside its quartiles",
                figure::plural(column.n_far_out, "value"),
                column.far_out_reach
            ),
            "far_out_share",
            far_out,
            column.far_out_rows.clone(),
        );
    }
}
