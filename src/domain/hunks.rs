//! What differs between two versions of a file, cut into hunks that are decided one by one.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use similar::{DiffOp, TextDiff};

/// What was decided about a hunk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// Nothing yet; it counts as taken once the whole is accepted.
    #[default]
    Undecided,
    /// Taken.
    Accepted,
    /// Left out, and why.
    Rejected(String),
}

impl Choice {
    /// In a word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::Accepted => "accepted",
            Self::Rejected(_) => "rejected",
        }
    }

    /// Whether the lines of the hunk stay out.
    pub fn is_rejected(&self) -> bool {
        matches!(self, Self::Rejected(_))
    }
}

/// A run of lines that differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// Lines of the old version, from zero.
    pub old: Range<usize>,
    /// Lines of the new version, from zero.
    pub new: Range<usize>,
    /// What was decided.
    pub choice: Choice,
}

/// Differences that are closer than this many equal lines belong together.
const GAP: usize = 1;

/// Lines with their ends, as [`TextDiff::from_lines`] counts them.
pub fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Cuts what differs into hunks, none of them decided.
pub fn cut(old: &str, new: &str) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    for operation in TextDiff::from_lines(old, new).ops() {
        if matches!(operation, DiffOp::Equal { .. }) {
            continue;
        }
        let (old, new) = (operation.old_range(), operation.new_range());
        match hunks.last_mut() {
            Some(last)
                if old.start.saturating_sub(last.old.end) <= GAP && new.start.saturating_sub(last.new.end) <= GAP =>
            {
                (last.old.end, last.new.end) = (old.end, new.end);
            }
            _ => hunks.push(Hunk { old, new, choice: Choice::Undecided }),
        }
    }
    hunks
}

/// Cuts anew, and keeps what was decided about hunks whose lines are the same in both versions.
pub fn recut(old: &str, new: &str, before: &[Hunk], new_before: &str) -> Vec<Hunk> {
    let (lines_now, lines_before) = (lines(new), lines(new_before));
    let mut hunks = cut(old, new);
    for hunk in &mut hunks {
        let same = before.iter().find(|other| {
            other.old == hunk.old && lines_before.get(other.new.clone()) == lines_now.get(hunk.new.clone())
        });
        if let Some(same) = same {
            hunk.choice = same.choice.clone();
        }
    }
    hunks
}

/// The new version without the hunks that were rejected.
pub fn apply(old: &str, new: &str, hunks: &[Hunk]) -> String {
    let (old_lines, new_lines) = (lines(old), lines(new));
    let mut text = String::with_capacity(new.len());
    let mut at = 0;
    for hunk in hunks {
        add(&mut text, &new_lines[at..hunk.new.start]);
        let taken = if hunk.choice.is_rejected() { &old_lines[hunk.old.clone()] } else { &new_lines[hunk.new.clone()] };
        add(&mut text, taken);
        at = hunk.new.end;
    }
    add(&mut text, &new_lines[at..]);
    text
}

/// Adds lines. A last line without an end gets one where something follows it.
fn add(text: &mut String, lines: &[&str]) {
    for line in lines {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(line);
    }
}

/// What became of a hunk, as it is written down and told to the model: counted from one, as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The file.
    pub path: String,
    /// Its place among the hunks of the file, from one.
    pub number: usize,
    /// How many there were.
    pub of: usize,
    /// First line of it in the proposed version; where lines were only removed, the line before.
    pub line: usize,
    /// Its first line of text, shortened.
    pub text: String,
    /// What was decided.
    pub choice: Choice,
}

impl Decided {
    /// In one sentence.
    pub fn sentence(&self) -> String {
        let Self { path, number, of, line, text, choice } = self;
        let what = if text.is_empty() { String::new() } else { format!(" ({text})") };
        match choice {
            Choice::Rejected(reason) if !reason.is_empty() => {
                format!("hunk {number} of {of} in {path}, line {line}{what}, was rejected: {reason}")
            }
            other => format!("hunk {number} of {of} in {path}, line {line}{what}, was {}", other.word()),
        }
    }
}

