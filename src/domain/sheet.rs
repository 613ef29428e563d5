//! An answer as what it is – a stack of steps, a checklist, ranked causes, a plan, trials – with what can be done to each line.

use crate::domain::checklist;
use crate::domain::findings::{Findings, Part, Standing};
use crate::domain::run::CodeFile;
use crate::domain::stack;
use crate::domain::task::Task;
use crate::domain::verdict::Label;
use crate::safe;
use crate::text::{SafeText, figure};

/// What Enter does on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Nothing.
    None,
    /// Puts a unit into the list of its file, or takes it out.
    Toggle(String),
    /// Puts a named stack in force.
    Choose(String),
    /// Ticks an item, or takes the tick back. The second is whether a note has to be written.
    Tick(String, bool),
    /// Runs a script of the answer.
    Check(String),
    /// Shows a file of the answer.
    Show(String),
    /// Asks for a task with these words.
    Ask(Task, String),
}

/// How a line should be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A heading.
    Heading,
    /// As text.
    Plain,
    /// It holds, it helped.
    Good,
    /// Look twice, or not known.
    Caution,
    /// It does not hold, it harmed.
    Bad,
    /// Out of force.
    Dim,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// A sign before it: `✓`, `○`, `1`.
    pub sign: SafeText,
    /// What it is.
    pub label: SafeText,
    /// What was measured of it.
    pub value: SafeText,
    /// Lines below it, shown while it is selected.
    pub detail: Vec<SafeText>,
    /// What Enter does.
    pub act: Act,
    /// How it should be taken.
    pub tone: Tone,
}

/// An answer in lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// What it is: `cleaning stack`, `checklist`, …
    pub name: &'static str,
    /// Its lines.
    pub rows: Vec<Row>,
}

/// What a sheet is made of.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// What was asked.
    pub task: Task,
    /// Files as they stand.
    pub files: &'a [&'a CodeFile],
    /// The answer in words.
    pub text: &'a str,
    /// What its latest run found out.
    pub findings: Option<&'a Findings>,
    /// Items that a person has ticked, with what they noted.
    pub ticked: &'a [(String, String)],
}

fn row(sign: &str, label: &str, tone: Tone) -> Row {
    Row {
        sign: safe!("{sign}"),
        label: safe!("{label}"),
        value: SafeText::default(),
        detail: Vec::new(),
        act: Act::None,
        tone,
    }
}

fn heading(text: &str) -> Row {
    row("", text, Tone::Heading)
}

/// The sheet of an answer; nothing where it holds nothing that could be one.
pub fn sheet(about: About<'_>) -> Option<Sheet> {
    let (name, rows) = match about.task {
        Task::Clean => ("cleaning stack", units(about)),
        Task::Features => ("features", units(about)),
        Task::Production => ("checklist", items(about)),
        Task::Debug => ("causes", causes(about)),
        Task::Search => ("search", trials(about)),
        Task::Evaluate => ("report", report(about)),
        Task::Modernise => ("old and new", same(about)),
        Task::Pipeline => ("folder", folder(about)),
        Task::Label => ("labels", labels(about)),
        Task::Design => ("plan", outline(about)),
        Task::Explore => ("assessment", outline(about)),
        Task::Next | Task::Train | Task::Ask => ("answer", outline(about)),
    };
    (!rows.is_empty()).then_some(Sheet { name, rows })
}

fn tone_of(part: &Part) -> Tone {
    match part.label {
        Some(Label::Better) => Tone::Good,
        Some(Label::Worse) => Tone::Bad,
        _ => Tone::Plain,
    }
}

/// Beside each gain, since its colour alone says nothing; the words stand below it.
fn label_sign(label: Label) -> char {
    match label {
        Label::Better => '▲',
        Label::Worse => '▼',
        Label::NotDistinguishable => '≈',
        Label::NotChecked => '?',
    }
}

fn gain(part: &Part) -> SafeText {
    match (part.difference, part.interval, part.label) {
        (Some(mean), Some((low, high)), Some(label)) => safe!(
            "{} {} [{}, {}]",
            label_sign(label),
            figure::signed_score(mean),
            figure::signed_score(low),
            figure::signed_score(high)
        ),
        (Some(mean), _, _) => safe!("{}", figure::signed_score(mean)),
        _ => "not measured yet".into(),
    }
}

