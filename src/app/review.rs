//! Code under review: the files of an answer, notes beside their lines, edits, the decision, and the log of the run.

use std::collections::BTreeSet;

use crate::app::code_rows;
use crate::app::editor::Editor;
use crate::app::jobs::JobId;
use crate::app::json_code::JsonCode;
pub use crate::app::reviewed::File;
use crate::app::reviewed::beside;
use crate::app::scroll::{self, Move};
use crate::app::stream_code::StreamCode;
use crate::domain::before::Premise;
use crate::domain::environment::Place;
use crate::domain::experiment::{Decision, Experiment};
use crate::domain::hunks::{self, Choice};
use crate::domain::pynotes::Note;
use crate::domain::question::Asked;
use crate::domain::run::{CodeFile, FileKind};
use crate::domain::suggestion;
use crate::domain::task::Task;
use crate::text::alphabet::mixed_word;
use crate::text::sanitize::hides_something;
use crate::text::{RawText, SafeText};

/// What the pane shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The code.
    #[default]
    Code,
    /// What differs from the version before.
    Diff,
    /// What the run prints.
    Log,
    /// The answer in its parts: steps, items, causes, trials.
    Sheet,
}

/// Code under review.
#[derive(Clone, Debug, Default)]
pub struct ReviewPane {
    /// What was asked.
    pub task: Option<Task>,
    /// The experiment.
    pub experiment: Option<String>,
    /// The answer in words.
    pub text: RawText,
    /// The files.
    pub files: Vec<File>,
    /// Which of them is shown.
    pub current: usize,
    /// What was missing or odd about the answer.
    pub warnings: Vec<SafeText>,
    /// What is believed.
    pub hypothesis: Option<SafeText>,
    /// Why it can't be accepted.
    pub refusal: Option<SafeText>,
    /// What was decided.
    pub decision: Decision,
    /// How it was accepted before it was edited anew: an edit that is rejected leads back there.
    pub stands: Option<Decision>,
    /// A decision that is on its way to the disk, and the job that takes it there.
    pub deciding: Option<(JobId, Decision)>,
    /// What is shown.
    pub view: View,
    /// First line in sight.
    pub first: usize,
    /// Which line of the sheet is selected.
    pub row: usize,
    /// The text area, while the code is edited.
    pub editor: Option<Editor>,
    /// Code that is still being written.
    pub growing: StreamCode,
    json: JsonCode,
    /// Modules that the files of the answer are.
    modules: BTreeSet<String>,
    /// What the rules need to know of the question.
    pub question: Premise,
    /// What accepted code would run in now, once it is known.
    pub place: Place,
    /// Whether hidden characters have been looked at and accepted.
    pub saw_hidden: bool,
    /// States that were left, the latest last, for going back; and those that were gone back from.
    undone: (Vec<Step>, Vec<Step>),
    /// Accepted versions of the files from before this answer, by path, the latest first: experiment and files.
    pub earlier: Vec<(String, Vec<CodeFile>)>,
    /// How many of those were gone back.
    n_back: usize,
    /// Changes with every change.
    pub version: u64,
}

/// A state that can be gone back to.
#[derive(Clone, Debug)]
struct Step {
    files: Vec<File>,
    decision: Decision,
    stands: Option<Decision>,
}

/// States that are kept for going back.
const MAX_UNDO: usize = 200;

#[expect(clippy::derivable_impls, reason = "the first state of a decision is no property of the decision")]
impl Default for Decision {
    fn default() -> Self {
        Self::Pending
    }
}

/// Whether files belong together as a folder.
fn is_folder_of(files: &[CodeFile]) -> bool {
    files.iter().any(|file| file.path.contains('/'))
}

impl ReviewPane {
    /// A new answer is on its way.
    pub fn begin(&mut self, task: Task) {
        let place = std::mem::take(&mut self.place);
        let question = std::mem::take(&mut self.question);
        *self = Self { task: Some(task), place, question, version: self.version + 1, ..Self::default() };
    }

    /// A piece of the answer arrived.
    pub fn on_text(&mut self, piece: &str) {
        self.growing.push(piece);
        self.version += 1;
    }

    /// A piece of the files that a tool is handed arrived.
    pub fn on_files(&mut self, piece: &str) {
        self.json.push(piece, &mut self.growing.files);
        self.version += 1;
    }

