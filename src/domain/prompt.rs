//! A template, filled with what the privacy level allows, within a budget of tokens.

use minijinja::{Environment, UndefinedBehavior, context};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::domain::dataset::Page;
use crate::domain::failure::Failure;
use crate::domain::framing::{Framing, Privacy};
use crate::domain::mask;
use crate::domain::profile::{ColumnProfile, Profile, QUANTILES, Role, share};
use crate::domain::task::Task;
use crate::domain::warning::Warning;
use crate::safe;

/// The text that comes before every task.
pub const SYSTEM: &str = include_str!("../../prompts/system.md");

/// The template that comes with the program.
pub fn builtin(task: Task) -> &'static str {
    match task {
        Task::Explore => include_str!("../../prompts/explore.md"),
        Task::Design => include_str!("../../prompts/design.md"),
        Task::Clean => include_str!("../../prompts/clean.md"),
        Task::Label => include_str!("../../prompts/label.md"),
        Task::Features => include_str!("../../prompts/features.md"),
        Task::Train => include_str!("../../prompts/train.md"),
        Task::Evaluate => include_str!("../../prompts/evaluate.md"),
        Task::Pipeline => include_str!("../../prompts/pipeline.md"),
        Task::Search => include_str!("../../prompts/search.md"),
        Task::Debug => include_str!("../../prompts/debug.md"),
        Task::Next => include_str!("../../prompts/next.md"),
        Task::Production => include_str!("../../prompts/production.md"),
        Task::Modernise => include_str!("../../prompts/modernise.md"),
        Task::Ask => include_str!("../../prompts/ask.md"),
    }
}

/// What stands at the head of a template.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontMatter {
    /// Its name in the menu.
    pub title: String,
    /// Which of the inputs it uses.
    pub inputs: Vec<String>,
    /// How hard to think: `low`, `medium`, `high`, `xhigh` or `max`.
    pub effort: String,
    /// What the answer must contain.
    pub answer: Vec<String>,
}

/// Everything that a template may use.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// What is asked.
    pub task: Task,
    /// The question, where it is framed.
    pub framing: Option<&'a Framing>,
    /// The data.
    pub profile: &'a Profile,
    /// What is wrong with it.
    pub warnings: &'a [Warning],
    /// What has been tried, a line each.
    pub history: &'a [String],
    /// The user's own words.
    pub request: &'a str,
    /// Settings by name.
    pub settings: &'a [(String, String)],
    /// What else the task needs, as blocks of JSON lines: `code`, `report`, `parts`, `trials`, `curves`, `legacy`.
    pub extras: &'a [(&'static str, Vec<String>)],
    /// A few rows, for the levels that send some.
    pub sample: Option<&'a Page>,
    /// Masks cells at the level that masks.
    pub mask_key: &'a [u8; 32],
    /// Packages of the interpreter: `scikit-learn 1.9.1`.
    pub packages: &'a [String],
    /// Whether the model may hand files over with a tool.
    pub has_tools: bool,
    /// What may leave the machine.
    pub privacy: Privacy,
    /// Most tokens that the whole may take.
    pub budget: u64,
}

/// A request in words, ready to be put into the wire format. What changes least comes first, so that a server's cache
/// can keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What is asked.
    pub task: Task,
    /// Its name.
    pub title: String,
    /// Rules, the same for every task.
    pub rules: String,
    /// The question and the data, the same for every task on them.
    pub project: String,
    /// What has been tried, in pieces of which only the last one still grows.
    pub history: Vec<String>,
    /// The task itself.
    pub user: String,
    /// How hard to think.
    pub effort: String,
    /// About how many tokens it takes.
    pub n_tokens: u64,
}

impl Prompt {
    /// All of it, in the order in which it is sent.
    pub fn text(&self) -> String {
        let mut parts = vec![self.rules.as_str(), &self.project];
        parts.extend(self.history.iter().map(String::as_str));
        parts.push(&self.user);
        parts.join("\n")
    }

    /// What fills it: a name and about how many tokens.
    pub fn parts(&self) -> Vec<(&'static str, u64)> {
        vec![
            ("rules", guess_tokens(&self.rules)),
            ("question and data", guess_tokens(&self.project)),
            ("history", self.history.iter().map(|piece| guess_tokens(piece)).sum()),
            ("task", guess_tokens(&self.user)),
        ]
    }
}

