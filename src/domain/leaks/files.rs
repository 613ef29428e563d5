//! Files that are read and written, and data that libraries bring along.

use super::Rule;
use super::call::Args;
use super::names::{self};
use super::state::Walk;
use super::value::{Cols, Set, Side, VAGUE, Value, WHOLE, What};

impl<'a> Walk<'a> {
    /// Functions that read, write or bring data along.
    pub(super) fn io(&mut self, path: &str, name: &str, args: &Args<'a>) -> Option<Value> {
        let first =
            args.values.first().or_else(|| args.keywords.first().map(|(_, value)| value)).cloned().unwrap_or_default();
        let from_module = |modules: &[&str]| modules.iter().any(|module| path.starts_with(module));
        match name {
            _ if (name.starts_with("read_") || name.starts_with("scan_")) && path.contains('.') => {
                let text = first.as_text().map(ToOwned::to_owned);
                if args.keyword("parse_dates").is_some() || args.flag("try_parse_dates") == Some(true) {
                    self.next.dates = true;
                }
                let derived = first.what == What::DataPath && first.is(VAGUE);
                let mut value = self.reads(text.as_deref(), args, name);
                if derived {
                    value.part = Some(self.apart());
                    self.emit(
                        Rule::ReadsHoldout,
                        args.line,
                        format!("{name} reads a file beside the data that was handed over"),
                    );
                }
                let columns = args.keyword("usecols").or(args.keyword("columns")).and_then(Value::texts);
                if let Some(columns) = columns {
                    value.cols = Cols::Only(columns);
                }
                if path.starts_with("polars") {
                    value.marks |= super::value::POLARS;
                }
                Some(value)
            }
            "open" if path == "open" || path.ends_with("gzip.open") || path.ends_with("io.open") => {
                let mode = args.get(1, "mode").and_then(Value::as_text).unwrap_or("r");
                if mode.contains(['w', 'a', 'x']) {
                    return Some(self.writes("open", args.line));
                }
                let text = first.as_text().map(ToOwned::to_owned);
                self.reads(text.as_deref(), args, name);
                Some(if self.is_solution() { Value::new(What::Constant) } else { Value::default() })
            }
            // What was opened was judged there.
            "load" | "loads" if path.starts_with("json") && first.what == What::Constant => Some(Value::default()),
            "load" | "loads" | "loadtxt" | "genfromtxt" | "fromfile"
                if from_module(&["numpy", "joblib", "pickle", "json", "torch", "np", "dill", "cloudpickle"]) =>
            {
                let text = first.as_text().map(ToOwned::to_owned);
                let is_pickle = !from_module(&["numpy", "np", "json"]);
                let value = self.reads(text.as_deref(), args, if is_pickle { path } else { name });
                Some(if from_module(&["numpy", "np"]) { value } else { Value::default() })
            }
            "connect" | "urlopen" | "listdir" | "scandir" | "walk" | "glob" | "urlretrieve" | "popen"
                if self.is_solution() && from_module(&["sqlite3", "urllib", "os", "glob", "pathlib"]) =>
            {
                Some(self.reads(None, args, name))
            }
            "get_objects" | "_getframe" | "currentframe" | "stack" | "get_referrers"
                if from_module(&["gc", "sys", "inspect"]) =>
            {
                self.emit(Rule::ReadsHoldout, args.line, format!("{path}() reaches for what the code was not handed"));
                Some(Value::default())
            }
            "dump" | "save" | "savez" | "savetxt" | "savez_compressed"
                if from_module(&["numpy", "joblib", "pickle", "json", "torch", "np", "dill"]) =>
            {
                Some(self.writes(name, args.line))
            }
            "getenv" | "get" if path == "os.getenv" || path == "os.environ.get" => match first.as_text() {
                Some("RATIONALE_TARGET") => Some(Value::text(self.about.target.unwrap_or("<target>"))),
                Some("RATIONALE_DATA") => Some(Value::new(What::DataPath)),
                Some(text) if text.starts_with("RATIONALE") => {
                    self.emit(Rule::ReadsHoldout, args.line, format!("{text} leads to what the code was not handed"));
                    Some(Value::default())
                }
                _ => Some(args.values.get(1).cloned().unwrap_or_default()),
            },
            "Path" | "PurePath" | "expanduser" | "abspath" => Some(first),
            "with_name" | "joinpath" if path.starts_with("__file__") => args.values.last().cloned(),
            "dirname" if first.what == What::DataPath => Some(first.with(VAGUE)),
            "join" if path.contains("path.join") => {
                if first.what == What::DataPath {
                    return Some(first.with(VAGUE));
                }
                let texts: Option<Vec<&str>> = args.values.iter().map(Value::as_text).collect();
                Some(match (texts, args.values.last().and_then(Value::as_text)) {
                    (Some(texts), _) => Value::text(&texts.join("/")),
                    (None, Some(last)) => Value::text(last),
                    _ => Value::default(),
                })
            }
            _ if path.contains("datasets")
                && (name.starts_with("load_") || name.starts_with("fetch_") || name.starts_with("make_")) =>
            {
                Some(self.example(name, args))
            }
            "load_dataset" => Some(self.reads(None, args, name)),
            _ => None,
        }
    }