fn units(about: About<'_>) -> Vec<Row> {
    let Some(stack) = about.files.iter().find_map(|file| stack::read(file.code.expose())) else {
        return outline(about);
    };
    let parts = about.findings.map_or(&[][..], |findings| &findings.parts);
    let mut rows = Vec::new();
    for unit in &stack.units {
        let part = parts.iter().find(|part| part.name == unit.name);
        let mut new = row(if unit.is_on { "●" } else { "○" }, &unit.name, Tone::Dim);
        if unit.is_on {
            new.tone = part.map_or(Tone::Plain, tone_of);
            new.value = part.map_or_else(|| "not measured yet".into(), gain);
        } else {
            new.value = "left out".into();
        }
        new.detail.push(safe!("{}", unit.doc));
        new.detail.extend(unit.reason.iter().map(|reason| safe!("Reason: {reason}")));
        let risk = if stack.list == "FEATURES" { "Cost" } else { "Risk" };
        new.detail.extend(unit.risk.iter().map(|text| safe!("{risk}: {text}")));
        if let Some(part) = part {
            let mut facts: Vec<String> = part.label.iter().map(|label| label.words().to_owned()).collect();
            if let (Some(n_rows), Some(n_cells)) = (part.n_rows, part.n_cells) {
                facts.push(format!(
                    "touches {} and {}",
                    figure::plural(n_rows, "row"),
                    figure::plural(n_cells, "cell")
                ));
            }
            facts.extend(part.change.clone());
            facts.extend(part.us_per_row.map(|cost| format!("{} µs a row, measured", figure::short(cost))));
            facts.extend(part.note.clone());
            if !facts.is_empty() {
                new.detail.push(safe!("{}", facts.join(" · ")));
            }
        }
        new.act = Act::Toggle(unit.name.clone());
        rows.push(new);
    }
    if !stack.others.is_empty() {
        rows.push(heading("Stacks, each against no cleaning"));
        for (name, members) in &stack.others {
            let part = parts.iter().find(|part| part.kind == "stack" && part.name == *name);
            let in_force = stack.on() == members.iter().map(String::as_str).collect::<Vec<_>>();
            let mut new = row(if in_force { "●" } else { "○" }, name, part.map_or(Tone::Plain, tone_of));
            new.value = part.map_or_else(|| "not measured yet".into(), gain);
            new.detail.push(safe!("{}", members.join(", ")));
            new.act = Act::Choose(name.clone());
            rows.push(new);
        }
    }
    rows
}

fn of_standing(standing: Standing) -> Tone {
    match standing {
        Standing::Pass => Tone::Good,
        Standing::Fail => Tone::Bad,
        Standing::NotChecked => Tone::Caution,
        Standing::Open => Tone::Plain,
    }
}

fn items(about: About<'_>) -> Vec<Row> {
    let Some(file) = about.files.iter().find(|file| file.path == "checklist.md") else { return outline(about) };
    let checks = about.findings.map_or(&[][..], |findings| &findings.checks);
    let mut rows = Vec::new();
    let mut section = None;
    for item in checklist::items(file.code.expose()) {
        if section.as_ref() != Some(&item.section) {
            rows.push(heading(&item.section));
            section = Some(item.section.clone());
        }
        let (standing, detail) = checklist::standing(&item, checks, about.ticked);
        let mut new = row(&standing.sign().to_string(), &item.text, of_standing(standing));
        new.value = match (&item.computed, standing) {
            (Some(_), standing) => standing.words().into(),
            (None, Standing::Pass) => "ticked".into(),
            (None, _) => SafeText::default(),
        };
        if !detail.is_empty() {
            new.detail.push(safe!("{detail}"));
        }
        if item.computed.is_none() {
            new.act = Act::Tick(item.text.clone(), false);
        }
        rows.push(new);
    }
    rows
}

/// A section of Markdown: its heading and the text below it.
fn sections(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut fence: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim_start();
        if let Some(mark) = &fence {
            if trimmed.starts_with(mark.as_str()) {
                fence = None;
            }
            continue;
        }
        if trimmed.starts_with("```") {
            fence = Some(trimmed.chars().take_while(|c| *c == '`').collect());
        } else if let Some(title) = line.strip_prefix("## ").or_else(|| line.strip_prefix("### ")) {
            found.push((title.trim().to_owned(), String::new()));
        } else if let Some((_, body)) = found.last_mut() {
            body.push_str(line);
            body.push('\n');
        }
    }
    found
}

fn plain(text: &str) -> String {
    text.replace("**", "").replace('`', "")
}