/// A fair guess of the number of tokens of a text: three and a half bytes each.
pub fn guess_tokens(text: &str) -> u64 {
    (text.len() as u64 * 2).div_ceil(7)
}

/// What an answer to the built-in template of a task must contain: names of files, and words for what has to be said.
pub fn contract(task: Task) -> Vec<String> {
    split_template(task.id(), builtin(task)).map(|(head, _)| head.answer).unwrap_or_default()
}

/// Asks for the rest of an answer that was cut off at its limit, with the end of what came.
pub fn go_on(text: &str) -> String {
    let tail: String = {
        let chars: Vec<char> = text.chars().collect();
        chars[chars.len().saturating_sub(240)..].iter().collect()
    };
    if tail.trim().is_empty() {
        return "Your answer was cut off at its token limit before any of it was complete. Write it again, shorter."
            .to_owned();
    }
    format!(
        "Your answer was cut off at its token limit. It ends with the text between the lines below. Go on exactly behind its last character: repeat nothing of it, and if it ends inside a code fence, go on with the code without opening the fence anew.\n\n-----\n{tail}\n-----"
    )
}

/// Takes a template apart into its head and its body.
pub fn split_template(name: &str, template: &str) -> Result<(FrontMatter, String), Failure> {
    let broken = |why: String| {
        Failure::input(
            safe!("prompt {name}"),
            safe!("{why}"),
            safe!("mend the template, or remove it to use the one that comes with the program"),
        )
    };
    let rest = template.strip_prefix("+++\n").ok_or_else(|| broken("it does not begin with +++".into()))?;
    let (head, body) = rest.split_once("\n+++\n").ok_or_else(|| broken("its head has no closing +++".into()))?;
    let head: FrontMatter = toml::from_str(head).map_err(|error| broken(error.message().to_owned()))?;
    Ok((head, body.trim_start().to_owned()))
}

/// Fills a template. The description of the data is shortened step by step until the whole fits the budget.
pub fn render(template: &str, inputs: Inputs<'_>) -> Result<Prompt, Failure> {
    let (head, body) = split_template(inputs.task.id(), template)?;
    let mut smallest = None;
    for detail in [Detail::Full, Detail::Short, Detail::Names] {
        let prompt = fill(&head, &body, inputs, detail)?;
        if prompt.n_tokens <= inputs.budget {
            return Ok(prompt);
        }
        smallest = Some(prompt.n_tokens);
    }
    Err(Failure::input(
        safe!("the request"),
        safe!("it takes about {} tokens and the model takes {}", smallest.unwrap_or_default(), inputs.budget),
        safe!("use a model with a larger context, or open a file with fewer columns"),
    ))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    Full,
    Short,
    Names,
}

fn fill(head: &FrontMatter, body: &str, inputs: Inputs<'_>, detail: Detail) -> Result<Prompt, Failure> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_fuel(Some(100_000));
    if let Ok(syntax) = minijinja::syntax::SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    let nonce = nonce(inputs);
    let history = if detail == Detail::Names {
        &inputs.history[inputs.history.len().saturating_sub(5)..]
    } else {
        inputs.history
    };
    let uses = |name: &str| head.inputs.iter().any(|input| input == name);
    let history = if uses("history") { pieces(history, &nonce) } else { Vec::new() };
    let mut project = vec![labelled("profile", &nonce, &describe(inputs, detail))];
    project.extend(inputs.framing.map(|framing| labelled("framing", &nonce, &[framing_json(framing)])));
    project.extend(sample(inputs).map(|rows| labelled("sample", &nonce, &rows)));
    let above = |name: &str| format!("(the block {name}-{nonce} above)");
    let extra = |name: &str| {
        let lines = &inputs.extras.iter().find(|(other, _)| *other == name)?.1;
        (!lines.is_empty()).then(|| labelled(name, &nonce, &escape_lines(lines)))
    };
    let values = context! {
        task => inputs.task.id(),
        framing => inputs.framing.map(|_| above("framing")),
        profile => above("profile"),
        history => (!history.is_empty()).then(|| above("history")),
        sample => sample(inputs).map(|_| above("sample")),
        request => (!inputs.request.trim().is_empty()).then(|| labelled("request", &nonce, &[escape(&json!(inputs.request).to_string())])),
        settings => (!inputs.settings.is_empty()).then(|| {
            let lines: Vec<String> = inputs.settings.iter().map(|(key, value)| escape(&json!({key: value}).to_string())).collect();
            labelled("settings", &nonce, &lines)
        }),
        code => extra("code"),
        report => extra("report"),
        parts => extra("parts"),
        trials => extra("trials"),
        curves => extra("curves"),
        legacy => extra("legacy"),
        packages => inputs.packages.to_vec(),
        tools => inputs.has_tools,
        is_classification => inputs.framing.is_none_or(|framing| framing.problem.is_classification()),
    };
    let render = |name: &str, text: &str| {
        environment.render_named_str(name, text, &values).map_err(|error| {
            let line = error.line().map_or_else(String::new, |line| format!(" in line {line}"));
            Failure::input(safe!("prompt {name}"), safe!("{}{line}", error), safe!("mend the template, or remove it"))
        })
    };
    let (_, rules_body) = split_template("system", SYSTEM)?;
    let mut prompt = Prompt {
        task: inputs.task,
        title: head.title.clone(),
        rules: render("system", &rules_body)?,
        project: project.join("\n\n"),
        history,
        user: render(inputs.task.id(), body)?,
        effort: head.effort.clone(),
        n_tokens: 0,
    };
    prompt.n_tokens = prompt.parts().iter().map(|(_, tokens)| tokens).sum();
    Ok(prompt)
}

