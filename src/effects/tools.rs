//! The tools that a model may use, run: each gives blocks for the model and a few words for the screen.

pub mod guard;
pub mod picture;

use polars::prelude::{BooleanChunked, IntoLazy, NewChunkedArray};
use polars::sql::SQLContext;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::domain::digest;
use crate::domain::experiment::Experiment;
use crate::domain::framing::{Framing, Privacy};
use crate::domain::known::Known;
use crate::domain::mask;
use crate::domain::prompt;
use crate::domain::tools::Tool;
use crate::effects::executor::folds::Folds;
use crate::effects::session::Session;
use crate::effects::tools::guard::{Allowed, MIN_ROWS, N_ROWS, TABLE};
use crate::text::{RawText, figure};

/// What a tool gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// A JSON list of blocks.
    pub content: RawText,
    /// In a few words.
    pub summary: String,
    /// Whether it failed.
    pub is_error: bool,
}

impl Given {
    fn text(text: &str, summary: impl Into<String>) -> Self {
        let content = json!([{"type": "text", "text": text}]).to_string();
        Self { content: RawText::new(content), summary: summary.into(), is_error: false }
    }

    /// A failure, in a sentence for whoever called.
    pub fn error(why: &str) -> Self {
        Self { is_error: true, ..Self::text(why, why) }
    }
}

/// Most rows that a query gives back.
const MAX_ROWS: usize = 50;
/// Most characters of one cell.
const MAX_CELL: usize = 200;
/// Most characters of one result.
const MAX_RESULT: usize = 30_000;

/// What tools look at.
#[derive(Clone, Copy, Debug)]
pub struct Toolbox<'a> {
    /// The open data set.
    pub session: &'a Session,
    /// What is known of it.
    pub known: &'a Known,
    /// The question.
    pub framing: &'a Framing,
}