/// Every hunk of a file with what was decided.
pub fn decided(path: &str, old: &str, new: &str, hunks: &[Hunk]) -> Vec<Decided> {
    let (old_lines, new_lines) = (lines(old), lines(new));
    let first = |hunk: &Hunk| {
        let own = new_lines[hunk.new.clone()].iter().chain(&old_lines[hunk.old.clone()]);
        let text = own.map(|line| line.trim()).find(|line| !line.is_empty()).unwrap_or_default();
        text.chars().take(60).collect()
    };
    hunks
        .iter()
        .enumerate()
        .map(|(at, hunk)| Decided {
            path: path.to_owned(),
            number: at + 1,
            of: hunks.len(),
            line: hunk.new.start + usize::from(!hunk.new.is_empty()),
            text: first(hunk),
            choice: hunk.choice.clone(),
        })
        .collect()
}

/// How alike two files are, from zero to one, by their lines: a file that is gone and one that is new are one that was
/// renamed where most of it is the same.
pub fn likeness(old: &str, new: &str) -> f32 {
    TextDiff::from_lines(old, new).ratio()
}

/// From here on a file counts as renamed.
pub const RENAMED: f32 = 0.6;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OLD: &str = "a\nb\nc\nd\ne\nf\ng\n";
    const NEW: &str = "a\nB\nc\nd\ne\nf\nx\ng\n";

    #[test]
    fn each_hunk_is_taken_or_left() {
        let mut hunks = cut(OLD, NEW);
        assert_eq!(
            hunks.iter().map(|hunk| (hunk.old.clone(), hunk.new.clone())).collect::<Vec<_>>(),
            [(1..2, 1..2), (6..6, 6..7)]
        );
        assert_eq!(apply(OLD, NEW, &hunks), NEW);
        hunks[0].choice = Choice::Rejected("b is right".into());
        assert_eq!(apply(OLD, NEW, &hunks), "a\nb\nc\nd\ne\nf\nx\ng\n");
        hunks[1].choice = Choice::Rejected(String::new());
        assert_eq!(apply(OLD, NEW, &hunks), OLD);
        let told: Vec<String> = decided("m.py", OLD, NEW, &hunks).iter().map(Decided::sentence).collect();
        assert_eq!(
            told,
            [
                "hunk 1 of 2 in m.py, line 2 (B), was rejected: b is right",
                "hunk 2 of 2 in m.py, line 7 (x), was rejected"
            ]
        );
    }

    #[test]
    fn an_edit_keeps_what_was_decided_elsewhere() {
        let mut hunks = cut(OLD, NEW);
        hunks[0].choice = Choice::Accepted;
        let edited = NEW.replace("x\n", "y\n");
        let again = recut(OLD, &edited, &hunks, NEW);
        assert_eq!(
            again.iter().map(|hunk| hunk.choice.clone()).collect::<Vec<_>>(),
            [Choice::Accepted, Choice::Undecided]
        );
    }

    #[test]
    fn a_missing_line_end_is_no_lost_line() {
        let hunks = cut("a\nb", "a\nb\nc");
        assert_eq!(apply("a\nb", "a\nb\nc", &hunks), "a\nb\nc");
        let mut left = hunks;
        left[0].choice = Choice::Rejected(String::new());
        assert_eq!(apply("a\nb", "a\nb\nc", &left), "a\nb");
        assert_eq!(cut("", ""), []);
        assert_eq!(apply("", "a\n", &cut("", "a\n")), "a\n");
    }

    proptest! {
        #[test]
        fn all_is_the_new_version_and_none_the_old(old in "([a-d]{0,2}\n){0,12}", new in "([a-d]{0,2}\n){0,12}", mask in any::<u32>()) {
            let mut hunks = cut(&old, &new);
            prop_assert_eq!(apply(&old, &new, &hunks), new.clone());
            for (at, hunk) in hunks.iter_mut().enumerate() {
                if mask >> (at % 32) & 1 == 1 {
                    hunk.choice = Choice::Rejected(String::new());
                }
            }
            // Each hunk brings its own lines of one side, and what lies between stays.
            let applied = apply(&old, &new, &hunks);
            let taken: usize = hunks.iter().map(|hunk| if hunk.choice.is_rejected() { hunk.old.len() } else { hunk.new.len() }).sum();
            let between = lines(&new).len() - hunks.iter().map(|hunk| hunk.new.len()).sum::<usize>();
            prop_assert_eq!(lines(&applied).len(), taken + between);
            for hunk in &mut hunks {
                hunk.choice = Choice::Rejected(String::new());
            }
            prop_assert_eq!(apply(&old, &new, &hunks), old);
        }
    }
}