/// Experiments to a piece of the history.
const PIECE: usize = 10;

/// The history in pieces of which only the last one changes when an experiment is added; together they are one block.
fn pieces(lines: &[String], nonce: &str) -> Vec<String> {
    if lines.is_empty() {
        return Vec::new();
    }
    let n = lines.len().div_ceil(PIECE);
    lines
        .chunks(PIECE)
        .enumerate()
        .map(|(at, lines)| {
            let open = if at == 0 { format!("<history-{nonce}>\n") } else { String::new() };
            let close = if at + 1 == n { format!("\n</history-{nonce}>") } else { String::new() };
            format!("{open}{}{close}", escape_lines(lines).join("\n"))
        })
        .collect()
}

/// A word that nothing in the data can know, so that nothing in it can close a block. It depends on the content alone,
/// so that the same request has the same bytes.
fn nonce(inputs: Inputs<'_>) -> String {
    let mut hasher = blake3::Hasher::new_keyed(inputs.mask_key);
    hasher.update(inputs.profile.data_hash.as_bytes());
    hasher.finalize().to_hex()[..8].to_owned()
}

fn labelled(name: &str, nonce: &str, lines: &[String]) -> String {
    format!("<{name}-{nonce}>\n{}\n</{name}-{nonce}>", lines.join("\n"))
}

/// JSON without a single angle bracket, so that no cell can look like one of our labels.
fn escape(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e")
}

fn escape_lines(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| escape(line)).collect()
}

fn framing_json(framing: &Framing) -> String {
    let fields = json!({
        "target": framing.target, "problem": framing.problem,
        // The name of a class is a value of the data.
        "positive": framing.positive.as_ref().filter(|_| framing.privacy > Privacy::Schema),
        "metric": framing.metric.name(), "direction": framing.metric.direction().word(),
        "split": framing.split, "group": framing.group, "time": framing.time, "folds": framing.folds,
        "holdout": framing.holdout, "seed": framing.seed, "left_out": framing.exclude,
    });
    escape(&fields.to_string())
}

/// A line on the table, one on each column, one on each warning: what the privacy level allows.
fn describe(inputs: Inputs<'_>, detail: Detail) -> Vec<String> {
    let profile = inputs.profile;
    let mut lines = vec![escape(
        &json!({"rows": profile.n_rows, "columns": profile.columns.len(), "duplicate_rows": profile.n_duplicate_rows, "privacy": inputs.privacy}).to_string(),
    )];
    lines.extend(
        profile
            .columns
            .iter()
            .map(|column| escape(&Json::Object(column_json(column, inputs.privacy, detail)).to_string())),
    );
    if detail != Detail::Names {
        lines.extend(inputs.warnings.iter().map(|warning| {
            let columns: Vec<&str> = warning
                .columns
                .iter()
                .filter_map(|idx| profile.columns.get(*idx))
                .map(|column| column.name.expose())
                .collect();
            let mut line = json!({"warning": warning.id, "severity": warning.severity.word(), "in": columns});
            // Its sentence may quote cells.
            if inputs.privacy >= Privacy::Statistics {
                line["message"] = json!(warning.message.as_str());
            }
            escape(&line.to_string())
        }));
    }
    lines
}