impl Toolbox<'_> {
    /// Runs a tool. Whatever goes wrong is told to the model, which can then do something else.
    pub fn call(&self, name: &str, input: &RawText) -> Given {
        let Some(tool) = Tool::from_name(name) else { return Given::error(&format!("there is no tool {name}")) };
        if !Tool::offered(self.framing.privacy, true).contains(&tool) {
            return Given::error("the privacy level of this project does not allow it");
        }
        let input: Value = match serde_json::from_str(input.expose()) {
            Ok(input) => input,
            Err(error) => return Given::error(&format!("the input is not JSON: {error}")),
        };
        let field = |name: &str| {
            input[name].as_str().map(str::trim).filter(|text| !text.is_empty()).ok_or(format!("{name} is missing"))
        };
        let given = match tool {
            Tool::ProfileColumn => field("column").and_then(|column| self.profile_column(column)),
            Tool::QueryData => field("sql").and_then(|sql| self.query_data(sql)),
            Tool::ReadExperiment => field("id").and_then(|id| self.read_experiment(id)),
            Tool::ReadFigure => field("id").and_then(|id| self.read_figure(id, field("name")?)),
            Tool::SearchHistory => field("query").and_then(|query| self.search_history(query)),
            Tool::ProposeFiles => Ok(Given::text("Shown to the person for review.", "shown for review")),
        };
        given.unwrap_or_else(|why| Given::error(&why))
    }

    fn profile_column(&self, name: &str) -> Result<Given, String> {
        let profile = &self.known.profile;
        let idx = profile.columns.iter().position(|column| column.name.expose() == name).ok_or_else(|| {
            let near = profile
                .columns
                .iter()
                .map(|column| column.name.expose())
                .max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
            format!("there is no column {name}; the nearest is {}", near.unwrap_or("none"))
        })?;
        let column = &profile.columns[idx];
        let mut fields = prompt::column_in_full(column, self.framing.privacy);
        if let Some(alone) = self.known.facts.alone.iter().find(|alone| alone.column == idx) {
            fields.insert(
                "alone_predicts_target".into(),
                json!({"metric": alone.metric.name(), "score": alone.score, "rows": alone.n_rows}),
            );
        }
        if column.name == self.framing.target {
            fields.insert("is_target".into(), json!(true));
        }
        let warnings: Vec<Value> = self
            .known
            .warnings
            .iter()
            .filter(|warning| warning.columns.contains(&idx))
            .map(|warning| json!({"warning": warning.id, "message": warning.message.as_str()}))
            .collect();
        if !warnings.is_empty() {
            fields.insert("warnings".into(), json!(warnings));
        }
        let summary = format!(
            "{}, {} distinct, {} missing",
            column.role.word(),
            figure::count(column.n_distinct),
            figure::share(column.null_share())
        );
        Ok(Given::text(&Value::Object(fields).to_string(), summary))
    }

    fn query_data(&self, sql: &str) -> Result<Given, String> {
        let allowed = guard::check(sql)?;
        let privacy = self.framing.privacy;
        let (sql, is_aggregates) = match &allowed {
            Allowed::Aggregates(sql) => (sql, true),
            Allowed::Rows(_) if privacy < Privacy::Masked => {
                return Err(format!(
                    "at the level “{}” only aggregates are answered: COUNT, SUM, AVG, STDDEV, MEDIAN, CORR and arithmetic on them, over all rows or by group",
                    privacy.label()
                ));
            }
            Allowed::Rows(sql) => (sql, false),
        };
        let frame = self.open_rows(sql).map_err(|error| format!("the data can't be read: {error:#}"))?;
        let mut context = SQLContext::new();
        context.register(TABLE, frame.lazy());
        let limit = if is_aggregates { 10_000 } else { MAX_ROWS + 1 };
        let answer = context
            .execute(sql)
            .and_then(|lazy| lazy.limit(u32::try_from(limit).unwrap_or(u32::MAX)).collect())
            .map_err(|error| {
                format!("the query failed: {}", error.to_string().chars().take(400).collect::<String>())
            })?;
        let columns: Vec<String> =
            answer.get_column_names().iter().map(ToString::to_string).filter(|name| name != N_ROWS).collect();
        let counts = answer.column(N_ROWS).ok().and_then(|column| column.cast(&polars::prelude::DataType::UInt64).ok());
        let mut rows: Vec<Vec<Value>> = Vec::new();
        let mut n_small = 0u64;
        let is_masked = !is_aggregates && privacy == Privacy::Masked;
        for row in 0..answer.height() {
            let n = counts.as_ref().and_then(|column| column.get(row).ok()?.try_extract::<u64>().ok());
            if is_aggregates && privacy < Privacy::Rows && n.is_none_or(|n| n < MIN_ROWS) {
                n_small += 1;
                continue;
            }
            if rows.len() > MAX_ROWS {
                break;
            }
            let cells = columns.iter().filter_map(|name| {
                let value = answer.column(name).ok()?.get(row).ok()?;
                let cell = cell(&value);
                Some(match cell {
                    Value::Null => Value::Null,
                    cell if is_masked => {
                        let text = cell.as_str().map_or_else(|| cell.to_string(), ToOwned::to_owned);
                        json!(mask::mask(&self.session.project.mask_key(), name, &text))
                    }
                    cell => cell,
                })
            });
            rows.push(cells.collect());
        }
        let truncated = rows.len() > MAX_ROWS;
        rows.truncate(MAX_ROWS);
        let mut result = json!({"columns": columns, "rows": rows, "n_rows": rows.len(), "truncated": truncated});
        if n_small > 0 {
            result["left_out"] = json!({"groups": n_small, "why": "fewer than five rows"});
        }
        if is_masked {
            result["masked"] = json!(true);
        }
        let text = result.to_string();
        if text.len() > MAX_RESULT {
            return Err("the result is too long; ask for fewer columns or rows".into());
        }
        let summary = figure::plural(rows.len() as u64, "row");
        Ok(Given::text(&text, if is_masked { format!("{summary}, masked") } else { summary }))
    }

    /// Every row that is not sealed, with the columns that a query may mean.
    fn open_rows(&self, sql: &str) -> anyhow::Result<polars::prelude::DataFrame> {
        let table = &self.session.table;
        let lower = sql.to_lowercase();
        let every = lower.replace("count(*)", "").contains('*');
        let mut wanted: Vec<usize> = (0..table.source.columns.len())
            .filter(|idx| every || lower.contains(&table.source.columns[*idx].name.expose().to_lowercase()))
            .collect();
        if wanted.is_empty() {
            wanted.push(0);
        }
        let frame = table.frame(&wanted, &CancellationToken::new()).map_err(|failure| anyhow::anyhow!("{failure}"))?;
        let frame = frame.to_polars()?;
        let mut is_open = vec![true; frame.height()];
        for row in Folds::of_table(table, self.framing)?.holdout_rows() {
            if let Some(open) = is_open.get_mut(row) {
                *open = false;
            }
        }
        Ok(frame.filter(&BooleanChunked::from_slice("open".into(), &is_open))?)
    }

    fn read_experiment(&self, id: &str) -> Result<Given, String> {
        let history = self.session.history().map_err(|failure| failure.to_string())?;
        let experiment = history.find(id).ok_or_else(|| {
            let last = history.experiments.last().map_or("none", |last| last.id.as_str());
            format!("there is no experiment {id}; the latest is {last}")
        })?;
        let mut text = digest::line(&history, experiment, self.framing.privacy);
        for fold in
            experiment.run().and_then(|run| run.outcome.as_ref()).map(|outcome| &outcome.folds).into_iter().flatten()
        {
            text.push_str(&format!("\n{}", json!({"fold": fold.fold, "metrics": fold.metrics})));
        }
        let figures = figures(experiment);
        if !figures.is_empty() {
            text.push_str(&format!("\n{}", json!({ "figures": figures })));
        }
        for file in &experiment.files {
            text.push_str(&format!("\n{}", json!({"path": file.path, "code": file.code.expose()})));
        }
        let summary =
            format!("{}, {}", figure::plural(experiment.files.len() as u64, "file"), experiment.decision_words());
        Ok(Given::text(&text.chars().take(MAX_RESULT).collect::<String>(), summary))
    }

    fn read_figure(&self, id: &str, name: &str) -> Result<Given, String> {
        let history = self.session.history().map_err(|failure| failure.to_string())?;
        let experiment = history.find(id).ok_or_else(|| format!("there is no experiment {id}"))?;
        let figures = figures(experiment);
        let figure = figures
            .iter()
            .find(|figure| *figure == name || figure.rsplit('/').next() == Some(name))
            .ok_or_else(|| {
                format!(
                    "{id} has no figure {name}; it has {}",
                    if figures.is_empty() { "none".into() } else { figures.join(", ") }
                )
            })?;
        let run = experiment.run().map(|run| run.spec.run_id.clone()).unwrap_or_default();
        let picture =
            picture::load_beneath(&self.session.run_folder(&run), figure).map_err(|error| format!("{error:#}"))?;
        let content = RawText::new(format!("[{}]", picture.block().expose()));
        Ok(Given { content, summary: picture.describe(), is_error: false })
    }

    fn search_history(&self, query: &str) -> Result<Given, String> {
        let history = self.session.history().map_err(|failure| failure.to_string())?;
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        let found: Vec<String> = history
            .experiments
            .iter()
            .rev()
            .filter(|experiment| experiment.data == self.session.project.data_name)
            .filter(|experiment| {
                let text = haystack(&digest::line(&history, experiment, self.framing.privacy), experiment);
                words.iter().all(|word| text.contains(word))
            })
            .map(|experiment| digest::line(&history, experiment, self.framing.privacy))
            .take(20)
            .collect();
        let summary = figure::plural(found.len() as u64, "experiment");
        let text = if found.is_empty() { "nothing found".to_owned() } else { found.join("\n") };
        Ok(Given::text(&text.chars().take(MAX_RESULT).collect::<String>(), summary))
    }
}

