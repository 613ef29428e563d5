//! The project's document: data, steps, features, models, results, decisions, open questions – each with its experiment.
//!
//! Everything in it is folded from the history; nothing is written by a model.

use crate::domain::experiment::{Decision, Experiment, History, Run};
use crate::domain::findings::{Part, Standing};
use crate::domain::flow;
use crate::domain::framing::Framing;
use crate::domain::known::Known;
use crate::domain::run::{FileKind, Role, Status};
use crate::domain::stack;
use crate::domain::verdict::Label;
use crate::domain::warning::Severity;
use crate::text::figure;

/// What the document is made of.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// What has been tried.
    pub history: &'a History,
    /// Name of the data file.
    pub data: &'a str,
    /// The question, where it is fixed.
    pub framing: Option<&'a Framing>,
    /// What is known of the data, where it was profiled in this session.
    pub known: Option<&'a Known>,
}

/// One line without anything that Markdown would take for its own.
fn line(text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = flat.chars().take(400).collect();
    cut.replace('|', "\\|").replace('<', "\\<").replace('[', "\\[")
}

fn link(id: &str) -> String {
    format!("[{id}](#{id})")
}

/// Writes it as Markdown.
pub fn markdown(about: About<'_>) -> String {
    let mine: Vec<&Experiment> = about.history.experiments.iter().filter(|one| one.data == about.data).collect();
    let mut text = format!(
        "# {}\n\nWritten by rationale from the history; every statement names the experiment that it comes from. Change nothing here by hand: it is written anew with every step.\n\n",
        line(about.data)
    );
    data(about, &mut text);
    stages(about, &mut text);
    units(&mine, FileKind::Clean, "Data steps", &mut text);
    units(&mine, FileKind::Features, "Features", &mut text);
    models(&mine, &mut text);
    reports(&mine, &mut text);
    decisions(&mine, &mut text);
    questions(about, &mine, &mut text);
    text.push_str("## Experiments\n\n");
    for one in &mine {
        experiment(about.history, one, &mut text);
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn data(about: About<'_>, text: &mut String) {
    text.push_str("## Data and question\n\n");
    let framed = about.history.framings.iter().rev().find(|(name, ..)| name == about.data);
    if let Some((_, hash, framing, n_holdout)) = framed {
        let framing = about.framing.unwrap_or(framing);
        text.push_str(&format!("- File `{}`, BLAKE3 `{hash}`.\n", line(about.data)));
        text.push_str(&format!(
            "- Target `{}`: {}, measured by {} ({}).\n",
            line(framing.target.expose()),
            framing.problem.word(),
            framing.metric.name(),
            framing.metric.direction().word()
        ));
        text.push_str(&format!(
            "- {} folds, seed {}; {} sealed as holdout.\n",
            framing.folds,
            framing.seed,
            figure::plural(*n_holdout, "row")
        ));
        if !framing.exclude.is_empty() {
            let names: Vec<String> = framing.exclude.iter().map(|name| format!("`{}`", line(name.expose()))).collect();
            text.push_str(&format!("- Left out: {}.\n", names.join(", ")));
        }
    } else {
        text.push_str("- The question is not fixed yet.\n");
    }
    if let Some(known) = about.known {
        text.push_str(&format!(
            "- {} of {}, {} of them repeated.\n",
            figure::plural(known.profile.n_rows, "row"),
            figure::plural(known.profile.columns.len() as u64, "column"),
            figure::count(known.profile.n_duplicate_rows)
        ));
        for warning in &known.warnings {
            text.push_str(&format!("- Warning ({}): {}\n", warning.severity.word(), line(warning.message.as_str())));
        }
    }
    text.push('\n');
}

fn stages(about: About<'_>, text: &mut String) {
    text.push_str("## Where it stands\n\n");
    let frame = about.framing.map(Framing::fingerprint);
    let stages = flow::stages(about.history, about.data, frame.as_deref());
    let current = flow::current(&stages);
    for (at, stage) in stages.iter().enumerate() {
        let sign = stage.sign(current == Some(at));
        text.push_str(&format!("- {sign} **{}** – {}: {}.\n", stage.task.id(), stage.check, linked(&stage.said)));
    }
    text.push('\n');
}

/// Names of experiments in our own words, as links.
fn linked(words: &str) -> String {
    let is_name = |word: &str| {
        word.strip_prefix('e').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    words
        .split(' ')
        .map(|word| {
            let bare = word.trim_end_matches([':', ',', '.']);
            if is_name(bare) { format!("{}{}", link(bare), &word[bare.len()..]) } else { word.to_owned() }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn finished(run: &Run) -> bool {
    run.outcome.as_ref().is_some_and(|outcome| outcome.status == Status::Finished)
}

fn gain(part: &Part) -> String {
    match (part.difference, part.interval) {
        (Some(mean), Some((low, high))) => format!(
            "{} \\[{}, {}\\], {}",
            figure::signed_score(mean),
            figure::signed_score(low),
            figure::signed_score(high),
            part.label.map_or("not checked", Label::words)
        ),
        (Some(mean), None) => figure::signed_score(mean),
        _ => "not measured".to_owned(),
    }
}

fn units(mine: &[&Experiment], kind: FileKind, title: &str, text: &mut String) {
    text.push_str(&format!("## {title}\n\n"));
    let mut any = false;
    for one in mine.iter().filter(|one| one.decision.allows_run()) {
        let Some(stack) =
            one.files.iter().filter(|file| file.kind == kind).find_map(|file| stack::read(file.code.expose()))
        else {
            continue;
        };
        let parts = one.run().and_then(|run| run.outcome.as_ref()).map(|outcome| &outcome.findings.parts);
        for unit in stack.units.iter().filter(|unit| unit.is_on) {
            any = true;
            let measured = parts.and_then(|parts| parts.iter().find(|part| part.name == unit.name));
            let reason = unit.reason.as_ref().map_or_else(String::new, |reason| format!(" Reason: {}", line(reason)));
            text.push_str(&format!(
                "- `{}` – {}{reason} Gain: {}. ({})\n",
                line(&unit.name),
                line(&unit.doc),
                measured.map_or_else(|| "not measured".to_owned(), gain),
                link(&one.id)
            ));
        }
    }
    if !any {
        text.push_str("None was accepted yet.\n");
    }
    text.push('\n');
}

fn models(mine: &[&Experiment], text: &mut String) {
    text.push_str("## Models and results\n\n");
    let scored: Vec<(&Experiment, &Run)> = mine
        .iter()
        .filter_map(|one| {
            Some((
                *one,
                one.runs.iter().rev().find(|run| {
                    // What was repeated, shuffled or looked at on the sealed rows is no result of the folds.
                    run.score().is_some() && run.spec.role == Role::Own
                })?,
            ))
        })
        .collect();
    if scored.is_empty() {
        text.push_str("Nothing has been run yet.\n\n");
        return;
    }
    text.push_str("| experiment | what | metric | score | against | verdict |\n|---|---|---|---|---|---|\n");
    for (one, run) in scored {
        let Some((mean, std)) = run.score() else { continue };
        let spread = std.map_or_else(String::new, |std| format!(" ± {}", figure::score(std)));
        let verdict = run.verdict.as_ref();
        let against = verdict.and_then(|verdict| verdict.against.as_deref()).map_or_else(
            || "–".to_owned(),
            |run_id| {
                let owner = mine.iter().find(|one| one.runs.iter().any(|run| run.spec.run_id == run_id));
                owner.map_or_else(|| "–".to_owned(), |owner| link(&owner.id))
            },
        );
        let said = verdict.map_or_else(
            || "not checked".to_owned(),
            |verdict| match verdict.shown() {
                Some((low, high)) => format!(
                    "{} \\[{}, {}\\]",
                    verdict.label.words(),
                    figure::signed_score(low),
                    figure::signed_score(high)
                ),
                None => verdict.label.words().to_owned(),
            },
        );
        text.push_str(&format!(
            "| {} | {} | {} | {}{spread} | {against} | {said} |\n",
            link(&one.id),
            line(&one.title()),
            run.spec.framing.metric.name(),
            figure::score(mean)
        ));
    }
    text.push('\n');
}

fn reports(mine: &[&Experiment], text: &mut String) {
    text.push_str("## Insights\n\n");
    let mut any = false;
    for one in mine {
        for run in one.runs.iter().filter(|run| run.spec.kind == FileKind::Evaluation && finished(run)) {
            for said in run.outcome.iter().flat_map(|outcome| &outcome.findings.summary) {
                any = true;
                let subject = run
                    .spec
                    .subject
                    .as_ref()
                    .map_or_else(String::new, |subject| format!(" about {}", link(&subject.experiment)));
                text.push_str(&format!("- {} ({}{subject})\n", line(said), link(&one.id)));
            }
        }
    }
    if !any {
        text.push_str("No report has been computed yet.\n");
    }
    text.push('\n');
}

fn decisions(mine: &[&Experiment], text: &mut String) {
    text.push_str("## Decisions\n\n");
    let mut any = false;
    for one in mine.iter().filter(|one| one.model.is_some() && one.decision != Decision::Pending) {
        any = true;
        let reason =
            one.reason.as_ref().map_or_else(String::new, |reason| format!(", because: {}", line(reason.expose())));
        text.push_str(&format!("- {} – {} {}{reason}\n", link(&one.id), line(&one.title()), one.decision.word()));
    }
    for one in mine {
        for (item, note) in &one.ticked {
            any = true;
            let note = if note.is_empty() { String::new() } else { format!(": {}", line(note)) };
            text.push_str(&format!("- {} – ticked “{}”{note}\n", link(&one.id), line(item)));
        }
    }
    if !any {
        text.push_str("None yet.\n");
    }
    text.push('\n');
}

fn questions(about: About<'_>, mine: &[&Experiment], text: &mut String) {
    text.push_str("## Open questions\n\n");
    let mut open: Vec<String> = Vec::new();
    let frame = about.framing.map(Framing::fingerprint);
    open.extend(
        flow::stages(about.history, about.data, frame.as_deref())
            .into_iter()
            .filter(|stage| !stage.is_done)
            .map(|stage| format!("{}: {}", stage.task.id(), linked(&stage.said))),
    );
    for warning in about.known.iter().flat_map(|known| &known.warnings) {
        let names = about.known.map(|known| &known.profile.columns);
        let left_out = about.framing.zip(names).is_some_and(|(framing, columns)| {
            warning
                .columns
                .iter()
                .all(|at| columns.get(*at).is_some_and(|column| framing.exclude.contains(&column.name)))
        });
        if warning.severity == Severity::High && !left_out {
            open.push(line(warning.message.as_str()));
        }
    }
    for one in mine {
        match one.decision {
            Decision::Pending if one.model.is_some() && !one.files.is_empty() => {
                open.push(format!("{} waits for a decision", link(&one.id)));
            }
            _ => {}
        }
        if let Some(outcome) = one.run().and_then(|run| run.outcome.as_ref()) {
            open.extend(
                outcome
                    .findings
                    .checks
                    .iter()
                    .filter(|check| check.standing == Standing::Fail)
                    .map(|check| format!("{} fails in {}: {}", line(&check.name), link(&one.id), line(&check.detail))),
            );
        }
    }
    let n_openings = about.history.n_openings(about.data);
    if n_openings == 0 {
        open.push("the holdout is sealed; it is opened once, when nothing will be chosen any more".to_owned());
    } else {
        let times = figure::times(n_openings);
        open.push(format!("the holdout was opened {times}; what is chosen from here on has no test score"));
        open.extend(about.history.openings_of(about.data).map(|opening| line(&opening.line(about.history))));
    }
    for question in open {
        text.push_str(&format!("- {question}\n"));
    }
    text.push('\n');
}

fn experiment(history: &History, one: &Experiment, text: &mut String) {
    text.push_str(&format!("### {}\n\n", one.id));
    let mut fact = |name: &str, value: String| text.push_str(&format!("- {name}: {value}\n"));
    fact("task", line(&one.task));
    fact("begun", figure::moment(&one.created_at));
    if one.title() != one.task {
        fact("hypothesis", line(&one.title()));
    }
    if let Some(effect) = &one.expected_effect {
        fact("expected", line(effect.expose()));
    }
    if let Some(parent) =
        one.parent.as_ref().filter(|parent| history.find(parent).is_some_and(|other| other.data == one.data))
    {
        fact("builds on", link(parent));
    }
    fact("asked", one.model.as_ref().map_or_else(|| "no model".to_owned(), |model| line(model)));
    let reason = one.reason.as_ref().map_or_else(String::new, |reason| format!(", because: {}", line(reason.expose())));
    fact("decision", format!("{}{reason}", one.decision_words()));
    for (name, value) in &one.settings {
        fact(&format!("setting {}", line(name)), line(value));
    }
    for file in &one.files {
        fact("file", format!("`{}`, BLAKE3 `{}`", line(&file.path), file.hash()));
    }
    for run in &one.runs {
        let status = run.outcome.as_ref().map_or("going on", |outcome| outcome.status.word());
        let why = run
            .outcome
            .as_ref()
            .and_then(|outcome| outcome.reason.as_ref())
            .map_or_else(String::new, |why| format!(": {}", line(why.as_str())));
        let network = if run.spec.network { ", with network" } else { "" };
        fact("run", format!("`{}`, {status}{network}{why}", run.spec.run_id));
    }
    fact("cost", figure::dollars(one.cost_usd));
    text.push('\n');
}