    /// Paths of the files that are being written, or of those under review.
    pub fn growing_paths(&self) -> Vec<&str> {
        if self.growing.files.is_empty() {
            self.files.iter().map(|file| file.now.path.as_str()).collect()
        } else {
            self.growing.files.iter().map(|file| file.path.as_str()).collect()
        }
    }

    /// More is asked about what is under review, which stays.
    pub fn begin_follow(&mut self) {
        self.growing = StreamCode::default();
        self.json = JsonCode::default();
        self.version += 1;
    }

    /// The answer was in words alone.
    pub fn end_follow(&mut self) {
        self.begin_follow();
    }

    /// The answer is here. `earlier` are the versions that were accepted before, the latest first.
    pub fn on_answer(&mut self, asked: &Asked, earlier: Vec<(String, Vec<CodeFile>)>) {
        let suggestion = &asked.suggestion;
        self.task = Some(suggestion.task);
        let main = suggestion.main_file().map(|file| file.path.clone());
        let mut files: Vec<CodeFile> = suggestion.files.clone();
        files.sort_by_key(|file| Some(&file.path) != main.as_ref());
        self.take_files(files, earlier);
        self.text = suggestion.text.clone();
        self.row = 0;
        self.experiment = Some(asked.experiment.clone());
        self.warnings.clone_from(&suggestion.warnings);
        // What broke it off is part of what the next question should avoid.
        self.warnings.extend(asked.broken.clone());
        self.hypothesis = suggestion.hypothesis.as_ref().map(|text| crate::safe!("{}", text.expose()));
        self.refusal = asked.refusal();
        self.decision = Decision::Pending;
        self.stands = None;
        self.deciding = None;
        self.begin_follow();
        self.view = View::Code;
        (self.current, self.first) = (0, 0);
        self.version += 1;
    }

    fn take_files(&mut self, files: Vec<CodeFile>, earlier: Vec<(String, Vec<CodeFile>)>) {
        let module = |file: &CodeFile| Some(file.path.split('/').next()?.trim_end_matches(".py").to_owned());
        self.modules = files.iter().filter(|file| suggestion::is_python(&file.path)).filter_map(module).collect();
        // A folder replaces the folder before it; any other file the latest of its name.
        let is_folder = matches!(self.task, Some(Task::Pipeline));
        let before: Vec<CodeFile> = if is_folder {
            earlier.iter().find(|(_, files)| is_folder_of(files)).map(|(_, files)| files.clone()).unwrap_or_default()
        } else {
            let mut latest: Vec<CodeFile> = Vec::new();
            // A file of a folder needs the others beside it.
            for file in earlier.iter().filter(|(_, files)| !is_folder_of(files)).flat_map(|(_, files)| files) {
                if !latest.iter().any(|other| other.path == file.path) {
                    latest.push(file.clone());
                }
            }
            latest
        };
        self.files = beside(files, &before, is_folder, |file| self.notes_on(file));
        self.earlier = earlier;
        self.undone = (Vec::new(), Vec::new());
        self.n_back = 0;
    }

    /// An experiment of the history is under review again.
    pub fn bring_back(&mut self, experiment: &Experiment, earlier: Vec<(String, Vec<CodeFile>)>) {
        let task = Task::from_id(&experiment.task).unwrap_or(Task::Train);
        self.begin(task);
        let main = task.file().map(|(path, _)| path);
        let mut files = experiment.files.clone();
        files.sort_by_key(|file| Some(file.path.as_str()) != main);
        self.take_files(files, earlier);
        self.experiment = Some(experiment.id.clone());
        self.text = experiment.text.clone();
        self.hypothesis = experiment.hypothesis.as_ref().map(|text| crate::safe!("{}", text.expose()));
        self.decision = experiment.decision;
        let note = experiment.stop.as_ref().and_then(crate::domain::turn::StopReason::note);
        self.refusal = note.map(Into::into);
    }

    /// What there is to say about a file, beside its lines.
    pub fn notes_on(&self, file: &CodeFile) -> Vec<Note> {
        if suggestion::is_python(&file.path) {
            // Files of one answer import each other, and every file of a folder is part of its program.
            let mut known = self.place.names.clone();
            if !known.is_empty() {
                known.extend(self.modules.iter().cloned());
            }
            let kind = if self.task == Some(Task::Pipeline) { FileKind::Pipeline } else { file.kind };
            self.question.all_notes(file, kind, &known)
        } else {
            Vec::new()
        }
    }

