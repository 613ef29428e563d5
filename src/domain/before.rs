//! What is looked at before a run: leaks in the code, changes against its parent, runs that were like it. Advice, never silent.

use crate::domain::changes;
use crate::domain::experiment::{Experiment, History};
use crate::domain::framing::Framing;
use crate::domain::known::Known;
use crate::domain::leaks::{self, About, Kind, Rule};
use crate::domain::left_out::{self, LeftOut};
use crate::domain::pynotes::{self, Note, Weight};
use crate::domain::run::{CodeFile, FileKind};
use crate::domain::split::SplitKind;
use crate::domain::verdict::Label;
use crate::domain::warning::Severity;
use crate::safe;
use crate::text::{SafeText, figure};

/// What the rules need to know of the question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Premise {
    /// The column to predict.
    pub target: Option<String>,
    /// The column of times.
    pub time: Option<String>,
    /// The column of groups.
    pub group: Option<String>,
    /// Columns that were warned of as leaking and are handed over all the same.
    pub suspects: Vec<String>,
    /// Columns that are not handed over.
    pub left_out: Vec<LeftOut>,
    /// Name of the data file.
    pub data: String,
    /// Whether rows are split by time.
    pub by_time: bool,
}

impl Premise {
    /// What a framing and the profile of the data say.
    pub fn of(framing: &Framing, known: Option<&Known>, data: &str) -> Self {
        let name = |column: &crate::text::RawText| column.expose().to_owned();
        let leaking = |known: &Known| {
            let warned = known.warnings.iter().filter(|warning| {
                warning.severity == Severity::High && matches!(warning.id, "target-leak" | "date-after-outcome")
            });
            let columns = warned.filter_map(|warning| known.profile.columns.get(*warning.columns.first()?));
            columns.map(|column| name(&column.name)).filter(|column| *column != framing.target.expose()).collect()
        };
        let left_out = left_out::of(framing, known);
        let mut suspects: Vec<String> = known.map(leaking).unwrap_or_default();
        suspects.retain(|column| !left_out.iter().any(|out| out.name == *column));
        Self {
            target: Some(name(&framing.target)),
            time: framing.time.as_ref().map(name),
            group: framing.group.as_ref().map(name),
            suspects,
            left_out,
            data: data.to_owned(),
            by_time: framing.split == SplitKind::Time,
        }
    }

    /// What leaks in a file, as notes beside its lines. Files that are neither solution nor script are not read.
    pub fn notes(&self, file: &CodeFile) -> Vec<Note> {
        let kind = match file.kind {
            FileKind::Model | FileKind::Clean | FileKind::Features | FileKind::Search => Kind::Solution,
            FileKind::Script => Kind::Script,
            _ => return Vec::new(),
        };
        let about = About {
            kind,
            target: self.target.as_deref(),
            time: self.time.as_deref(),
            group: self.group.as_deref(),
            suspects: &self.suspects,
            data: Some(self.data.as_str()).filter(|data| !data.is_empty()),
            split_by_time: self.by_time,
        };
        // What code is not given can't leak, whatever its name sounds like.
        let is_given = |leak: &leaks::Leak| {
            leak.rule != Rule::TargetAmongFeatures
                || !self.left_out.iter().any(|column| leak.text.starts_with(&format!("{} ", column.name)))
        };
        let found = leaks::leaks(file.code.expose(), &about).into_iter().filter(is_given);
        let found = found.map(|leak| (leak.line, safe!("{}: {}", leak.rule.name(), leak.text)));
        let names: Vec<String> = self.left_out.iter().map(|column| column.name.clone()).collect();
        let named = leaks::columns_named(file.code.expose(), &about, &names);
        let missing = named.into_iter().filter_map(|(line, name)| {
            let column = self.left_out.iter().find(|column| column.name == name)?;
            Some((line, safe!("left-out: {}", column.sentence())))
        });
        found.chain(missing).map(|(line, text)| Note { line, weight: Weight::Caution, text }).collect()
    }

    /// Everything that can be said beside the lines of a file.
    pub fn all_notes(
        &self,
        file: &CodeFile,
        kind: FileKind,
        installed: &std::collections::BTreeSet<String>,
    ) -> Vec<Note> {
        let leaks = self.notes(file);
        let mut notes = pynotes::notes(file.code.expose(), kind, installed);
        // Where a leak is named, the rough remark on the same line adds nothing.
        notes.retain(|note| note.weight != Weight::Caution || !leaks.iter().any(|leak| leak.line == note.line));
        notes.extend(leaks);
        notes.sort_by_key(|note| (note.line, note.weight));
        notes
    }
}

/// One thing that was found before a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The file, where it is about a place in one.
    pub path: Option<String>,
    /// The line, from one.
    pub line: Option<u32>,
    /// How it should be taken.
    pub weight: Weight,
    /// In one sentence.
    pub text: SafeText,
    /// Whether splitting the change would help.
    pub can_split: bool,
}

impl Look {
    /// With the place that it is about.
    pub fn sentence(&self) -> String {
        match (&self.path, self.line) {
            (Some(path), Some(line)) => format!("{path}, line {line}: {}", self.text),
            _ => self.text.to_string(),
        }
    }
}

