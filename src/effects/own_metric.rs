//! The file of a metric of the user's own: read, held against what was approved, approved, and kept as it was.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::domain::experiment::{Event, History};
use crate::domain::failure::Failure;
use crate::domain::framing::Framing;
use crate::domain::metric::{Metric, Problem};
use crate::domain::own_metric::{self, Candidate, Declared, Needs, OwnMetric, Version};
use crate::domain::run::hash;
use crate::effects::executor;
use crate::effects::project::Project;
use crate::effects::session::Session;
use crate::safe;
use crate::text::{RawText, SafeText};

/// The file that is looked for where the project file names none.
pub const USUAL: &str = "metric.py";
/// Longest file that is read, in bytes.
const MAX_BYTES: u64 = 1_000_000;

/// The version of a metric that a run is scored by, with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved {
    /// The version.
    pub version: Version,
    /// Its bytes, as approved.
    pub code: RawText,
}

fn refuse(path: &str, why: SafeText, next: SafeText) -> Failure {
    Failure::input(safe!("{path}"), why, next)
}

/// Where the approved text of that hash is kept.
fn kept_at(project: &Project, hash: &str) -> PathBuf {
    project.state.join("evaluators").join(format!("{hash}.py"))
}

/// The approved text of that hash; nothing where it is gone or is another.
fn kept(project: &Project, wanted: &str) -> Option<RawText> {
    let text = fs::read_to_string(kept_at(project, wanted)).ok()?;
    (hash(&text) == wanted).then(|| RawText::new(text))
}

/// Keeps an approved text under its hash, read-only.
fn keep(project: &Project, code: &RawText) -> Result<(), Failure> {
    let path = kept_at(project, &hash(code.expose()));
    let keep = || -> anyhow::Result<()> {
        fs::create_dir_all(path.parent().unwrap_or(&project.state))?;
        executor::write_synced(&path, code.expose().as_bytes())?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400))?;
        Ok(())
    };
    keep().map_err(|error| {
        Failure::work(
            safe!("{}", path.display()),
            safe!("it can't be written: {error:#}"),
            safe!("make room on the disk"),
        )
    })
}