    /// What code runs in is known now, so the notes are read again.
    pub fn set_place(&mut self, place: Place) {
        if place == self.place {
            return;
        }
        self.place = place;
        let notes: Vec<Vec<Note>> = self.files.iter().map(|file| self.notes_on(&file.now)).collect();
        self.files.iter_mut().zip(notes).for_each(|(file, notes)| file.notes = notes);
        self.version += 1;
    }

    /// The file that is shown.
    pub fn file(&self) -> Option<&File> {
        self.files.get(self.current)
    }

    /// Whether there is something to decide.
    pub fn is_open(&self) -> bool {
        self.decision == Decision::Pending
            && self.experiment.is_some()
            && (!self.files.is_empty() || !self.text.is_empty())
    }

    /// Whether a file differs from what was proposed.
    pub fn is_edited(&self) -> bool {
        self.files.iter().any(|file| file.now.code != file.proposed)
    }

    /// Whether it holds what the person wrote and nobody has decided about yet.
    pub fn is_unsettled(&self) -> bool {
        self.is_editing() || self.is_edited() && self.is_open()
    }

    /// The files as they stand: what was rejected is not among them.
    pub fn approved(&self) -> Vec<CodeFile> {
        self.files.iter().filter(|file| file.is_kept()).map(|file| file.now.clone()).collect()
    }

    /// Every hunk with what was decided; a file that is new counts once it was rejected.
    pub fn decided_hunks(&self) -> Vec<hunks::Decided> {
        let told = |file: &File| file.has_hunks() || !file.left.is_empty() || !file.is_kept();
        self.files.iter().filter(|file| told(file)).flat_map(File::decided).collect()
    }

    /// Whether hunks wait for a decision of their own.
    pub fn n_open_hunks(&self) -> usize {
        self.files.iter().filter(|file| file.has_hunks()).map(File::n_open).sum()
    }

    /// Whether there is more than one thing to decide, so that each gets its own decision.
    pub fn is_by_hunk(&self) -> bool {
        let n: usize = self.files.iter().filter(|file| file.has_hunks()).map(|file| file.hunks.len()).sum();
        n > 1 && self.is_open()
    }

    /// Keeps the present state, so that what comes next can be taken back.
    pub fn keep(&mut self) {
        let now = self.now();
        self.undone.0.push(now);
        if self.undone.0.len() > MAX_UNDO {
            self.undone.0.remove(0);
        }
        self.undone.1.clear();
    }

    fn now(&self) -> Step {
        Step { files: self.files.clone(), decision: self.decision, stands: self.stands }
    }

    fn go_to(&mut self, step: Step) {
        self.files = step.files;
        self.saw_hidden = false;
        // A rejection is no step: it ends the answer.
        if self.decision != Decision::Rejected {
            (self.decision, self.stands) = (step.decision, step.stands);
        }
        self.deciding = None;
        self.version += 1;
    }

    /// What counts as accepted: what is under review where that was accepted, else what was before it was edited.
    pub fn standing(&self) -> Option<(Decision, Vec<CodeFile>)> {
        if self.decision.allows_run() {
            return Some((self.decision, self.approved()));
        }
        let mut files = self.files.clone();
        for file in &mut files {
            file.choose_all(&Choice::Rejected(String::new()));
        }
        let kept = files.iter().filter(|file| file.is_kept()).map(|file| file.now.clone()).collect();
        self.stands.map(|stands| (stands, kept))
    }

    /// Every file is as it was accepted before it was edited.
    pub fn step_back(&mut self) {
        self.keep();
        self.files.iter_mut().for_each(|file| file.choose_all(&Choice::Rejected(String::new())));
        self.version += 1;
    }

    /// Decides the hunk that is looked at, and goes on to the next that is not decided. Returns whether one is left.
    pub fn choose(&mut self, choice: &Choice) -> bool {
        self.keep();
        let current = self.current;
        let Some(file) = self.files.get_mut(current) else { return false };
        file.choose(choice.clone());
        self.refresh(current);
        self.go_to_open_hunk()
    }

    /// Decides everything that is not decided yet.
    pub fn choose_rest(&mut self, choice: &Choice) {
        self.keep();
        for at in 0..self.files.len() {
            if self.files[at].has_hunks() {
                self.files[at].choose_rest(choice);
                self.refresh(at);
            }
        }
    }