/// `**Evidence**: words` of a cause, up to the next of its kind.
fn field(body: &str, name: &str) -> Option<String> {
    let lower = body.to_lowercase();
    let at = [format!("**{name}**:"), format!("**{name}:**"), format!("- {name}:"), format!("\n{name}:")]
        .iter()
        .find_map(|mark| lower.find(mark).map(|at| at + mark.len()))?;
    let rest = body.get(at..)?;
    let end = ["\n**", "\n- ", "\n\n"].iter().filter_map(|mark| rest.find(mark)).min().unwrap_or(rest.len());
    let text = rest[..end].split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

fn causes(about: About<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (title, body) in sections(about.text) {
        let lower = title.to_lowercase();
        let Some(rest) = lower.strip_prefix("cause").map(|_| title["cause".len()..].trim_start()) else { continue };
        let rank: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let name = rest[rank.len()..].trim_start_matches([':', '.', ')', ' ', '–', '-']);
        let mut new = row(if rank.is_empty() { "·" } else { &rank }, &plain(name), Tone::Plain);
        for part in ["evidence", "check", "fix", "expected"] {
            if let Some(text) = field(&body, part) {
                let label: String = part[..1].to_uppercase() + &part[1..];
                new.detail.push(safe!("{label}: {}", plain(&text)));
            }
        }
        let script = about.files.iter().find(|file| body.contains(&file.path) && file.path != "model.py");
        if let Some(script) = script {
            new.value = safe!("Enter runs {}", script.path);
            new.act = Act::Check(script.path.clone());
        }
        rows.push(new);
    }
    if rows.is_empty() {
        return outline(about);
    }
    if let Some(fix) = about.files.iter().find(|file| file.path == "model.py") {
        rows.push(heading("The fix"));
        let mut new = row("±", &fix.path, Tone::Plain);
        new.value = "Enter shows it, d what differs".into();
        new.act = Act::Show(fix.path.clone());
        rows.push(new);
    }
    rows
}

fn trials(about: About<'_>) -> Vec<Row> {
    let Some(findings) = about.findings.filter(|findings| !findings.trials.is_empty()) else {
        return outline(about);
    };
    let mut rows: Vec<Row> = findings.summary.iter().map(|line| row("", line, Tone::Plain)).collect();
    rows.push(heading("Best configuration"));
    rows.extend(findings.best.iter().map(|(name, value)| {
        let mut new = row("", name, Tone::Good);
        new.value = safe!("{}", value.as_f64().map_or_else(|| value.to_string(), figure::value));
        new
    }));
    rows.push(heading("Trials, by inner score"));
    let mut order: Vec<_> = findings.trials.iter().collect();
    let best_first = |value: Option<f64>| value.unwrap_or(f64::NAN);
    let rises = findings.rises();
    order.sort_by(|a, b| {
        let (a_done, b_done) = (a.state == "complete", b.state == "complete");
        let scores = best_first(a.value).total_cmp(&best_first(b.value));
        b_done.cmp(&a_done).then(if rises { scores.reverse() } else { scores })
    });
    rows.extend(order.into_iter().map(|trial| {
        let tone = if trial.state == "complete" { Tone::Plain } else { Tone::Dim };
        let params: Vec<String> = trial
            .params
            .iter()
            .map(|(name, value)| format!("{name} {}", value.as_f64().map_or_else(|| value.to_string(), figure::value)))
            .collect();
        let mut new = row(&trial.number.to_string(), &params.join(" · "), tone);
        new.value = match (trial.value, trial.state.as_str()) {
            (Some(value), "complete") => safe!("{}", figure::score(value)),
            (_, state) => safe!("{state}"),
        };
        new
    }));
    rows
}

fn report(about: About<'_>) -> Vec<Row> {
    let Some(findings) = about.findings.filter(|findings| !findings.summary.is_empty()) else {
        return outline(about);
    };
    let mut rows: Vec<Row> = findings.summary.iter().map(|line| row("·", line, Tone::Plain)).collect();
    for (kind, title) in
        [("importance", "What is lost when a column is shuffled"), ("learning", "Trained on a share of the rows")]
    {
        let parts: Vec<&Part> = findings.parts.iter().filter(|part| part.kind == kind).collect();
        if parts.is_empty() {
            continue;
        }
        rows.push(heading(title));
        rows.extend(parts.into_iter().map(|part| {
            let mut new = row("", &part.name, Tone::Plain);
            let scores: Option<Vec<f64>> = part.scores.iter().copied().collect();
            new.value = match (part.difference, scores) {
                (Some(lost), _) => safe!("{}", figure::signed_score(lost)),
                (None, Some(scores)) if !scores.is_empty() => {
                    safe!("{}", figure::score(crate::domain::run::mean_std(&scores).0))
                }
                _ => "not checked".into(),
            };
            new
        }));
    }
    rows.extend(checks(findings));
    rows
}

fn checks(findings: &Findings) -> Vec<Row> {
    let mut rows = Vec::new();
    if !findings.checks.is_empty() {
        rows.push(heading("Checks"));
    }
    rows.extend(findings.checks.iter().map(|check| {
        let mut new = row(&check.standing.sign().to_string(), &check.name, of_standing(check.standing));
        new.value = check.standing.words().into();
        new.detail.push(safe!("{}", check.detail));
        new
    }));
    rows
}

/// The name under which a difference between old and new is accepted.
pub fn difference(name: &str) -> String {
    format!("difference in {name}")
}

fn same(about: About<'_>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    if let Some(findings) = about.findings.filter(|findings| !findings.checks.is_empty()) {
        rows.extend(findings.summary.iter().map(|line| row("·", line, Tone::Plain)));
        rows.push(heading("Outputs of the old code and the new"));
        for check in &findings.checks {
            let mark = difference(&check.name);
            let written = about.ticked.iter().find(|(item, _)| *item == mark);
            let mut new = row(&check.standing.sign().to_string(), &check.name, of_standing(check.standing));
            new.value = check.standing.words().into();
            new.detail.push(safe!("{}", check.detail));
            if check.standing == Standing::Fail {
                new.act = Act::Tick(mark, true);
                match written {
                    Some((_, why)) => {
                        (new.tone, new.value) = (Tone::Caution, "differs, accepted in writing".into());
                        new.detail.push(safe!("Accepted: {why}"));
                    }
                    None => new.detail.push("Enter accepts the difference, in writing".into()),
                }
            }
            rows.push(new);
        }
    } else {
        rows.push(row("?", "Outputs have not been compared yet", Tone::Caution));
    }
    rows.push(heading("Files"));
    rows.extend(files(about));
    rows
}