/// The text of a metric's file as it is now.
fn text_of(project: &Project, path: &str) -> Result<RawText, Failure> {
    let mut text = String::new();
    let read = fs::File::open(project.folder.join(path)).and_then(|file| {
        let n = file.take(MAX_BYTES + 1).read_to_string(&mut text)?;
        if n as u64 > MAX_BYTES { Err(std::io::Error::other("it is longer than a megabyte")) } else { Ok(()) }
    });
    match read {
        Ok(()) => Ok(RawText::new(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(refuse(
            path,
            safe!("there is no such file in {}", project.folder.display()),
            safe!("put it beside the data, or choose another metric"),
        )),
        Err(error) => Err(refuse(path, safe!("it can't be read: {error}"), safe!("check the file"))),
    }
}

/// What a metric's file declares today.
pub fn declared(project: &Project, path: &str) -> Result<Declared, Failure> {
    let text = text_of(project, path)?;
    own_metric::read(path, text.expose())
        .map_err(|why| refuse(path, safe!("{why}"), safe!("docs/evaluator.md shows what such a file holds")))
}

/// Metrics of the user's own that can be chosen: that of the file which the project names, or of `metric.py`.
pub fn choices(project: &Project) -> Vec<Metric> {
    let path = project.metric_file().unwrap_or_else(|| USUAL.to_owned());
    declared(project, &path).ok().map(|declared| Metric::Own(declared.metric)).into_iter().collect()
}

/// A metric's file beside what was approved of it.
pub fn candidate(project: &Project, history: &History, path: &str) -> Result<Candidate, Failure> {
    let code = text_of(project, path)?;
    let now = hash(code.expose());
    let versions: Vec<&String> =
        history.evaluators.iter().filter(|(file, _)| file == path).map(|(_, version)| version).collect();
    Ok(Candidate {
        declared: own_metric::read(path, code.expose()),
        is_approved: versions.contains(&&now),
        before: versions.last().map(|version| ((*version).clone(), kept(project, version))),
        path: path.to_owned(),
        code,
    })
}

/// The metric's file, where the question is decided by one that was not approved as it is.
pub fn unapproved(session: &Session, framing: &Framing) -> Result<Option<Candidate>, Failure> {
    let Metric::Own(own) = framing.metric else { return Ok(None) };
    let candidate = candidate(&session.project, &session.history()?, own.file())?;
    Ok(Some(candidate).filter(|candidate| !candidate.is_approved))
}

/// The approved version by which runs of this question are scored; nothing where a metric of ours decides. Fails with a
/// sentence unless the file is what was approved.
pub fn approved(project: &Project, history: &History, framing: &Framing) -> Result<Option<Approved>, Failure> {
    let Metric::Own(own) = framing.metric else { return Ok(None) };
    let found = candidate(project, history, own.file())?;
    if !found.is_approved {
        return Err(refuse(
            &found.path,
            safe!("{}", own_standing(&found)),
            safe!("look at it with rationale evaluator {}, or press x in the workbench", found.path),
        ));
    }
    let declared = found.declared.clone().map_err(|why| refuse(&found.path, safe!("{why}"), safe!("mend the file")))?;
    let needs = needs_of(&own, &declared, framing.problem)?;
    // The copy that was kept is what runs; it is made again where it is gone, from the same bytes.
    let code = match kept(project, &found.hash()) {
        Some(code) => code,
        None => {
            keep(project, &found.code)?;
            found.code.clone()
        }
    };
    let version = Version {
        path: found.path.clone(),
        hash: found.hash(),
        needs,
        wants_rows: declared.wants_rows,
        seconds: declared.seconds,
    };
    Ok(Some(Approved { version, code }))
}

/// As [`Candidate::standing`], behind the name of the file.
fn own_standing(candidate: &Candidate) -> String {
    let said = candidate.standing();
    let rest = said.strip_prefix(&candidate.path).unwrap_or(&said).trim_start();
    format!("it {rest}")
}

/// What the metric is handed. Fails where it does not fit the question.
pub fn needs_of(own: &OwnMetric, declared: &Declared, problem: Problem) -> Result<Needs, Failure> {
    if declared.metric != *own {
        return Err(refuse(
            own.file(),
            safe!(
                "it holds {} {} now, and the question was framed with {} {}",
                declared.metric.name(),
                declared.metric.direction().arrow(),
                own.name(),
                own.direction().arrow()
            ),
            safe!("frame the question again, with today's metric"),
        ));
    }
    let needs = declared.needs.unwrap_or(if problem.is_classification() { Needs::Class } else { Needs::Number });
    if !needs.suits(problem) {
        return Err(refuse(
            own.file(),
            safe!("needs = \"{}\" does not suit a {} problem", needs.word(), problem.word()),
            safe!("number is for regression; class and probability are for classes"),
        ));
    }
    Ok(needs)
}

/// Keeps the text, and remembers with `record` that these very bytes were approved.
pub fn approve(
    project: &Project,
    candidate: &Candidate,
    record: impl FnOnce(Event) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if let Err(why) = &candidate.declared {
        return Err(refuse(&candidate.path, safe!("{why}"), safe!("mend the file before it is approved")));
    }
    keep(project, &candidate.code)?;
    record(Event::EvaluatorApproved { path: candidate.path.clone(), hash: candidate.hash() })
}

/// Approves the file as it was shown: where its hash is another by now, nothing is approved.
pub fn approve_shown(session: &Session, path: &str, shown: &str) -> Result<(), Failure> {
    let candidate = candidate(&session.project, &session.history()?, path)?;
    if candidate.hash() != shown {
        return Err(refuse(path, safe!("it changed while it was looked at"), safe!("look at it again")));
    }
    approve(&session.project, &candidate, |event| session.record(event).map(|_| ()))
}
