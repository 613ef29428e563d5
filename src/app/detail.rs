//! An experiment as a document: from any number the way to what computed it.

use crate::domain::experiment::{Experiment, History};
use crate::domain::metric::Metric;
use crate::domain::openings;
use crate::domain::run::{Outcome, Role, Status};
use crate::domain::verdict::Label;
use crate::text::figure;

/// Writes the page of an experiment as Markdown. What comes from outside is sanitized by whoever draws it.
pub fn page(history: &History, experiment: &Experiment) -> String {
    let mut page = format!("# {} · {}\n\n", experiment.id, experiment.task);
    page.push_str(&format!("{}\n\n", experiment.title()));
    if let Some(why) = history.why_apart(experiment) {
        page.push_str(&format!("**Its score can't be compared with the latest ones: {}.**\n\n", why.words()));
    }
    facts(experiment, &mut page);
    openings(history, experiment, &mut page);
    // What was made to be judged goes before what repeats it.
    let (own, others): (Vec<_>, Vec<_>) =
        experiment.runs.iter().rev().partition(|run| run.spec.role == crate::domain::run::Role::Own);
    for run in own.into_iter().chain(others) {
        run_section(history, run, &mut page);
    }
    for file in &experiment.files {
        page.push_str(&format!(
            "## {} · {}\n\n```python\n{}```\n\n",
            file.path,
            short(&file.hash()),
            ended(file.code.expose())
        ));
    }
    if !experiment.text.is_empty() {
        page.push_str(&format!("## The answer\n\n{}\n\n", experiment.text.expose()));
    }
    if !experiment.thinking.is_empty() {
        page.push_str(&format!("## The thinking\n\n{}\n", experiment.thinking.expose()));
    }
    page
}

/// Every look at sealed rows of this data file: those for this experiment in full, those for others by name.
fn openings(history: &History, experiment: &Experiment, page: &mut String) {
    let (own, others): (Vec<_>, Vec<_>) =
        history.openings_of(&experiment.data).partition(|opening| opening.experiment == experiment.id);
    if own.is_empty() {
        return;
    }
    page.push_str("## The sealed rows were opened\n\n");
    for opening in own {
        page.push_str(&format!("- {}\n", opening.line(history)));
    }
    if !others.is_empty() {
        let names: Vec<&str> = others.iter().map(|opening| opening.experiment.as_str()).collect();
        page.push_str(&format!("- beside that for other experiments: {}\n", names.join(", ")));
    }
    page.push('\n');
}

fn facts(experiment: &Experiment, page: &mut String) {
    let mut fact = |name: &str, value: String| page.push_str(&format!("- {name}: {value}\n"));
    fact("begun", figure::moment(&experiment.created_at));
    if let Some(at) = &experiment.taken_back_at {
        fact("accepted, and taken back", figure::moment(at));
    }
    if let Some(parent) = &experiment.parent {
        fact("builds on", parent.clone());
    }
    if let Some(model) = &experiment.model {
        fact("asked", model.clone());
    }
    if let Some(effect) = &experiment.expected_effect {
        fact("expected", effect.expose().to_owned());
    }
    fact(
        "decision",
        experiment.decision.word().to_owned()
            + &experiment.reason.as_ref().map_or_else(String::new, |reason| format!(", because: {}", reason.expose())),
    );
    if let Some(usage) = &experiment.usage {
        let n = |tokens: Option<u64>| tokens.map_or_else(|| "unknown".to_owned(), figure::count);
        fact(
            "tokens",
            format!(
                "{} in, {} out, {} from the cache, {} into it",
                n(usage.input_tokens),
                n(usage.output_tokens),
                n(usage.cache_read_input_tokens),
                n(usage.cache_creation_input_tokens)
            ),
        );
    }
    for (name, value) in &experiment.settings {
        let first = value.lines().next().unwrap_or_default();
        fact(&format!("told, {name}"), first.to_owned());
    }
    for (item, note) in &experiment.ticked {
        let note = if note.is_empty() { String::new() } else { format!(": {note}") };
        fact("ticked", format!("{item}{note}"));
    }
    fact("cost", figure::dollars(experiment.cost_usd));
    if let Some(note) = experiment.stop.as_ref().and_then(crate::domain::turn::StopReason::note) {
        fact("the answer", note.to_owned());
    }
    page.push('\n');
}