fn files(about: About<'_>) -> impl Iterator<Item = Row> {
    about.files.iter().map(|file| {
        let mut new = row("", &file.path, Tone::Plain);
        new.value = safe!("{}", figure::plural(file.code.expose().lines().count() as u64, "line"));
        new.act = Act::Show(file.path.clone());
        new
    })
}

fn folder(about: About<'_>) -> Vec<Row> {
    let mut rows = about.findings.map(checks).unwrap_or_default();
    if rows.is_empty() && !about.files.is_empty() {
        rows.push(row("?", "Its tests have not run yet", Tone::Caution));
    }
    if !about.files.is_empty() {
        rows.push(heading("Files"));
    }
    rows.extend(files(about));
    rows
}

fn labels(about: About<'_>) -> Vec<Row> {
    let read = about
        .files
        .iter()
        .find(|file| file.path == "labels.toml")
        .and_then(|file| file.code.expose().parse::<toml::Table>().ok());
    let Some(schema) = read else { return outline(about) };
    let text = |table: &toml::Table, name: &str| {
        table.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
    };
    let mut rows = vec![row("", &format!("{} of {}", text(&schema, "kind"), text(&schema, "text")), Tone::Plain)];
    for label in schema.get("labels").and_then(|labels| labels.as_array()).into_iter().flatten() {
        let Some(label) = label.as_table() else { continue };
        let mut new = row("·", &text(label, "name"), Tone::Plain);
        new.detail.push(safe!("{}", text(label, "description")));
        rows.push(new);
    }
    rows.push(heading("Files"));
    rows.extend(files(about));
    rows
}

/// Sections of an answer in words; a line of a plan that names a task can be asked for.
fn outline(about: About<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (title, body) in sections(about.text) {
        rows.push(heading(&plain(&title)));
        let is_plan = ["experiment", "plan", "next"].iter().any(|word| title.to_lowercase().contains(word));
        let mut fenced = false;
        for line in body.lines() {
            let line = line.trim();
            if line.starts_with("```") {
                fenced = !fenced;
            }
            if fenced || line.is_empty() || line.starts_with("```") || line.starts_with('|') && line.contains("---") {
                continue;
            }
            let digits = line.chars().take_while(char::is_ascii_digit).count();
            let (sign, text) = match line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
                Some(rest) => ("·".to_owned(), rest),
                None if digits > 0 && line[digits..].starts_with(['.', ')']) => {
                    (line[..digits].to_owned(), line[digits + 1..].trim_start())
                }
                None => (String::new(), line),
            };
            let mut new = row(&sign, &plain(text), Tone::Plain);
            if is_plan && !sign.is_empty() {
                let task = task_of(text);
                new.value = safe!("Enter asks: {}", task.id());
                new.act = Act::Ask(task, plain(text));
            }
            rows.push(new);
        }
    }
    rows
}