    /// Leaves a whole file out, or takes it whole.
    pub fn choose_file(&mut self, choice: &Choice) -> bool {
        self.keep();
        let current = self.current;
        let Some(file) = self.files.get_mut(current) else { return false };
        file.choose_rest(choice);
        self.refresh(current);
        self.go_to_open_hunk()
    }

    fn refresh(&mut self, at: usize) {
        let notes = self.notes_on(&self.files[at].now);
        self.files[at].notes = notes;
        self.saw_hidden = false;
        self.undecide();
    }

    /// What was approved is what runs: another text needs another decision.
    fn undecide(&mut self) {
        if self.decision.allows_run() {
            self.decision = Decision::Pending;
        }
        self.deciding = None;
        self.version += 1;
    }

    /// Looks at the next hunk that is not decided, in this file or another. Returns whether there is one.
    fn go_to_open_hunk(&mut self) -> bool {
        let n = self.files.len();
        for step in 0..n {
            let at = (self.current + step) % n;
            let file = &mut self.files[at];
            if !file.has_hunks() {
                continue;
            }
            if let Some(hunk) = file.next_hunk(true, |hunk| hunk.choice == Choice::Undecided) {
                file.hunk = hunk;
                self.current = at;
                self.version += 1;
                return true;
            }
        }
        self.version += 1;
        false
    }

    /// To another hunk of the file that is shown.
    pub fn step_hunk(&mut self, forwards: bool) -> bool {
        let current = self.current;
        let Some(file) = self.files.get_mut(current).filter(|file| file.has_hunks()) else { return false };
        if let Some(at) = file.next_hunk(forwards, |_| true) {
            file.hunk = at;
        }
        self.version += 1;
        true
    }

    /// Scrolls so that the hunk that is looked at is in sight.
    pub fn show_hunk(&mut self, width: usize, page: usize) {
        let Some(hunk) = self.file().filter(|file| file.has_hunks()).map(|file| file.hunk) else { return };
        let rows = code_rows::rows(self, &self.card(), width);
        if let Some(at) = code_rows::row_of_hunk(&rows, hunk)
            && (at < self.first || at + page / 2 > self.first + page)
        {
            self.first = at.saturating_sub(3).min(rows.len().saturating_sub(page));
        }
    }

    /// Scrolls so that a line of the file, from one, is in sight.
    pub fn show_line(&mut self, line: usize, width: usize, page: usize) {
        let rows = code_rows::rows(self, &self.card(), width);
        let is_it =
            |row: &code_rows::Row| matches!(row, code_rows::Row::Line { number: Some(number), .. } if *number == line);
        if let Some(at) = rows.iter().position(is_it) {
            self.first = at.saturating_sub(3).min(rows.len().saturating_sub(page));
            self.version += 1;
        }
    }

    /// What should be read before the code: what is believed, and what was odd.
    pub fn card(&self) -> Vec<String> {
        let mut card: Vec<String> = self.hypothesis.iter().map(ToString::to_string).collect();
        card.extend(self.refusal.iter().map(|refusal| format!("! it can't be accepted: {refusal}")));
        card.extend(self.warnings.iter().map(|warning| format!("! {warning}")));
        card.extend(self.file().and_then(|file| file.fate.words()).map(|words| format!("! this file {words}")));
        if !card.is_empty() {
            card.push(String::new());
        }
        card
    }

    /// Takes the last step back; where this answer has none left, goes to the accepted version before it. Says what it
    /// went to, or nothing where there is nothing before.
    pub fn undo(&mut self) -> Option<String> {
        if let Some(step) = self.undone.0.pop() {
            let now = self.now();
            self.undone.1.push(now);
            self.go_to(step);
            return Some("one step back".to_owned());
        }
        let path = self.file()?.now.path.clone();
        let is_folder = self.files.iter().any(|file| file.now.path.contains('/'));
        let has = |files: &[CodeFile]| is_folder_of(files) == is_folder && files.iter().any(|file| file.path == path);
        let (experiment, files) = self.earlier.iter().filter(|(_, files)| has(files)).nth(self.n_back)?.clone();
        let code = files.into_iter().find(|file| file.path == path)?.code;
        let now = self.now();
        self.undone.1.push(now);
        self.n_back += 1;
        self.stand();
        let current = self.current;
        self.files[current].rewrite(code.expose().to_owned());
        self.refresh(current);
        Some(format!("{path} as it was accepted in {experiment}; a takes it, Y goes on again"))
    }