/// Values of fewer rows than this are never named: they could point at a person.
const MIN_ROWS_OF_A_VALUE: u64 = 5;

/// What a privacy level allows to be said of a column, with every detail.
pub fn column_in_full(column: &ColumnProfile, privacy: Privacy) -> Map<String, Json> {
    let mut fields = column_json(column, privacy, Detail::Full);
    if privacy > Privacy::Schema {
        fields.insert("rows".into(), json!(column.n_rows));
        fields.insert("n_null".into(), json!(column.n_null));
        fields.insert("distinct_exact".into(), json!(column.distinct_exact));
        if let Some(histogram) = &column.histogram {
            fields.insert("histogram".into(), json!({"edges": histogram.edges, "counts": histogram.counts}));
        }
    }
    fields
}

fn column_json(column: &ColumnProfile, privacy: Privacy, detail: Detail) -> Map<String, Json> {
    let mut fields = Map::new();
    fields.insert("name".into(), json!(column.name.expose().chars().take(200).collect::<String>()));
    fields.insert("type".into(), json!(column.kind.dtype()));
    fields.insert("role".into(), json!(column.role.word()));
    if privacy == Privacy::Schema || detail == Detail::Names {
        return fields;
    }
    let round = |value: f64| {
        if value == 0.0 {
            0.0
        } else {
            let digits = 10f64.powf(4.0 - value.abs().log10().floor());
            (value * digits).round() / digits
        }
    };
    fields.insert("null".into(), json!(round(column.null_share())));
    fields.insert("distinct".into(), json!(column.n_distinct));
    if let Some(numbers) = &column.numbers {
        fields.insert("mean".into(), json!(round(numbers.mean)));
        fields.insert("std".into(), json!(numbers.std.map(round)));
        if detail == Detail::Full {
            for (q, value) in QUANTILES.iter().zip(numbers.quantiles) {
                fields.insert(format!("q{:02.0}", q * 100.0), json!(round(value)));
            }
        }
        fields.insert("min".into(), json!(column.min));
        fields.insert("max".into(), json!(column.max));
        if column.n_far_out > 0 {
            fields.insert("far_out".into(), json!(column.n_far_out));
        }
    }
    if column.role == Role::Datetime {
        fields.insert("min".into(), json!(column.min));
        fields.insert("max".into(), json!(column.max));
    }
    if let Some(chars) = column.mean_chars {
        fields.insert("mean_chars".into(), json!(round(chars)));
    }
    if column.n_numeric_text > 0 {
        fields.insert("numeric_text".into(), json!(round(share(column.n_numeric_text, column.n_values()))));
    }
    if detail == Detail::Full && matches!(column.role, Role::Categorical | Role::Boolean) {
        let top: Map<String, Json> = column
            .top
            .iter()
            .filter(|(_, count)| *count >= MIN_ROWS_OF_A_VALUE)
            .map(|(value, count)| (value.expose().chars().take(60).collect::<String>(), json!(count)))
            .collect();
        fields.insert("top".into(), Json::Object(top));
    }
    fields
}

/// A few rows as JSON lists, masked or raw; nothing at the levels below.
fn sample(inputs: Inputs<'_>) -> Option<Vec<String>> {
    let page = inputs.sample.filter(|_| inputs.privacy >= Privacy::Masked)?;
    let names: Vec<&str> = inputs.profile.columns.iter().map(|column| column.name.expose()).collect();
    let mut lines = vec![escape(&json!({ "columns": names, "masked": inputs.privacy == Privacy::Masked }).to_string())];
    lines.extend(page.rows.iter().take(20).map(|row| {
        let cells: Vec<Json> = row
            .iter()
            .zip(&names)
            .map(|(cell, name)| match cell {
                None => Json::Null,
                Some(cell) => {
                    let cut: String = cell.as_str().chars().take(200).collect();
                    json!(if inputs.privacy == Privacy::Masked { mask::mask(inputs.mask_key, name, &cut) } else { cut })
                }
            })
            .collect();
        escape(&json!(cells).to_string())
    }));
    Some(lines)
}