/// The task that a line of a plan is about.
fn task_of(line: &str) -> Task {
    let lower = line.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["feature"]) {
        Task::Features
    } else if has(&["clean", "repair", "imput"]) {
        Task::Clean
    } else if has(&["search", "hyperparameter", "tun"]) {
        Task::Search
    } else if has(&["evaluat", "segment", "report", "calibrat"]) {
        Task::Evaluate
    } else if has(&["production", "deploy", "holdout"]) {
        Task::Production
    } else {
        Task::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::findings::Check;
    use crate::domain::run::FileKind;
    use crate::text::RawText;

    fn file(path: &str, code: &str) -> CodeFile {
        CodeFile { path: path.into(), kind: FileKind::Document, code: RawText::new(code) }
    }

    fn shown(task: Task, files: &[&CodeFile], text: &str, findings: Option<&Findings>) -> Vec<String> {
        let about = About { task, files, text, findings, ticked: &[("On call".into(), "Ada".into())] };
        let rows = sheet(about).map(|sheet| sheet.rows).unwrap_or_default();
        rows.iter().map(|row| format!("{}|{}|{}|{:?}", row.sign, row.label, row.value, row.act)).collect()
    }

    #[test]
    fn a_stack_has_its_steps_with_what_was_measured_and_its_alternatives() {
        let code = "def a(frame):\n    \"\"\"A. Risk: r.\"\"\"\n    return frame\n\n\ndef b(frame):\n    \"\"\"B.\"\"\"\n    return frame\n\n\nSTACKS = {\"wide\": [a, b]}\nSTEPS = [a]\n";
        let part = Part {
            name: "a".into(),
            kind: "step".into(),
            difference: Some(0.012),
            interval: Some((0.002, 0.022)),
            label: Some(crate::domain::verdict::Label::Better),
            ..Part::default()
        };
        let findings = Findings { parts: vec![part], ..Findings::default() };
        assert_eq!(
            shown(Task::Clean, &[&file("clean.py", code)], "", Some(&findings)),
            [
                "●|a|▲ +.012 [+.002, +.022]|Toggle(\"a\")",
                "○|b|left out|Toggle(\"b\")",
                "|Stacks, each against no cleaning||None",
                "○|wide|not measured yet|Choose(\"wide\")",
            ]
        );
    }

    #[test]
    fn a_checklist_has_items_that_are_computed_and_items_for_a_person() {
        let list =
            file("checklist.md", "## Use\n- [ ] Loads (computed: serialises)\n- [ ] On call\n- [ ] Owner agrees\n");
        let findings =
            Findings { checks: vec![Check::new("serialises", Standing::Pass, "3 MB")], ..Findings::default() };
        assert_eq!(
            shown(Task::Production, &[&list], "", Some(&findings)),
            [
                "|Use||None",
                "✓|Loads|pass|None",
                "✓|On call|ticked|Tick(\"On call\", false)",
                "○|Owner agrees||Tick(\"Owner agrees\", false)",
            ]
        );
    }

    #[test]
    fn causes_are_ranked_each_with_the_script_that_checks_it() {
        let text = "## Cause 1: the steps are **too large**\n\n**Evidence**: loss goes\nfrom 1 to 9\n\n**Check**: scale (`check_1.py`)\n\n## Hypothesis\n\nx\n";
        let (check, fix) = (file("check_1.py", "print(1)\n"), file("model.py", "def build(): ...\n"));
        let about = About { task: Task::Debug, files: &[&check, &fix], text, findings: None, ticked: &[] };
        let sheet = sheet(about).unwrap();
        assert_eq!(sheet.rows[0].label.as_str(), "the steps are too large");
        assert_eq!(sheet.rows[0].detail[0].as_str(), "Evidence: loss goes from 1 to 9");
        assert_eq!(sheet.rows[0].act, Act::Check("check_1.py".into()));
        assert_eq!(sheet.rows.last().unwrap().act, Act::Show("model.py".into()));
    }

    #[test]
    fn a_line_of_a_plan_can_be_asked_for() {
        let text = "## Experiments\n\n1. Baselines: what is there?\n2. Features, each measured\n\n## Risks\n\n- drift\n\n```\n## not a heading\n```\n";
        assert_eq!(
            shown(Task::Design, &[], text, None),
            [
                "|Experiments||None",
                "1|Baselines: what is there?|Enter asks: next|Ask(Next, \"Baselines: what is there?\")",
                "2|Features, each measured|Enter asks: features|Ask(Features, \"Features, each measured\")",
                "|Risks||None",
                "·|drift||None",
            ]
        );
    }
}
