//! What a task is told before it is asked: a form with proposals, filled by whoever asks.

use crate::app::Model;
use crate::app::chord::{Chord, Key};
use crate::app::editor::Editor;
use crate::app::effect::Effect;
use crate::app::overlay::Overlay;
use crate::app::phase;
use crate::domain::metric::Problem;
use crate::domain::profile::Role;
use crate::domain::question::Wish;
use crate::domain::task::{Field, Task};

/// The name of the entry that holds free words.
pub const WORDS: &str = "words";

const OWN_WORDS: Field = Field { name: WORDS, doc: "anything else, in your own words", choices: &[] };
const QUESTION: Field = Field { name: WORDS, doc: "your question", choices: &[] };

/// What was told to an earlier task and holds for the next one as well.
const REMEMBERED: [&str; 6] = ["problem", "constraints", "knowledge", "business_metric", "latency_ms", "framework"];

/// One line of the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What is told.
    pub field: Field,
    /// What stands there.
    pub value: String,
    /// What could stand there; taken with one key, not sent by itself.
    pub proposal: String,
}

/// A form.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// For which task.
    pub task: Task,
    /// Its lines.
    pub entries: Vec<Entry>,
    /// Which is selected.
    pub selected: usize,
    /// The text of the selected line.
    pub editor: Editor,
    /// What has to be mended before it can go.
    pub refusal: Option<&'static str>,
}

impl Form {
    fn new(task: Task, entries: Vec<Entry>) -> Self {
        let mut form = Self { task, entries, selected: 0, editor: Editor::default(), refusal: None };
        form.select(0);
        form
    }

    /// The selected line.
    pub fn entry(&self) -> Option<&Entry> {
        self.entries.get(self.selected)
    }

    /// Takes over what was typed and goes to another line.
    pub fn select(&mut self, to: usize) {
        self.selected = to.min(self.entries.len().saturating_sub(1));
        let value = self.entry().map(|entry| entry.value.clone()).unwrap_or_default();
        self.editor = Editor::new(&value);
        self.editor.to_end();
    }

    /// Moves over the lines, round and round.
    pub fn step(&mut self, by: usize) {
        let n = self.entries.len().max(1);
        self.select((self.selected + by) % n);
    }

    fn is_choice(&self) -> bool {
        self.entry().is_some_and(|entry| !entry.field.choices.is_empty())
    }

    fn turn(&mut self, forwards: bool) {
        let Some(entry) = self.entries.get_mut(self.selected) else { return };
        let choices = entry.field.choices;
        let n = choices.len();
        let at = choices.iter().position(|choice| *choice == entry.value).unwrap_or(0);
        if let Some(next) = choices.get(if forwards { (at + 1) % n } else { (at + n - 1) % n }) {
            (*next).clone_into(&mut entry.value);
        }
    }

    fn takes_proposal(&self) -> bool {
        self.entry().is_some_and(|entry| entry.value.is_empty() && !entry.proposal.is_empty())
    }

    /// A key, other than those that close or send the form.
    pub fn on_key(&mut self, chord: Chord) {
        self.refusal = None;
        let n = self.entries.len().max(1);
        match (chord.key, chord.alt || chord.ctrl) {
            (Key::Up | Key::BackTab, _) => self.step(n - 1),
            (Key::Down | Key::Tab, _) => self.step(1),
            (Key::Left | Key::Right, false) if self.is_choice() => self.turn(chord.key == Key::Right),
            (Key::Right, false) if self.takes_proposal() => {
                if let Some(entry) = self.entries.get_mut(self.selected) {
                    entry.value.clone_from(&entry.proposal);
                }
                self.select(self.selected);
            }
            _ if self.is_choice() => {}
            (Key::Enter | Key::Char('j'), true) => {
                self.editor.on_key(Chord::plain(Key::Enter));
                self.keep();
            }
            _ => {
                self.editor.on_key(chord);
                self.keep();
            }
        }
    }

    /// Pasted text goes into the selected line. Returns whether it was cut.
    pub fn paste(&mut self, text: &str) -> bool {
        if self.is_choice() {
            return false;
        }
        let is_cut = self.editor.paste(text);
        self.keep();
        is_cut
    }