fn run_section(history: &History, run: &crate::domain::experiment::Run, page: &mut String) {
    let spec = &run.spec;
    let role = match &spec.role {
        Role::Own => String::new(),
        Role::Replays(run_id) => format!(", {run_id} again"),
        other => format!(", {}", other.words()),
    };
    page.push_str(&format!("## Run {}{role}\n\n", spec.run_id));
    for said in &spec.before {
        page.push_str(&format!("- before it: {said}\n"));
    }
    if !spec.before.is_empty() {
        page.push('\n');
    }
    let Some(outcome) = &run.outcome else {
        page.push_str("It goes on.\n\n");
        return;
    };
    let metric = spec.framing.metric;
    if outcome.status != Status::Finished {
        let line = outcome.line.map_or_else(String::new, |line| format!(", line {line}"));
        page.push_str(&format!(
            "**{}**: {}{line}\n\n",
            outcome.status.word(),
            outcome.reason.clone().unwrap_or_default()
        ));
    }
    score(history, run, outcome, page);
    if let Some(verdict) = &run.verdict {
        let words = match (verdict.label, verdict.shown(), verdict.mean_difference) {
            (Label::NotChecked, _, _) => format!("**not checked**: {}", verdict.method),
            (label, Some((low, high)), Some(mean)) => format!(
                "**{}** than {}: difference {} with {:.0} % interval [{}, {}], {}; {} on these folds so far",
                label.words(),
                verdict.against.as_deref().map_or_else(String::new, |run_id| history.name_of_run(run_id)),
                figure::signed_score(mean),
                verdict.confidence * 100.0,
                figure::signed_score(low),
                figure::signed_score(high),
                verdict.method,
                figure::plural(verdict.n_comparisons, "comparison")
            ),
            (label, _, _) => label.words().to_owned(),
        };
        page.push_str(&format!(
            "{}\n\n",
            words.replacen("not distinguishable** than", "not distinguishable** from", 1)
        ));
        if let Some(caveat) = verdict.caveat() {
            page.push_str(&format!("{caveat}\n\n"));
        }
    }
    if let Some(confirmation) = &run.confirmation {
        let said =
            if confirmation.passed { "**confirmed**" } else { "**not confirmed**, so the best stays what it was" };
        let checks: Vec<String> = confirmation.checks.iter().map(crate::domain::findings::Check::line).collect();
        page.push_str(&format!("Looked at again: {said}\n\n```text\n{}\n```\n\n", checks.join("\n")));
    }
    fold_table(outcome, metric, page);
    for (name, value) in &outcome.reported_by_script {
        page.push_str(&format!("- reported by the script: {name} = {}\n", figure::reported(*value)));
    }
    if let Some(subject) = &spec.subject {
        page.push_str(&format!("- about {}, run {}\n", subject.experiment, subject.run_id));
    }
    let memory = outcome.peak_memory_bytes.map_or_else(|| "unknown".to_owned(), figure::bytes);
    page.push_str(&format!(
        "- sandbox {}, {} · Python {} · seed {} · {:.1} s · at most {memory}\n",
        spec.level.word(),
        spec.reach(),
        spec.python.version,
        spec.seed(),
        outcome.duration_s
    ));
    surroundings(run, outcome, page);
    page.push_str(&format!(
        "- data {} · code {} · evaluator {}\n",
        short(&spec.data_hash),
        short(&spec.code_hash),
        short(&spec.evaluator_hash)
    ));
    if let Some(own) = &spec.own_metric {
        page.push_str(&format!("- metric {} as approved, {}\n", own.path, short(&own.hash)));
    }
    page.push_str(&format!("- folder .rationale/runs/{}\n", spec.run_id));
    if !outcome.artefacts.is_empty() {
        page.push_str(&format!("- left: {}\n", outcome.artefacts.join(", ")));
    }
    page.push('\n');
    let found = outcome.findings.lines();
    if !found.is_empty() {
        page.push_str(&format!("### What it found out\n\n```text\n{}\n```\n\n", found.join("\n")));
    }
}

/// The score, called what it is.
fn score(history: &History, run: &crate::domain::experiment::Run, outcome: &Outcome, page: &mut String) {
    let spec = &run.spec;
    if spec.role == Role::OpensHoldout {
        let opening = history.openings.iter().find(|one| one.look.as_ref() == Some(&spec.run_id));
        let (n_before, was_seen) = opening.map_or((0, false), |one| (one.n_before, one.was_seen));
        page.push_str(&format!("**{}**\n\n", openings::in_words(spec, outcome, n_before, was_seen)));
        if let Some(interval) = &outcome.findings.test_interval {
            page.push_str(&format!("- the interval: {}\n", interval.method));
        }
    } else if let Some((mean, std)) = run.score() {
        let spread = std.map_or_else(String::new, |std| format!(" ± {}", figure::score(std)));
        page.push_str(&format!(
            "**{} {}{spread}** over {}\n\n",
            spec.framing.metric.name(),
            figure::score(mean),
            figure::plural(outcome.folds.len() as u64, "fold")
        ));
    }
}

/// Seeds that were set, and the environment with its versions.
fn surroundings(run: &crate::domain::experiment::Run, outcome: &Outcome, page: &mut String) {
    let spec = &run.spec;
    if !outcome.seeds.is_empty() {
        let all: Vec<String> = outcome.seeds.iter().map(|(name, seed)| format!("{name} {seed}")).collect();
        page.push_str(&format!("- seeds set: {}\n", all.join(", ")));
    }
    if let Some(environment) = &spec.environment {
        let texts = if environment.lock_hash.is_some() { "environment.py and its lock" } else { "freeze.txt" };
        page.push_str(&format!(
            "- environment {} · {} · versions in {texts} ({})\n",
            environment.kind.word(),
            spec.python.program,
            short(environment.lock_hash.as_ref().unwrap_or(&environment.freeze_hash))
        ));
    }
}

fn fold_table(outcome: &Outcome, metric: Metric, page: &mut String) {
    if outcome.folds.is_empty() {
        return;
    }
    page.push_str("| fold | train | valid |");
    // What decides comes first; more than a handful would not fit beside each other.
    let mut names: Vec<&String> = outcome.folds[0].metrics.keys().collect();
    names.sort_by_key(|name| name.as_str() != metric.name());
    names.truncate(6);
    for name in &names {
        page.push_str(&format!(" {name} |"));
    }
    page.push('\n');
    for fold in &outcome.folds {
        page.push_str(&format!("| {:>4} | {:>5} | {:>5} |", fold.fold + 1, fold.n_train, fold.n_valid));
        for name in &names {
            let value = fold.metrics.get(*name).copied().flatten().map_or_else(|| "–".to_owned(), figure::score);
            page.push_str(&format!(" {value:>width$} |", width = name.len()));
        }
        page.push('\n');
    }
    // Who reads a traceback or JSON finds the same fold there.
    page.push_str("\nFolds are counted from 1; fold 1 is `fold-0` in the run's folder and 0 in JSON.\n\n");
}

fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

fn ended(code: &str) -> String {
    if code.ends_with('\n') { code.to_owned() } else { format!("{code}\n") }
}
