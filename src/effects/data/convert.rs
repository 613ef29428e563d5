//! Files that are no rows of text: a process of our own turns them into such rows, so that a bad one costs a sentence.

pub mod apart;
mod database;
mod sheet;

use std::fs::File;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tempfile::TempPath;

use crate::domain::dataset::Format;
use crate::domain::failure::Failure;
use crate::effects::data::sniff;
use crate::effects::sandbox;
use crate::safe;
use crate::text::SafeText;

/// What a file is that has to be converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A zip archive: a workbook since 2007, or an ODS sheet.
    Zip,
    /// A workbook of Excel before 2007.
    OldWorkbook,
    /// An SQLite database.
    Database,
}

impl Kind {
    /// By the first bytes, whatever the name says.
    pub fn of(magic: &[u8]) -> Option<Self> {
        if magic.starts_with(b"PK\x03\x04") || magic.starts_with(b"PK\x05\x06") {
            Some(Self::Zip)
        } else if magic.starts_with(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
            Some(Self::OldWorkbook)
        } else if magic.starts_with(b"SQLite format 3\0") {
            Some(Self::Database)
        } else {
            None
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::OldWorkbook => "xls",
            Self::Database => "sqlite",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Zip, Self::OldWorkbook, Self::Database].into_iter().find(|kind| kind.word() == word)
    }
}

/// What stands for a slash in the name of a part.
const SLASH: &str = "\u{2215}";

/// A path as given: a file, and perhaps which of its tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The sheet, the table or the packed file that is meant.
    pub part: Option<String>,
}

impl Place {
    /// Takes `book.xlsx#Sheet2` apart; a file that has this very name is that file.
    pub fn of(path: &Path) -> Self {
        let whole = Self { file: path.to_owned(), part: None };
        let Some(text) = path.to_str().filter(|_| !path.exists()) else { return whole };
        text.match_indices('#')
            .map(|(at, _)| (Path::new(&text[..at]), &text[at + 1..]))
            .find(|(file, _)| file.is_file())
            .map_or(whole, |(file, part)| Self { file: file.to_owned(), part: Some(part.replace(SLASH, "/")) })
    }

    /// The path with all links resolved. A slash in the name of a part becomes U+2215, so that it names no folder.
    pub fn canonical(&self) -> std::io::Result<PathBuf> {
        let mut path = self.file.canonicalize()?.into_os_string();
        if let Some(part) = &self.part {
            path.push("#");
            path.push(part.replace('/', SLASH));
        }
        Ok(path.into())
    }

    /// The name of the file, and of the part that is meant.
    pub fn name(&self) -> String {
        let name = self.file.file_name().map_or_else(|| self.file.to_string_lossy(), |name| name.to_string_lossy());
        match &self.part {
            Some(part) => format!("{name}#{}", part.replace('/', SLASH)),
            None => name.into_owned(),
        }
    }
}

/// A file whose rows are text now.
#[derive(Debug)]
pub struct Converted {
    /// Where they are; removed when this is dropped.
    pub file: TempPath,
    /// What the process says of them.
    pub report: Report,
}

/// What the process says that converted a file.
#[derive(Debug, Serialize, Deserialize)]
pub struct Report {
    /// How what was written is to be read.
    pub body: Body,
    /// What the file was.
    pub was: Was,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// How converted bytes are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// Comma-separated, the names first.
    Named,
    /// Comma-separated, and the first record looked at to see whether it holds names.
    Csv,
}

/// What a converted file was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Was {
    /// A workbook of Excel, of any age.
    Excel,
    /// An ODS sheet.
    Ods,
    /// A table of an SQLite database.
    Sqlite,
}

impl Was {
    /// The format that is shown.
    pub fn format(self) -> Format {
        match self {
            Self::Excel => Format::Excel,
            Self::Ods => Format::Ods,
            Self::Sqlite => Format::Sqlite,
        }
    }
}

/// Why a file can't be converted, in two parts of a sentence.
#[derive(Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// What is wrong with it.
    pub why: String,
    /// What to do about it.
    pub next: String,
}

impl Refusal {
    pub(super) fn new(why: impl Into<String>, next: impl Into<String>) -> Self {
        Self { why: why.into(), next: next.into() }
    }
}

/// What the process is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The rows.
    Rows,
    /// Whether the file opens and has the table that is named; no row is written.
    Names,
}

impl Wanted {
    fn word(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Names => "names",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Rows, Self::Names].into_iter().find(|wanted| wanted.word() == word)
    }
}

/// Has the file converted by a process of its own, with bounds on its memory, its time and what it writes.
pub fn convert(place: &Place, kind: Kind, wanted: Wanted) -> Result<Converted, Failure> {
    let name = sniff::label(&place.file);
    match apart(place, kind, wanted) {
        Ok(Ok(converted)) => Ok(converted),
        Ok(Err(refusal)) => Err(Failure::input(name, safe!("{}", refusal.why), safe!("{}", refusal.next))),
        Err(error) => {
            Err(Failure::work(name, safe!("{error:#}"), safe!("make room in the temporary folder, and try again")))
        }
    }
}

fn apart(place: &Place, kind: Kind, wanted: Wanted) -> Result<std::result::Result<Converted, Refusal>> {
    let file = tempfile::Builder::new().prefix("rationale-").suffix(".unpacked").tempfile()?;
    let mut child = Command::new(sandbox::own_program()?)
        .args([apart::CONVERT, wanted.word(), kind.word()])
        .arg(&place.file)
        .args(&place.part)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::from(file.reopen()?))
        .stderr(Stdio::piped())
        .spawn()
        .context("the process that reads it can't be started")?;
    let mut said = Vec::new();
    child.stderr.take().context("no output")?.take(1 << 20).read_to_end(&mut said)?;
    let ended = child.wait()?;
    let broken = |why: &str| Refusal::new(why, "check that the file is whole, or save the table as CSV");
    Ok(if ended.success() {
        match serde_json::from_slice(&said) {
            Ok(report) => Ok(Converted { file: file.into_temp_path(), report }),
            Err(_) => Err(broken("the process that reads it did not say what it found")),
        }
    } else if let Ok(refusal) = serde_json::from_slice::<Refusal>(&said) {
        Err(refusal)
    } else if ended.signal() == Some(rustix::process::Signal::XFSZ.as_raw()) {
        Err(broken("it unpacks to far more than a table of its size would"))
    } else if ended.signal().is_some() {
        Err(broken("reading it takes more memory or time than a table should"))
    } else {
        Err(broken("its contents make no sense"))
    })
}

/// The beginning of converted bytes.
pub fn head_of(file: &Path) -> std::io::Result<(Vec<u8>, bool)> {
    let mut head = vec![0; sniff::HEAD + 1];
    let n = sniff::read_up_to(&mut File::open(file)?, &mut head)?;
    head.truncate(n.min(sniff::HEAD));
    Ok((head, n <= sniff::HEAD))
}

/// Notes as they are shown.
pub fn safe_notes(notes: &[String]) -> Vec<SafeText> {
    notes.iter().map(|note| safe!("{note}")).collect()
}
