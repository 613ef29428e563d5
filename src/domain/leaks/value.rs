//! What is known of a value while a program is read: which rows and columns it holds, and what went into it.

use std::collections::{BTreeMap, BTreeSet};

/// Names of columns.
pub(super) type Set = BTreeSet<String>;

/// All the rows of the data.
pub(super) const WHOLE: usize = 0;
/// The training rows that a solution is handed.
pub(super) const HANDED: usize = 1;
/// The validation rows that a solution is handed, without labels.
pub(super) const VALID: usize = 2;

/// The name of a column that could be any.
pub(super) const SOME: &str = "*";

/// The name that labels have where they come without one.
pub(super) const LABEL: &str = "<y>";

/// Which side of a split some rows are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    All,
    Train,
    Test,
}

/// Some of the rows.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub side: Side,
    /// The rows that were split.
    pub of: Option<usize>,
    /// How many loops were open when it was cut.
    pub loops: usize,
    /// The other side of the same split.
    pub twin: Option<usize>,
    /// Parts that were put together into this one.
    pub holds: Vec<usize>,
}

/// What kind of thing a value is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum What {
    #[default]
    Unknown,
    Constant,
    Number(i64),
    Text(String),
    List(Vec<Value>),
    Dict(Vec<(String, Value)>),
    /// A dotted name of something imported, or of nothing that is known.
    Path(String),
    Object(usize),
    Function(usize),
    Class(usize),
    /// Two dimensions of data.
    Frame,
    /// One dimension of data.
    Column,
    GroupBy,
    /// A number, or a few, computed from rows.
    Stat,
    Corr,
    /// A list of column names.
    Names,
    /// Which rows to take.
    Index,
    /// Distinct values of a column.
    Ids,
    Random,
    Folds,
    Enumerate(Box<Value>),
    Zip(Vec<Value>),
    /// Predictions, with the rows that the model was fitted on.
    Pred(Option<usize>),
    Score,
    /// Labels that can be looked up by row.
    Lookup,
    /// What a loader of example data returns.
    Bunch,
    /// The path of the data that was handed over.
    DataPath,
}

/// Which columns a frame holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Cols {
    #[default]
    Unknown,
    AllBut(Set),
    Only(Set),
    /// These certainly, and others that are not known.
    AtLeast(Set),
    /// Columns by position, from and to.
    Slice(i64, Option<i64>),
}

/// A column that the program made.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Made {
    pub from: Set,
    pub taints: BTreeSet<usize>,
    pub line: u32,
    pub noisy: bool,
}

/// A score: the rows, the line, and whether a loop goes over candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Scored {
    pub part: usize,
    pub line: u32,
    pub looped: bool,
}

/// Cut in a way that only its name tells.
pub(super) const VAGUE: u32 = 1;
/// Some of the rows of its frame.
pub(super) const SUBSET: u32 = 1 << 1;
/// Rows were taken at random.
pub(super) const RANDOM: u32 = 1 << 2;
/// Something that is no column went into it.
pub(super) const NOISY: u32 = 1 << 3;
/// A running sum, from which the row itself can be taken away again.
pub(super) const RUNNING: u32 = 1 << 4;
/// In the order of what it holds.
pub(super) const SORTED: u32 = 1 << 5;
/// Holds a label for each row.
pub(super) const LABELS: u32 = 1 << 6;
/// Names rows.
pub(super) const ROWID: u32 = 1 << 7;
/// A truth value for each row.
pub(super) const MASK: u32 = 1 << 8;
/// The smallest or the largest, which only scales when it divides.
pub(super) const SOFT: u32 = 1 << 9;
/// A statistic within groups.
pub(super) const GROUPED: u32 = 1 << 10;
/// Lives as long as the module.
pub(super) const SHARED: u32 = 1 << 11;
/// Ends training early.
pub(super) const STOPS: u32 = 1 << 12;
/// Moved against the rows it is paired with.
pub(super) const OFFSET: u32 = 1 << 13;
/// Predictions set against labels.
pub(super) const COMPARED: u32 = 1 << 14;
/// One row for each group, or values moved in time.
pub(super) const LAGGED: u32 = 1 << 15;
/// A frame or an expression of polars.
pub(super) const POLARS: u32 = 1 << 16;
/// The constant `True`.
pub(super) const TRUE: u32 = 1 << 17;
/// One value after the other in a list, so that adding puts lists together.
pub(super) const LISTED: u32 = 1 << 19;
/// The latest rows come first.
pub(super) const REVERSED: u32 = 1 << 18;