/// From here on two programs are called alike.
const ALIKE: f64 = 0.9;
/// Most earlier runs that are named.
const MAX_ALIKE: usize = 3;

/// A run that is about to be.
#[derive(Clone, Copy, Debug)]
pub struct Coming<'a> {
    /// The experiment.
    pub experiment: &'a str,
    /// Its files, the main one first.
    pub files: &'a [CodeFile],
    /// Whether it may use the network.
    pub network: bool,
}

/// What there is to say before a run: what the notes on its files warn of, and how it stands to what was tried.
pub fn look(history: &History, coming: Coming<'_>, notes: impl Fn(&CodeFile) -> Vec<Note>) -> Vec<Look> {
    let Coming { experiment, files, .. } = coming;
    let mut looks = Vec::new();
    for file in files {
        let bad = notes(file).into_iter().filter(|note| matches!(note.weight, Weight::Bad | Weight::Caution));
        looks.extend(bad.map(|note| Look {
            path: Some(file.path.clone()),
            line: Some(note.line),
            weight: note.weight,
            text: note.text,
            can_split: false,
        }));
    }
    if let Some(main) = files.first().filter(|file| file.kind.is_solution() && file.kind != FileKind::Pipeline) {
        looks.extend(beside_parent(history, experiment, main));
        looks.extend(alike(history, coming, main));
    }
    looks
}

fn plain(weight: Weight, text: SafeText) -> Look {
    Look { path: None, line: None, weight, text, can_split: false }
}

/// The code of an experiment that ran, by the file that is its main one. The file that starts a folder says nothing of the
/// model in it, so there is none to compare with.
fn code_of(experiment: &Experiment) -> Option<&str> {
    let run = experiment.run().filter(|run| run.spec.kind.is_solution() && run.spec.kind != FileKind::Pipeline)?;
    let file = experiment.files.iter().find(|file| file.path == run.spec.entry)?;
    Some(file.code.expose())
}

fn beside_parent(history: &History, experiment: &str, main: &CodeFile) -> Option<Look> {
    let parent = history.find(experiment)?.parent.as_deref()?;
    // Against a baseline everything is new, and is meant to be.
    let old = history.find(parent).filter(|parent| parent.task != "baseline").and_then(code_of)?;
    let found = changes::changes(old, main.code.expose());
    if found.len() < 2 || changes::is_seed_only(old, main.code.expose()) {
        return None;
    }
    let listed: Vec<&str> = found.iter().take(4).map(|change| change.what.as_str()).collect();
    let more = if found.len() > 4 { format!(" and {} more", found.len() - 4) } else { String::new() };
    Some(Look {
        can_split: true,
        ..plain(
            Weight::Caution,
            safe!(
                "{} independent changes against {parent}: {}{more}; together nobody knows which one helped",
                found.len(),
                listed.join("; ")
            ),
        )
    })
}

/// The earlier runs that are most like it, with what came of them.
fn alike(history: &History, coming: Coming<'_>, main: &CodeFile) -> Vec<Look> {
    let own = main.code.expose();
    let mut near: Vec<(f64, &Experiment, &str)> = history
        .experiments
        .iter()
        .filter(|other| other.id != coming.experiment)
        .filter_map(|other| {
            let code = code_of(other)?;
            let likeness = if changes::is_same(code, own) { 2.0 } else { changes::likeness(code, own) };
            (likeness >= ALIKE).then_some((likeness, other, code))
        })
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.truncate(MAX_ALIKE);
    near.into_iter()
        .map(|(likeness, other, code)| {
            let came = format!("{}{}", came_of(other), beside_network(other, coming.network));
            let text = if likeness > 1.5 {
                safe!("{} was the same program: {came}", other.id)
            } else if changes::is_seed_only(code, own) {
                safe!("nothing but the seed differs from {}: a repeat, and no gain can come of it ({came})", other.id)
            } else {
                safe!("{} is alike ({:.0} %): {came}", other.id, 100.0 * likeness)
            };
            plain(Weight::Caution, text)
        })
        .collect()
}

/// What the network has to do with how far two runs are alike; nothing where neither had it.
fn beside_network(other: &Experiment, network: bool) -> &'static str {
    match (other.run().map(|run| run.spec.network), network) {
        (Some(true), true) => "; both may use the network",
        (Some(true), false) => "; that run could use the network, this one can't",
        (Some(false), true) => "; that run had no network, this one may use it",
        (Some(false) | None, _) => "",
    }
}

fn came_of(experiment: &Experiment) -> String {
    let Some(run) = experiment.run() else { return "it was never run".to_owned() };
    let Some((mean, _)) = run.score() else {
        return run
            .outcome
            .as_ref()
            .map_or_else(|| "it still runs".to_owned(), |outcome| outcome.status.word().to_owned());
    };
    let metric = run.spec.framing.metric.name();
    let verdict = run.verdict.as_ref().filter(|verdict| verdict.label != Label::NotChecked);
    let said = verdict.map_or_else(String::new, |verdict| format!(", {}", verdict.label.words()));
    format!("{metric} {}{said}", figure::score(mean))
}
