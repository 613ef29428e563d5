//! One file under review: its version before, as proposed, as it stands with every hunk that was decided.

use crate::domain::hunks::{self, Choice, Decided, Hunk};
use crate::domain::pynotes::Note;
use crate::domain::run::CodeFile;
use crate::domain::suggestion;
use crate::text::RawText;

/// What happens to a file when its changes are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was not there before.
    Added,
    /// It was there.
    Changed,
    /// It is gone.
    Deleted,
    /// It had another name.
    Renamed(String),
}

impl Fate {
    /// In words, where it is not the usual.
    pub fn words(&self) -> Option<String> {
        match self {
            Self::Added | Self::Changed => None,
            Self::Deleted => Some("is deleted".to_owned()),
            Self::Renamed(from) => Some(format!("was {from}")),
        }
    }
}

/// A file under review.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// As it stands now: what is approved is these bytes.
    pub now: CodeFile,
    /// As it was proposed.
    pub proposed: RawText,
    /// With every hunk taken: as proposed, or as the person wrote it.
    pub target: RawText,
    /// As it was last accepted before, where it was.
    pub before: Option<RawText>,
    /// What happens to it.
    pub fate: Fate,
    /// What differs from the version before.
    pub hunks: Vec<Hunk>,
    /// Which of them is looked at.
    pub hunk: usize,
    /// Hunks that were rejected before an edit made them go away.
    pub left: Vec<Decided>,
    /// Notes beside its lines.
    pub notes: Vec<Note>,
}

impl File {
    /// A file as it was proposed.
    pub fn new(file: CodeFile, before: Option<RawText>, notes: Vec<Note>) -> Self {
        let fate = if before.is_some() { Fate::Changed } else { Fate::Added };
        let hunks = hunks::cut(before.as_ref().map_or("", RawText::expose), file.code.expose());
        Self {
            proposed: file.code.clone(),
            target: file.code.clone(),
            now: file,
            before,
            fate,
            hunks,
            hunk: 0,
            left: Vec::new(),
            notes,
        }
    }

    /// A file of the version before that the answer no longer holds.
    pub fn deleted(file: CodeFile) -> Self {
        let before = file.code.clone();
        let gone = CodeFile { code: RawText::default(), ..file };
        Self { fate: Fate::Deleted, ..Self::new(gone, Some(before), Vec::new()) }
    }

    /// The version before.
    pub fn old(&self) -> &str {
        self.before.as_ref().map_or("", RawText::expose)
    }

    /// Whether it is shown as hunks: it has a version before, and differs from it.
    pub fn has_hunks(&self) -> bool {
        self.before.is_some() && !self.hunks.is_empty()
    }

    /// Whether it is among what is approved.
    pub fn is_kept(&self) -> bool {
        match self.fate {
            Fate::Deleted | Fate::Added => !self.now.code.is_empty(),
            Fate::Changed | Fate::Renamed(_) => true,
        }
    }

    /// Decides the hunk that is looked at.
    pub fn choose(&mut self, choice: Choice) {
        if let Some(hunk) = self.hunks.get_mut(self.hunk) {
            hunk.choice = choice;
        }
        self.settle();
    }

    /// Decides every hunk that is not decided yet.
    pub fn choose_rest(&mut self, choice: &Choice) {
        self.hunks
            .iter_mut()
            .filter(|hunk| hunk.choice == Choice::Undecided)
            .for_each(|hunk| hunk.choice = choice.clone());
        self.settle();
    }

    /// Decides every hunk.
    pub fn choose_all(&mut self, choice: &Choice) {
        self.hunks.iter_mut().for_each(|hunk| hunk.choice = choice.clone());
        self.settle();
    }

    fn settle(&mut self) {
        self.now.code = RawText::new(hunks::apply(self.old(), self.target.expose(), &self.hunks));
        if suggestion::is_python(&self.now.path) {
            self.now.kind = suggestion::kind_of(&self.now.path, self.now.code.expose());
        }
    }

    /// It was accepted as it stands: what comes next is shown against this.
    pub fn stand(&mut self) {
        self.before = Some(self.now.code.clone());
        self.target = self.now.code.clone();
        self.fate = Fate::Changed;
        self.hunks.clear();
        self.left.clear();
        self.hunk = 0;
    }

    /// The person wrote it anew; what they did not touch stays decided.
    pub fn rewrite(&mut self, code: String) {
        let rejected: Vec<Decided> = self.decided().into_iter().filter(|one| one.choice.is_rejected()).collect();
        self.left.extend(rejected);
        let hunks = hunks::recut(self.old(), &code, &self.hunks, self.target.expose());
        self.target = RawText::new(code);
        self.hunks = hunks;
        self.hunk = self.hunk.min(self.hunks.len().saturating_sub(1));
        self.settle();
    }