/// A value while a program is read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Value {
    pub what: What,
    pub part: Option<usize>,
    /// Which file it came from; zero is none.
    pub root: usize,
    pub cols: Cols,
    /// The columns whose value in the same row went into it.
    pub from: Set,
    pub made: BTreeMap<String, Made>,
    pub taints: BTreeSet<usize>,
    pub scores: BTreeSet<Scored>,
    pub line: u32,
    pub marks: u32,
    /// The columns that rows are grouped by.
    pub by: Set,
}

impl Value {
    pub(super) fn new(what: What) -> Self {
        Self { what, ..Self::default() }
    }

    pub(super) fn text(text: &str) -> Self {
        Self::new(What::Text(text.to_owned()))
    }

    pub(super) fn list(values: Vec<Value>) -> Self {
        Self::new(What::List(values))
    }

    pub(super) fn is(&self, mark: u32) -> bool {
        self.marks & mark != 0
    }

    pub(super) fn with(mut self, mark: u32) -> Self {
        self.marks |= mark;
        self
    }

    pub(super) fn without(mut self, mark: u32) -> Self {
        self.marks &= !mark;
        self
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        if let What::Text(text) = &self.what { Some(text) } else { None }
    }

    /// The texts of a list of texts, or of one.
    pub(super) fn texts(&self) -> Option<Set> {
        match &self.what {
            What::Text(text) if text.contains(SOME) => None,
            What::Text(text) => Some(Set::from([text.clone()])),
            What::List(items) => items
                .iter()
                .map(|item| item.as_text().filter(|text| !text.contains(SOME)).map(ToOwned::to_owned))
                .collect(),
            What::Names => {
                if let Cols::Only(names) = &self.cols {
                    Some(names.clone())
                } else {
                    None
                }
            }
            _ => None,
        }
    }

    /// Whether it is made of rows of data.
    pub(super) fn is_data(&self) -> bool {
        matches!(self.what, What::Frame | What::Column | What::Pred(_) | What::GroupBy)
            || (self.part.is_some() && matches!(self.what, What::Unknown | What::Lookup))
    }

    /// Itself, or what lies inside of a list.
    pub(super) fn leaves(&self) -> Vec<&Value> {
        match &self.what {
            What::List(items) | What::Zip(items) => {
                let mut leaves: Vec<&Value> = items.iter().flat_map(Value::leaves).collect();
                leaves.push(self);
                leaves
            }
            What::Dict(items) => {
                let mut leaves: Vec<&Value> = items.iter().flat_map(|(_, value)| value.leaves()).collect();
                leaves.push(self);
                leaves
            }
            What::Enumerate(inner) => inner.leaves(),
            _ => vec![self],
        }
    }

    pub(super) fn all_taints(&self) -> BTreeSet<usize> {
        self.leaves().iter().flat_map(|value| value.taints.iter().copied()).collect()
    }

    pub(super) fn all_scores(&self) -> BTreeSet<Scored> {
        self.leaves().iter().flat_map(|value| value.scores.iter().copied()).collect()
    }

    pub(super) fn any(&self, mark: u32) -> bool {
        self.leaves().iter().any(|value| value.is(mark))
    }

    /// The column of that name, with what is known of it.
    pub(super) fn column(&self, name: &str) -> Self {
        let mut column = self.clone();
        if self.what == What::Frame {
            column.what = What::Column;
        }
        column.cols = Cols::Unknown;
        column.made.clear();
        column.marks &= !(LABELS | NOISY | RUNNING);
        column.from = Set::from([name.to_owned()]);
        if let Some(made) = self.made.get(name) {
            column.taints.extend(&made.taints);
            column.from.extend(made.from.iter().cloned());
            if made.noisy {
                column.marks |= NOISY;
            }
            if made.from.contains(LABEL) {
                column.marks |= LABELS;
            }
        }
        column
    }

    /// Only these columns.
    pub(super) fn select(&self, names: &Value, line: u32) -> Self {
        let mut frame = self.clone();
        frame.line = line;
        frame.taints.extend(names.all_taints());
        if let Some(only) = names.texts() {
            frame.made.retain(|name, _| only.contains(name));
            frame.cols = Cols::Only(only);
        } else if names.what == What::Names {
            frame.cols = names.cols.clone();
            if let Cols::AllBut(but) = &frame.cols {
                frame.made.retain(|name, _| !but.contains(name));
            }
        } else {
            frame.cols = Cols::Unknown;
        }
        frame
    }