    fn keep(&mut self) {
        let text = self.editor.text();
        if let Some(entry) = self.entries.get_mut(self.selected) {
            text.trim_end_matches('\n').clone_into(&mut entry.value);
        }
    }

    /// What is told, and why that is not enough, where it is not.
    pub fn wish(&self) -> Result<Wish, &'static str> {
        let value = |name: &str| {
            let entry = self.entries.iter().find(|entry| entry.field.name == name);
            entry.map(|entry| entry.value.trim()).filter(|value| !value.is_empty())
        };
        match self.task {
            Task::Ask if value(WORDS).is_none() => return Err("write the question first"),
            Task::Modernise if value("legacy").is_none() => return Err("name the file with the old code first"),
            _ => {}
        }
        let told = self.entries.iter().filter(|entry| entry.field.name != WORDS && !entry.value.trim().is_empty());
        Ok(Wish {
            request: value(WORDS).unwrap_or_default().to_owned(),
            settings: told.map(|entry| (entry.field.name.to_owned(), entry.value.trim().to_owned())).collect(),
        })
    }
}

/// Opens the form of a task. `words` are what the person has said already.
pub fn open(model: &mut Model, task: Task, words: &str) -> Vec<Effect> {
    let fields = task.fields().iter().copied();
    let all: Vec<Field> = match task {
        Task::Ask => std::iter::once(QUESTION).chain(fields).collect(),
        _ => fields.chain([OWN_WORDS]).collect(),
    };
    let entries = all
        .into_iter()
        .map(|field| {
            let proposal = proposal(model, task, field.name);
            let value = match (field.name, field.choices.first()) {
                (WORDS, _) => words.to_owned(),
                (name, first) => remembered(model, name)
                    .filter(|value| field.choices.is_empty() || field.choices.contains(&value.as_str()))
                    .unwrap_or_else(|| first.copied().unwrap_or_default().to_owned()),
            };
            Entry { field, value, proposal }
        })
        .collect();
    model.overlay = Some(Overlay::Form { form: Box::new(Form::new(task, entries)) });
    Vec::new()
}

/// Asks for the price of what the form says.
pub fn send(model: &mut Model, mut form: Box<Form>) -> Vec<Effect> {
    match form.wish() {
        Ok(wish) => phase::price(model, form.task, wish, None),
        Err(why) => {
            form.refusal = Some(why);
            model.overlay = Some(Overlay::Form { form });
            Vec::new()
        }
    }
}

/// What an earlier task on this data was told under that name.
fn remembered(model: &Model, name: &str) -> Option<String> {
    let told = |one: &&crate::domain::experiment::Experiment| one.setting(name).map(ToOwned::to_owned);
    REMEMBERED.contains(&name).then(|| model.history.list().iter().find_map(told)).flatten()
}

/// What could stand in a line, from what is known of the data and of what was tried.
fn proposal(model: &Model, task: Task, name: &str) -> String {
    let framing = model.framing.framing.as_ref();
    let columns = model.framing.known.as_ref().map_or(&[][..], |known| &known.profile.columns);
    let target = framing.map_or("", |framing| framing.target.expose());
    match name {
        "budget" => "2m".into(),
        "tolerance" => "1e-6".into(),
        "latency_ms" => "100".into(),
        "run" => model.history.best().map(|best| best.id.clone()).unwrap_or_default(),
        "constraints" => match task {
            Task::Features => "each feature under 100 ms per row".into(),
            Task::Explore | Task::Clean => String::new(),
            _ => "one row answered within 100 ms".into(),
        },
        "business_metric" => match framing.map(|framing| framing.problem) {
            Some(Problem::Binary) => "precision at recall >= 0.9".into(),
            _ => String::new(),
        },
        "text" => columns
            .iter()
            .filter(|column| column.role == Role::Text)
            .max_by(|a, b| a.mean_chars.unwrap_or(0.0).total_cmp(&b.mean_chars.unwrap_or(0.0)))
            .map(|column| column.name.expose().to_owned())
            .unwrap_or_default(),
        "segments" => columns
            .iter()
            .filter(|column| matches!(column.role, Role::Categorical | Role::Boolean))
            .filter(|column| column.name.expose() != target && column.n_distinct <= 12)
            .take(3)
            .map(|column| column.name.expose())
            .collect::<Vec<_>>()
            .join(", "),
        _ => String::new(),
    }
}