    /// The next hunk after the one that is looked at, round the end, for which something holds.
    pub fn next_hunk(&self, forwards: bool, is: impl Fn(&Hunk) -> bool) -> Option<usize> {
        let n = self.hunks.len();
        (1..=n)
            .map(|step| if forwards { (self.hunk + step) % n } else { (self.hunk + n - step) % n })
            .find(|at| is(&self.hunks[*at]))
    }

    /// Hunks that are not decided.
    pub fn n_open(&self) -> usize {
        self.hunks.iter().filter(|hunk| hunk.choice == Choice::Undecided).count()
    }

    /// Every hunk with what was decided, those that an edit made go away first.
    pub fn decided(&self) -> Vec<Decided> {
        let mut all = self.left.clone();
        all.extend(hunks::decided(&self.now.path, self.old(), self.target.expose(), &self.hunks));
        all
    }
}

/// The files of an answer beside those of the version before: what is new, changed, gone, renamed. Files are gone only where
/// `is_folder`: the answer is the whole folder.
pub fn beside(
    files: Vec<CodeFile>,
    before: &[CodeFile],
    is_folder: bool,
    notes: impl Fn(&CodeFile) -> Vec<Note>,
) -> Vec<File> {
    let old_of = |path: &str| before.iter().find(|old| old.path == path).map(|old| old.code.clone());
    let mut gone: Vec<CodeFile> = if is_folder {
        before.iter().filter(|old| !files.iter().any(|file| file.path == old.path)).cloned().collect()
    } else {
        Vec::new()
    };
    let mut all = Vec::with_capacity(files.len());
    for file in files {
        let old = old_of(&file.path);
        let likest = gone
            .iter()
            .enumerate()
            .filter(|_| old.is_none())
            .map(|(at, other)| (hunks::likeness(other.code.expose(), file.code.expose()), at))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .filter(|(likeness, _)| *likeness >= hunks::RENAMED);
        let notes = notes(&file);
        all.push(match likest {
            Some((_, at)) => {
                let from = gone.remove(at);
                File { fate: Fate::Renamed(from.path), ..File::new(file, Some(from.code), notes) }
            }
            None => File::new(file, old, notes),
        });
    }
    all.extend(gone.into_iter().map(File::deleted));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::run::FileKind;

    fn file(path: &str, code: &str) -> CodeFile {
        CodeFile { path: path.to_owned(), kind: FileKind::Document, code: RawText::new(code) }
    }

    #[test]
    fn files_are_new_changed_gone_or_renamed() {
        let before = [file("a.md", "1\n2\n3\n"), file("b.md", "x\ny\nz\nw\n"), file("c.md", "gone\n")];
        let now = vec![file("a.md", "1\n2\n4\n"), file("bb.md", "x\ny\nz\nv\n"), file("d.md", "new\n")];
        let mut files = beside(now, &before, true, |_| Vec::new());
        let fates: Vec<(&str, Fate)> = files.iter().map(|file| (file.now.path.as_str(), file.fate.clone())).collect();
        assert_eq!(
            fates,
            [
                ("a.md", Fate::Changed),
                ("bb.md", Fate::Renamed("b.md".into())),
                ("d.md", Fate::Added),
                ("c.md", Fate::Deleted)
            ]
        );
        // An added file that is rejected is not there; a deleted one that is rejected is there as it was.
        assert_eq!(files.iter().map(File::is_kept).collect::<Vec<_>>(), [true, true, true, false]);
        files[2].choose(Choice::Rejected(String::new()));
        files[3].choose(Choice::Rejected(String::new()));
        assert_eq!(files.iter().map(File::is_kept).collect::<Vec<_>>(), [true, true, false, true]);
        assert_eq!(files[3].now.code.expose(), "gone\n");
        assert_eq!(beside(vec![file("a.md", "")], &before, false, |_| Vec::new()).len(), 1);
    }

    #[test]
    fn an_edit_keeps_what_was_rejected_on_record() {
        let mut one =
            File::new(file("a.md", "1\nB\n3\n4\n5\nF\n"), Some(RawText::new("1\n2\n3\n4\n5\n6\n")), Vec::new());
        assert_eq!((one.hunks.len(), one.n_open()), (2, 2));
        one.choose(Choice::Rejected("no".into()));
        assert_eq!(one.now.code.expose(), "1\n2\n3\n4\n5\nF\n");
        one.rewrite("1\n2\n3\n4\n5\nG\n".to_owned());
        assert_eq!(one.now.code.expose(), "1\n2\n3\n4\n5\nG\n");
        let told: Vec<String> = one.decided().iter().map(Decided::sentence).collect();
        assert_eq!(
            told,
            ["hunk 1 of 2 in a.md, line 2 (B), was rejected: no", "hunk 1 of 1 in a.md, line 6 (G), was undecided"]
        );
    }
}