    pub(super) fn example(&mut self, name: &str, args: &Args<'a>) -> Value {
        if self.is_solution() && !name.starts_with("make_") {
            self.emit(Rule::ReadsHoldout, args.line, format!("{name}() brings rows of its own"));
        }
        let root = self.new_root();
        let is_test = args.keyword("subset").and_then(Value::as_text) == Some("test");
        let part = if is_test { self.apart() } else { WHOLE };
        let bunch = Value { root, part: Some(part), line: args.line, ..Value::new(What::Bunch) };
        if args.flag("return_X_y") == Some(true) || name.starts_with("make_") {
            let (features, labels) =
                (self.attribute(&bunch, "data", args.line), self.attribute(&bunch, "target", args.line));
            return Value::list(vec![features.with(VAGUE), labels.with(VAGUE)]);
        }
        bunch
    }

    pub(super) fn writes(&mut self, name: &str, line: u32) -> Value {
        if self.is_solution() {
            let text = format!(
                "{name} writes a file, from which the same fold can recall rows; files of another fold are out of its reach, but for sandbox levels below standard"
            );
            self.emit(Rule::Memorises, line, text);
        }
        Value::default()
    }

    /// Rows from a file, which may not be the one that was handed over.
    pub(super) fn reads(&mut self, path: Option<&str>, args: &Args<'a>, name: &str) -> Value {
        let line = args.line;
        let root = self.new_root();
        let mut value = Value { part: Some(WHOLE), root, cols: Cols::AllBut(Set::new()), ..Value::new(What::Frame) };
        let shown = path.unwrap_or("a file").to_owned();
        if path.is_some_and(names::sounds_like_settings) {
            return Value::new(What::Constant);
        }
        if self.is_solution() {
            let (rule, text) = what_it_does(name, &shown);
            self.emit(rule, line, text);
            return value;
        }
        let Some(path) = path else { return value };
        let base = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or(path).to_lowercase();
        let own = self.about.data.is_some_and(|data| base(data) == base(path));
        let has_table = |path: &str| {
            [
                ".csv", ".tsv", ".parquet", ".feather", ".xlsx", ".json", ".jsonl", ".npy", ".npz", ".pkl", ".txt",
                ".gz", ".arff", ".h5",
            ]
            .iter()
            .any(|end| path.to_lowercase().ends_with(end))
        };
        let is_remote = path.contains("://");
        let is_outside = path.starts_with('/') || path.starts_with('~') || path.contains("..") || path.contains(":\\");
        let known = self.about.data.is_some() && self.about.data != Some(path);
        let tells = if is_remote {
            false
        } else if !own && names::sounds_like_holdout(path) {
            true
        } else {
            known && ((!own && has_table(path) && name != "open") || is_outside)
        };
        if tells {
            if !own {
                value.part = Some(self.apart());
            }
            self.emit(
                Rule::ReadsHoldout,
                line,
                format!("{name} reads {shown}, which is not the data that was handed over"),
            );
        }
        if let (Some((Side::Test, _)), false) = (names::hint(&base(path)), own) {
            value.part = Some(self.apart());
        }
        value
    }

    /// Rows to test on that are not among the others.
    pub(super) fn apart(&mut self) -> usize {
        self.parts.push(super::value::Part { side: Side::Test, of: None, loops: 0, twin: None, holds: Vec::new() });
        self.parts.len() - 1
    }
}

/// What a call in a solution does that brings more than the rows it was handed: the rule, and a sentence.
fn what_it_does(name: &str, shown: &str) -> (Rule, String) {
    let is_pickle = ["pickle.", "cloudpickle.", "joblib.", "dill.", "torch."].iter().any(|of| name.starts_with(of));
    match name {
        "listdir" | "scandir" | "walk" | "glob" => {
            (Rule::ListsFiles, format!("{name} looks for files; a solution is handed its rows and needs no others"))
        }
        "urlopen" | "urlretrieve" => {
            (Rule::ReachesOut, format!("{name} fetches from the network what the code was not handed"))
        }
        "connect" => (Rule::ReachesOut, format!("{name} opens a database, which the code was not handed")),
        "popen" => {
            (Rule::ReachesOut, format!("{name} starts another program, which may bring what was not handed over"))
        }
        "load_dataset" => (Rule::ReadsHoldout, format!("{name} brings rows of its own")),
        _ if is_pickle && name.ends_with("loads") => {
            (Rule::Unpickles, format!("{name} makes objects of bytes, and what they were fitted on can't be seen"))
        }
        _ if is_pickle || name == "read_pickle" => {
            (Rule::Unpickles, format!("{name} makes objects of {shown}, and what they were fitted on can't be seen"))
        }
        _ => (Rule::ReadsHoldout, format!("{name} reads {shown}; a solution is handed its rows")),
    }
}