    /// Goes on again to what was taken back.
    pub fn redo(&mut self) -> bool {
        let Some(step) = self.undone.1.pop() else { return false };
        if self.n_back > 0 {
            self.n_back -= 1;
        } else {
            let now = self.now();
            self.undone.0.push(now);
        }
        self.go_to(step);
        true
    }

    /// Whether a file holds characters that do not show as what they are, and nobody has said that this is fine.
    pub fn hides_unseen(&self) -> bool {
        let reads_otherwise = |code: &str| hides_something(code) || mixed_word(code).is_some();
        !self.saw_hidden && self.files.iter().any(|file| reads_otherwise(file.now.code.expose()))
    }

    /// Whether keys go to the code.
    pub fn is_editing(&self) -> bool {
        self.editor.is_some()
    }

    /// Begins to edit the file that is shown. The cursor goes to a line, counted from one.
    pub fn begin_edit(&mut self, line: usize) {
        if let Some(file) = self.file() {
            let mut editor = Editor::new(file.now.code.expose());
            editor.to_line(line);
            self.editor = Some(editor);
            self.view = View::Code;
            self.version += 1;
        }
    }

    /// A key of the text area. Esc takes the edit over; nothing is thrown away.
    pub fn on_edit_key(&mut self, chord: crate::app::chord::Chord) {
        self.version += 1;
        if chord.key == crate::app::chord::Key::Esc {
            self.end_edit();
        } else if let Some(editor) = &mut self.editor {
            editor.on_key(chord);
        }
    }

    /// Takes the edit over.
    pub fn end_edit(&mut self) {
        let Some(editor) = self.editor.take() else { return };
        if let Some(path) = self.file().map(|file| file.now.path.clone()) {
            self.replace_code(&path, editor.text());
        }
    }

    /// A file has another text now.
    pub fn replace_code(&mut self, path: &str, code: String) {
        let Some(idx) = self.files.iter().position(|file| file.now.path == path) else { return };
        if self.files[idx].now.code.expose() == code {
            return;
        }
        self.keep();
        self.stand();
        let kind = self.files[idx].now.kind;
        self.files[idx].rewrite(code);
        if !suggestion::is_python(path) {
            self.files[idx].now.kind = kind;
        }
        self.refresh(idx);
    }

    /// What was accepted is what another text is shown against from now on.
    fn stand(&mut self) {
        if self.decision.allows_run() {
            self.stands = Some(self.decision);
            self.files.iter_mut().filter(|file| file.is_kept()).for_each(File::stand);
        }
    }

    /// Shows a file by its path.
    pub fn show_file(&mut self, path: &str) {
        if let Some(at) = self.files.iter().position(|file| file.now.path == path) {
            (self.current, self.first, self.view) = (at, 0, View::Code);
            self.version += 1;
        }
    }

    /// The files in the order in which they run: where each is a whole of its own, the one that is shown comes first.
    pub fn to_run(&self) -> Vec<CodeFile> {
        let mut files = self.approved();
        let shown = self.file().filter(|file| self.task == Some(Task::Debug) && file.now.kind.runs());
        if let Some(at) = shown.and_then(|shown| files.iter().position(|file| file.path == shown.now.path)) {
            files.swap(0, at);
        }
        files
    }

    /// To another file.
    pub fn step_file(&mut self, forwards: bool) {
        let n = self.files.len();
        if n > 1 {
            self.current = if forwards { (self.current + 1) % n } else { (self.current + n - 1) % n };
            self.first = 0;
            self.version += 1;
        }
    }

    /// Moves through what is shown, in a pane of that width.
    pub fn scroll(&mut self, by: Move, page: usize, width: usize) {
        let n = code_rows::rows(self, &self.card(), width).len();
        self.first = scroll::moved(self.first, n.saturating_sub(page.saturating_sub(1)).max(1), page, by);
        self.version += 1;
    }

    /// A run is about to start: its log is what is shown.
    pub fn on_run_started(&mut self) {
        self.view = View::Log;
        self.first = 0;
        self.version += 1;
    }
}
