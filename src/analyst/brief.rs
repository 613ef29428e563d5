//! What a request says, read back out of its labelled blocks.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::task::Task;

/// A column as the request describes it. What the privacy level held back is not there.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// `Int64`, `Float64`, `Boolean`, `Date`, `Datetime`, `String`, `Other`.
    pub r#type: String,
    /// `numeric`, `categorical`, `boolean`, `datetime`, `text`, `identifier`, `constant`.
    pub role: String,
    /// Share of rows without a value.
    pub null: Option<f64>,
    /// Different values.
    pub distinct: Option<u64>,
    /// Mean.
    pub mean: Option<f64>,
    /// Standard deviation.
    pub std: Option<f64>,
    /// 5 % quantile.
    pub q05: Option<f64>,
    /// First quartile.
    pub q25: Option<f64>,
    /// Median.
    pub q50: Option<f64>,
    /// Third quartile.
    pub q75: Option<f64>,
    /// 95 % quantile.
    pub q95: Option<f64>,
    /// Smallest value.
    pub min: Value,
    /// Largest value.
    pub max: Value,
    /// Values far outside the quartiles.
    pub far_out: u64,
    /// Mean length of a text.
    pub mean_chars: Option<f64>,
    /// Share of a text column's values that are numbers.
    pub numeric_text: Option<f64>,
    /// Most frequent values with their rows.
    pub top: BTreeMap<String, u64>,
}

/// A warning as the request states it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Warned {
    /// Which check.
    pub warning: String,
    /// `high`, `medium`, `low`.
    pub severity: String,
    /// Columns concerned.
    pub r#in: Vec<String>,
    /// Its sentence.
    pub message: Option<String>,
}

/// The framing as the request states it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Framed {
    /// Column to predict.
    pub target: String,
    /// `binary`, `multiclass`, `regression`.
    pub problem: String,
    /// The class that counts as positive.
    pub positive: Option<String>,
    /// What is measured.
    pub metric: String,
    /// `maximize` or `minimize`.
    pub direction: String,
    /// How rows are dealt.
    pub split: String,
    /// The column whose equal values stay on one side of the split.
    pub group: Option<String>,
    /// Columns that the solution is not given.
    pub left_out: Vec<String>,
}

/// An experiment as the digest tells it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Tried {
    /// Its name.
    pub id: String,
    /// What was believed.
    pub hypothesis: String,
    /// `rejected`, `pending`, …; nothing where it was accepted.
    pub decision: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Mean score.
    pub mean: Option<f64>,
    /// What the comparison said.
    pub verdict: Option<String>,
    /// How the run ended, where it did not finish.
    pub run: Option<String>,
    /// Why.
    pub why: Option<String>,
}

/// A request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Brief {
    /// What is asked.
    pub task: Option<Task>,
    /// Rows of the table.
    pub n_rows: u64,
    /// Rows that repeat another.
    pub n_duplicates: u64,
    /// The columns.
    pub columns: Vec<Column>,
    /// The warnings.
    pub warnings: Vec<Warned>,
    /// The framing.
    pub framing: Option<Framed>,
    /// What has been tried.
    pub history: Vec<Tried>,
    /// Settings by name.
    pub settings: BTreeMap<String, String>,
    /// The person's words.
    pub request: Option<String>,
    /// Code that the request shows: experiment, file, code.
    pub code: Vec<(String, String, String)>,
    /// Lines of a report: what it is about, what it says.
    pub report: Vec<Value>,
    /// Parts with their measured gain.
    pub parts: Vec<Value>,
    /// What an earlier search tried.
    pub trials: Vec<Value>,
    /// Facts of training curves.
    pub curves: Vec<Value>,
    /// Old code.
    pub legacy: Option<String>,
}

impl Brief {
    /// Reads the labelled blocks of a request. What is not there stays empty.
    pub fn read(request: &str) -> Self {
        let mut brief = Self {
            task: between(request, "<task>", "</task>").and_then(|id| Task::from_id(id.trim())),
            ..Self::default()
        };
        for line in block(request, "profile") {
            let Ok(value) = serde_json::from_str::<Value>(line) else { continue };
            if value.get("name").is_some() {
                brief.columns.extend(serde_json::from_value::<Column>(value));
            } else if value.get("warning").is_some() {
                brief.warnings.extend(serde_json::from_value::<Warned>(value));
            } else {
                brief.n_rows = value["rows"].as_u64().unwrap_or_default();
                brief.n_duplicates = value["duplicate_rows"].as_u64().unwrap_or_default();
            }
        }
        brief.framing = block(request, "framing").first().and_then(|line| serde_json::from_str(line).ok());
        brief.history = block(request, "history")
            .into_iter()
            .filter_map(|line| serde_json::from_str(line).ok())
            .filter(|tried: &Tried| !tried.id.is_empty())
            .collect();
        for line in block(request, "settings") {
            if let Ok(Value::Object(fields)) = serde_json::from_str(line) {
                brief.settings.extend(
                    fields
                        .into_iter()
                        .map(|(key, value)| (key, value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned))),
                );
            }
        }
        let values = |name: &str| -> Vec<Value> {
            block(request, name).into_iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
        };
        let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let codes = values("code");
        brief.code = codes.iter().map(|one| (text(one, "experiment"), text(one, "file"), text(one, "code"))).collect();
        brief.report = values("report");
        brief.parts = values("parts");
        brief.trials = values("trials");
        brief.curves = values("curves");
        brief.legacy = values("legacy").first().map(|one| text(one, "code"));
        brief.request = block(request, "request").first().and_then(|line| serde_json::from_str(line).ok());
        brief
    }

    /// The target's name; empty where the question is not framed.
    pub fn target(&self) -> &str {
        self.framing.as_ref().map_or("", |framing| framing.target.as_str())
    }

    /// Whether classes are predicted.
    pub fn is_classification(&self) -> bool {
        self.framing.as_ref().is_none_or(|framing| framing.problem != "regression")
    }

    /// Columns that a solution is given, the target not among them.
    pub fn features(&self) -> impl Iterator<Item = &Column> {
        let left_out = self.framing.as_ref().map(|framing| framing.left_out.as_slice()).unwrap_or_default();
        self.columns.iter().filter(move |column| column.name != self.target() && !left_out.contains(&column.name))
    }

    /// What was told under that name.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// The warning of that kind on that column.
    pub fn warning(&self, id: &str, column: &str) -> Option<&Warned> {
        self.warnings
            .iter()
            .find(|warned| warned.warning == id && warned.r#in.first().is_some_and(|name| name == column))
    }
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let start = text.find(open)? + open.len();
    Some(&text[start..start + text[start..].find(close)?])
}

/// Lines of the block `<name-…>`; its closing label must carry the same ending.
fn block<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let open = format!("<{name}-");
    let Some(start) = text.find(&open) else { return Vec::new() };
    let Some(end) = text[start..].find('>') else { return Vec::new() };
    let label = &text[start + 1..start + end];
    let body = &text[start + end + 1..];
    let Some(stop) = body.find(&format!("</{label}>")) else { return Vec::new() };
    body[..stop].lines().filter(|line| !line.trim().is_empty()).collect()
}