    /// All columns but these.
    pub(super) fn minus(&self, names: &Value, line: u32) -> Self {
        let mut frame = self.clone();
        frame.line = line;
        frame.taints.extend(names.all_taints());
        if let Some(gone) = names.texts() {
            frame.made.retain(|name, _| !gone.contains(name));
            match &mut frame.cols {
                Cols::AllBut(but) => but.extend(gone),
                Cols::Only(only) | Cols::AtLeast(only) => only.retain(|name| !gone.contains(name)),
                Cols::Slice(..) | Cols::Unknown => frame.cols = Cols::Unknown,
            }
        } else if let (What::Names, Cols::AllBut(but), Cols::AllBut(_)) = (&names.what, &names.cols, &self.cols) {
            frame.cols = Cols::Only(but.clone());
        } else {
            frame.cols = Cols::Unknown;
        }
        frame
    }

    /// Whether a column is certainly among those of this frame.
    pub(super) fn holds(&self, name: &str) -> bool {
        let place: Option<i64> = name.strip_prefix('#').and_then(|number| number.parse().ok());
        match (&self.cols, place) {
            (Cols::AllBut(but), None) => !but.contains(name) && !but.iter().any(|gone| gone.starts_with('#')),
            (Cols::AllBut(but), Some(_)) => but.is_empty(),
            (Cols::Only(only) | Cols::AtLeast(only), _) => only.contains(name),
            (Cols::Slice(from, to), Some(place)) => match (place >= 0, to) {
                (true, None) => place >= *from,
                (true, Some(to)) if *to >= 0 => place >= *from && place < *to,
                (false, None) => true,
                (false, Some(to)) if *to < 0 => place < *to,
                _ => false,
            },
            (Cols::Slice(..), None) | (Cols::Unknown, _) => false,
        }
    }

    /// Whether there may be columns that nothing is known of.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.cols, Cols::Unknown | Cols::AtLeast(_))
    }

    /// Takes in what went into another value.
    pub(super) fn absorb(&mut self, other: &Value) {
        self.taints.extend(other.all_taints());
        self.scores.extend(other.all_scores());
    }
}

/// One value out of several, when nothing more is known of what was done with them.
pub(super) fn blend(values: &[&Value]) -> Value {
    let leaves: Vec<&Value> = values.iter().flat_map(|value| value.leaves()).collect();
    let first = leaves.iter().find(|value| matches!(value.what, What::Pred(_))).or_else(|| {
        leaves.iter().find(|value| value.is_data() || matches!(value.what, What::Index | What::Ids | What::Random))
    });
    let mut result = Value::default();
    if let Some(first) = first {
        result.what = first.what.clone();
        result.root = first.root;
        result.part = first.part;
        result.line = first.line;
    } else if leaves.iter().any(|value| value.what == What::Score) {
        result.what = What::Score;
    } else if let Some(stat) = leaves.iter().find(|value| value.what == What::Stat) {
        result.what = What::Stat;
        result.part = stat.part;
        result.root = stat.root;
    }
    if result.what == What::GroupBy {
        result.what = What::Column;
    }
    for value in &leaves {
        result.taints.extend(&value.taints);
        result.scores.extend(&value.scores);
        result.marks |= value.marks & !(SORTED | SHARED | TRUE);
        if value.is_data() {
            result.from.extend(value.from.iter().cloned());
            if value.part != result.part {
                result.part = None;
                result.marks |= VAGUE;
            }
        }
    }
    result
}

/// What a name may hold after either of two ways.
pub(super) fn join(one: &Value, other: &Value) -> Value {
    if one == other {
        return one.clone();
    }
    let (keep, give) = match (&one.what, &other.what) {
        (What::Unknown | What::Constant | What::Path(_) | What::Number(_), _) => (other, one),
        (What::Frame, What::Frame) if one.is_open() => (other, one),
        _ => (one, other),
    };
    let mut joined = keep.clone();
    joined.absorb(give);
    joined.marks |= give.marks & (LABELS | RANDOM | STOPS);
    if keep.is_data() && give.is_data() {
        for (name, made) in &give.made {
            let entry = joined.made.entry(name.clone()).or_insert_with(|| made.clone());
            entry.taints.extend(&made.taints);
        }
        if keep.part != give.part {
            joined.part = None;
        }
        joined.cols = match (&keep.cols, &give.cols) {
            (Cols::AllBut(a), Cols::AllBut(b)) => Cols::AllBut(a.union(b).cloned().collect()),
            (Cols::Only(a), Cols::Only(b)) => Cols::Only(a.intersection(b).cloned().collect()),
            (Cols::AtLeast(a), Cols::AtLeast(b)) => Cols::AtLeast(a.intersection(b).cloned().collect()),
            (a, b) if a == b => a.clone(),
            _ => Cols::Unknown,
        };
    }
    if let (What::List(mine), What::List(theirs)) = (&mut joined.what, &give.what) {
        for item in theirs {
            if !mine.contains(item) {
                mine.push(item.clone());
            }
        }
    }
    joined
}