fn figures(experiment: &Experiment) -> Vec<String> {
    let artefacts = experiment.run().and_then(|run| run.outcome.as_ref()).map(|outcome| outcome.artefacts.as_slice());
    artefacts.unwrap_or_default().iter().filter(|name| picture::is_picture(name)).cloned().collect()
}

fn haystack(line: &str, experiment: &Experiment) -> String {
    let mut text = line.to_lowercase();
    for file in &experiment.files {
        text.push_str(&file.code.expose().to_lowercase());
    }
    text
}

/// A value of a result as JSON. What JSON has no form for is written as polars shows it.
fn cell(value: &polars::prelude::AnyValue<'_>) -> Value {
    use polars::prelude::AnyValue;
    match value {
        AnyValue::Null => Value::Null,
        AnyValue::Boolean(value) => json!(value),
        AnyValue::String(text) => json!(text.chars().take(MAX_CELL).collect::<String>()),
        AnyValue::StringOwned(text) => json!(text.chars().take(MAX_CELL).collect::<String>()),
        value if value.is_integer() => {
            value.try_extract::<i64>().map_or_else(|_| json!(value.to_string()), |number| json!(number))
        }
        value if value.is_float() => value.try_extract::<f64>().map_or(Value::Null, |number| json!(number)),
        other => json!(other.to_string().chars().take(MAX_CELL).collect::<String>()),
    }
}
