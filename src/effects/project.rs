//! A project: the folder of a data file, its `rationale.toml`, and what lies in `.rationale` beside it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

use crate::domain::environment::Kind;
use crate::domain::failure::Failure;
use crate::domain::framing::{Framing, Privacy};
use crate::domain::metric::{Metric, Problem};
use crate::domain::prompt;
use crate::domain::split::SplitKind;
use crate::domain::task::Task;
use crate::domain::toml_error::bad_toml;
use crate::effects::data::convert::Place;
use crate::effects::data::sniff;
use crate::effects::own_metric;
use crate::safe;
use crate::text::RawText;

/// Name of the file that holds the framing.
pub const FILE: &str = "rationale.toml";
/// Name of the folder beside the data that holds history and runs.
pub const STATE: &str = ".rationale";

const HEADING: &str =
    "# How the question is framed. Made by rationale, fit to commit; change it before the first experiment.\n\n";

/// The project of one data file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The data file, absolute.
    pub data: PathBuf,
    /// The data file's name, under which its framing is kept.
    pub data_name: String,
    /// The folder that it is in.
    pub folder: PathBuf,
    /// `.rationale` in that folder.
    pub state: PathBuf,
}

/// Most seconds that a run may be given: 30 days.
pub const MAX_TIMEOUT_S: u64 = 30 * 86_400;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    data: BTreeMap<String, Table>,
    evaluator: Option<Evaluator>,
    #[serde(default)]
    python: Python,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Evaluator {
    path: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Python {
    environment: Option<Kind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    target: String,
    problem: Problem,
    positive: Option<String>,
    metric: String,
    #[serde(default = "default_split")]
    split: SplitKind,
    group: Option<String>,
    time: Option<String>,
    #[serde(default = "default_folds")]
    folds: u32,
    #[serde(default = "default_repeats")]
    repeats: u32,
    #[serde(default = "default_seed")]
    seed: u64,
    #[serde(default = "default_holdout")]
    holdout: f64,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default = "default_privacy")]
    privacy: Privacy,
    #[serde(default = "default_cap")]
    cap_usd: f64,
    timeout_s: Option<u64>,
}

fn default_split() -> SplitKind {
    SplitKind::Stratified
}
fn default_folds() -> u32 {
    5
}
fn default_repeats() -> u32 {
    1
}
fn default_seed() -> u64 {
    7
}
fn default_holdout() -> f64 {
    0.2
}
fn default_privacy() -> Privacy {
    Privacy::Statistics
}
fn default_cap() -> f64 {
    5.0
}

impl Project {
    /// The project that a data file belongs to. Nothing is written yet.
    pub fn of(data: &Path) -> Result<Self, Failure> {
        let label = sniff::label(data);
        let data = Place::of(data)
            .canonical()
            .map_err(|_| Failure::input(label.clone(), safe!("there is no such file"), safe!("check the path")))?;
        let folder = data.parent().unwrap_or(Path::new("/")).to_owned();
        let data_name = data.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Self { state: folder.join(STATE), data, data_name, folder })
    }

    /// The project of a folder, whatever data files it holds.
    pub fn in_folder(folder: &Path) -> Result<Self, Failure> {
        let folder = folder.canonicalize().ok().filter(|folder| folder.is_dir()).ok_or_else(|| {
            Failure::input(safe!("{}", folder.display()), safe!("there is no such folder"), safe!("check the path"))
        })?;
        Ok(Self { data: folder.clone(), data_name: String::new(), state: folder.join(STATE), folder })
    }

    /// Makes the folder for history and runs, private to the user and hidden from git.
    pub fn make_state(&self) -> Result<(), Failure> {
        let make = || -> anyhow::Result<()> {
            if !self.state.exists() {
                fs::create_dir(&self.state)?;
                fs::set_permissions(&self.state, fs::Permissions::from_mode(0o700))?;
            }
            let ignore = self.state.join(".gitignore");
            if !ignore.exists() {
                fs::write(ignore, "*\n")?;
            }
            // A folder can be there and yet refuse: a read-only disk shows only when something is written.
            tempfile::NamedTempFile::new_in(&self.state)?;
            Ok(())
        };
        make().map_err(|error| {
            Failure::input(
                safe!("{}", self.folder.display()),
                safe!("it can't be written, and history and runs belong beside the data ({error})"),
                safe!("copy the data file to a folder of yours and open it there"),
            )
        })
    }

    fn toml_path(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    /// Seconds that a run on this data file may take, where the project says so.
    pub fn timeout_s(&self) -> Result<Option<u64>, Failure> {
        Ok(self.table()?.and_then(|(table, _)| table.timeout_s))
    }

    /// What the project's file says of this data file, and the text of the whole file.
    fn table(&self) -> Result<Option<(Table, String)>, Failure> {
        let Some((mut file, text)) = self.file()? else { return Ok(None) };
        Ok(file.data.remove(&self.data_name).map(|table| (table, text)))
    }

    /// The project's own file and its text, if there is one.
    fn file(&self) -> Result<Option<(File, String)>, Failure> {
        let path = self.toml_path();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(Failure::input(
                    safe!("{}", path.display()),
                    safe!("it can't be read: {error}"),
                    safe!("check its permissions"),
                ));
            }
        };
        let file: File = toml::from_str(&text).map_err(|error| bad_toml(FILE, &text, &error))?;
        Ok(Some((file, text)))
    }

    /// What code of this project runs in, where its file says so.
    pub fn environment(&self) -> Result<Option<Kind>, Failure> {
        Ok(self.file()?.and_then(|(file, _)| file.python.environment))
    }

    /// The framing that was accepted before, if there is one.
    pub fn framing(&self) -> Result<Option<Framing>, Failure> {
        let Some((table, text)) = self.table()? else { return Ok(None) };
        let line_of =
            |key: &str| text.lines().position(|line| line.trim_start().starts_with(key)).map_or(0, |line| line + 1);
        let refuse = |key: &str, why: &str, next: &str| {
            Err(Failure::input(safe!("{FILE}, line {}, {key}", line_of(key)), safe!("{why}"), safe!("{next}")))
        };
        if !(2..=50).contains(&table.folds) {
            return refuse("folds", "it must lie between 2 and 50", "5 is usual");
        }
        if !(1..=20).contains(&table.repeats) {
            return refuse("repeats", "it must lie between 1 and 20", "1 is usual, 3 for small data");
        }
        if table.repeats > 1 && table.split == SplitKind::Time {
            return refuse("repeats", "a split by time can be cut in one way only", "use repeats = 1");
        }
        if !(0.0..=0.5).contains(&table.holdout) {
            return refuse("holdout", "it must lie between 0 and 0.5", "0.2 is usual");
        }
        if table.timeout_s.is_some_and(|seconds| seconds == 0 || seconds > MAX_TIMEOUT_S) {
            return refuse("timeout_s", "it is not a number of seconds between 1 and 30 days", "900 is usual");
        }
        if !(table.cap_usd >= 0.0 && table.cap_usd.is_finite()) {
            return refuse("cap_usd", "it must be a number of dollars, zero or more", "5.0 is usual");
        }
        let names: Vec<&str> = table.problem.metrics().iter().map(Metric::name).collect();
        let one_of = format!("use one of {}", names.join(", "));
        let metric = match (Metric::from_name(&table.metric), table.metric.split_once(':')) {
            (Some(metric), _) if table.problem.metrics().contains(&metric) => metric,
            (Some(_), _) => {
                return refuse("metric", &format!("it does not measure a {} problem", table.problem.word()), &one_of);
            }
            (None, Some((path, name))) => {
                let found = own_metric::declared(self, path)?.metric;
                if found.name() != name {
                    return refuse(
                        "metric",
                        &format!("{path} calls its metric {}", found.name()),
                        &format!("write metric = \"{}\"", found.id()),
                    );
                }
                Metric::Own(found)
            }
            (None, None) => {
                return refuse(
                    "metric",
                    &format!("there is no metric {:?}", table.metric),
                    &format!("{one_of}, or one of your own: metric = \"metric.py:name\""),
                );
            }
        };
        if table.split == SplitKind::Grouped && table.group.is_none() {
            return refuse("split", "a grouped split needs a group", "add: group = \"column\"");
        }
        if table.split == SplitKind::Time && table.time.is_none() {
            return refuse("split", "a split by time needs a time", "add: time = \"column\"");
        }
        let raw = |text: String| RawText::new(text);
        Ok(Some(Framing {
            target: raw(table.target),
            problem: table.problem,
            positive: table.positive.map(raw),
            metric,
            split: table.split,
            group: table.group.map(raw),
            time: table.time.map(raw),
            folds: table.folds,
            repeats: table.repeats,
            seed: table.seed,
            holdout: table.holdout,
            exclude: table.exclude.into_iter().map(raw).collect(),
            privacy: table.privacy,
            cap_usd: table.cap_usd,
        }))
    }

    /// The file of the user's own metric that the project file names.
    pub fn metric_file(&self) -> Option<String> {
        let text = fs::read_to_string(self.toml_path()).ok()?;
        Some(toml::from_str::<File>(&text).ok()?.evaluator?.path)
    }

    /// Writes the framing; what else stands in the file stays as it is.
    pub fn save_framing(&self, framing: &Framing) -> Result<(), Failure> {
        let path = self.toml_path();
        let save = || -> anyhow::Result<()> {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let mut document: toml_edit::DocumentMut = text.parse().context("it is not valid TOML")?;
            let tables = document.entry("data").or_insert_with(|| {
                let mut table = toml_edit::Table::new();
                table.set_implicit(true);
                toml_edit::Item::Table(table)
            });
            let table = tables
                .as_table_mut()
                .context("`data` is not a table")?
                .entry(&self.data_name)
                .or_insert_with(toml_edit::table);
            let table = table.as_table_mut().context("the data file's entry is not a table")?;
            if text.trim().is_empty() {
                table.decor_mut().set_prefix(HEADING);
            }
            let mut set = |key: &str, value: Option<toml_edit::Value>| match value {
                Some(mut value) => {
                    // A comment behind a value stays there.
                    if let Some(old) = table.get(key).and_then(toml_edit::Item::as_value) {
                        *value.decor_mut() = old.decor().clone();
                    }
                    table[key] = toml_edit::value(value);
                }
                None => {
                    table.remove(key);
                }
            };
            let text = |raw: &RawText| toml_edit::Value::from(raw.expose());
            set("target", Some(text(&framing.target)));
            set("problem", Some(framing.problem.word().into()));
            set("positive", framing.positive.as_ref().map(text));
            set("metric", Some(framing.metric.id().into()));
            set("split", Some(framing.split.word().into()));
            set("group", framing.group.as_ref().map(text));
            set("time", framing.time.as_ref().map(text));
            set("folds", Some(i64::from(framing.folds).into()));
            set("repeats", (framing.repeats > 1).then(|| i64::from(framing.repeats).into()));
            set("seed", Some(i64::try_from(framing.seed).unwrap_or(7).into()));
            set("holdout", Some(framing.holdout.into()));
            set("exclude", Some(framing.exclude.iter().map(RawText::expose).collect::<toml_edit::Array>().into()));
            set("privacy", Some(framing.privacy.word().into()));
            set("cap_usd", Some(framing.cap_usd.into()));
            super::executor::write_synced(&path, document.to_string().as_bytes())
        };
        save().map_err(|error| {
            Failure::input(
                safe!("{}", path.display()),
                safe!("it can't be written: {error:#}"),
                safe!("check the folder's permissions"),
            )
        })
    }

    /// The template of a task: the project's own, or the one that comes with the program.
    pub fn template(&self, task: Task) -> String {
        fs::read_to_string(self.state.join("prompts").join(format!("{}.md", task.id())))
            .unwrap_or_else(|_| prompt::builtin(task).to_owned())
    }

    /// The key by which this project's cells are masked. Made once, readable by the user alone.
    pub fn mask_key(&self) -> [u8; 32] {
        let path = self.state.join("mask.key");
        if let Some(key) = fs::read(&path).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()) {
            return key;
        }
        let mut hasher = blake3::Hasher::new();
        for _ in 0..4 {
            hasher.update(uuid::Uuid::now_v7().as_bytes());
        }
        let key = *hasher.finalize().as_bytes();
        if super::executor::write_synced(&path, &key).is_ok() {
            let _ = fs::set_permissions(&path, fs::Permissions::from_mode(0o600));
        }
        key
    }
}
