//! What the jobs that are alive report, and what it changes.

use crate::app::Model;
use crate::app::asking;
use crate::app::charts;
use crate::app::dataset::{PAGE_ROWS, Rows};
use crate::app::effect::{Effect, Job};
use crate::app::errors;
use crate::app::figures;
use crate::app::jobs::{JobId, JobKind};
use crate::app::layout::Pane;
use crate::app::msg::JobEvent;
use crate::app::overlay::Overlay;
use crate::app::phase::decisions::needs_baseline;
use crate::app::phase::moves::{show_page, show_page_once};
use crate::app::phase::{Holds, Phase, Waiting, on_loop, say, show};
use crate::app::phase::{environment, evaluator, look, running};
use crate::app::replay;
use crate::app::sheet;
use crate::app::transcript::Shown;
use crate::domain::before::Premise;
use crate::domain::experiment::Decision;
use crate::domain::failure::Failure;
use crate::domain::framing::Field;
use crate::domain::money::{self, Allowance};
use crate::domain::question::Question;
use crate::domain::run::CodeFile;
use crate::domain::tools::Tool;
use crate::domain::turn::{BlockKind, StreamEvent};
use crate::safe;
use crate::text::{SafeText, figure};

/// How long a server keeps what comes first in the requests of the workbench.
const CACHE_MS: u64 = 3_600_000;

pub(super) fn on_priced(model: &mut Model, mut question: Box<Question>) -> Vec<Effect> {
    model.phase = Phase::Ready;
    // Which model a server offers is known once it was asked.
    model.meter.set_endpoint(&question.endpoint);
    let (most, cap) = (question.most_usd, model.meter.cap);
    let allowance = money::allowance(&model.meter.spent, most, cap);
    let caution = match allowance {
        Allowance::Fine => None,
        Allowance::Unknown => Some(safe!("what {} costs is not known", question.endpoint.model)),
        Allowance::Unchecked(n) => Some(safe!("{n} earlier answers have no known price, so the cap can't be checked")),
        Allowance::Beyond => Some(safe!("this may pass the spending cap of {}", figure::dollars(cap))),
        Allowance::Near => Some(safe!("this may use more than four fifths of the cap of {}", figure::dollars(cap))),
    };
    // Whoever asks in spite of a cap that it may pass has said so; otherwise its rounds stay below it.
    if let (Allowance::Fine | Allowance::Near, Some(cap), Some(_)) = (allowance, cap, most.filter(|usd| *usd > 0.0)) {
        question.limit_usd = Some(cap - model.meter.spent.committed());
    }
    show(model, Overlay::Price { question, bytes: None, first: 0, caution })
}

/// A job that is alive reports.
pub fn on_job(model: &mut Model, id: JobId, event: JobEvent) -> Vec<Effect> {
    let kind = model.jobs.kind(id);
    if event.is_last() {
        model.jobs.end(id);
    }
    let now = model.meter.now;
    match event {
        JobEvent::Opened(source, page) => on_opened(model, *source, page),
        JobEvent::Counting(n) => {
            model.dataset.rows = Rows::AtLeast(n.max(model.dataset.rows.sure()));
            model.dataset.version += 1;
            Vec::new()
        }
        JobEvent::Counted(n) => {
            model.dataset.rows = Rows::Exactly(n);
            model.dataset.version += 1;
            show_page(model)
        }
        JobEvent::Paged(page) => {
            model.dataset.page = page;
            model.dataset.version += 1;
            show_page_once(model)
        }
        JobEvent::Passed(_) | JobEvent::Found(_) | JobEvent::Stepped(..) | JobEvent::Counts(_) | JobEvent::Cell(..) => {
            look::on_report(model, event)
        }
        JobEvent::Profiled(idx, column) => {
            model.dataset.on_profiled(idx, *column);
            Vec::new()
        }
        JobEvent::Known(known, proposal, framing) => {
            on_known(model, *known, proposal.map(|proposal| *proposal), framing.map(|framing| *framing))
        }
        JobEvent::Framed(n_holdout, seen) => on_framed(model, n_holdout, seen),
        JobEvent::Loaded(history, recovered, alive) => {
            model.history.on_loaded(*history);
            model.meter.on_history(&model.history.history, "");
            let mut effects = running::find_again(model, &alive);
            if model.history.is_behind() {
                effects.extend(model.jobs.restart(Job::Load));
            } else if !model.jobs.any(JobKind::Watch) {
                effects.push(model.jobs.start(Job::Watch(model.history.history.last_seq)).1);
            }
            if let Some(last) = recovered.last() {
                offer_kept(model);
                effects.extend(say(model, last.clone()));
            }
            effects
        }
        JobEvent::Adrift(alive) => running::find_again(model, &alive),
        JobEvent::Place(place) => {
            model.review.set_place(*place);
            Vec::new()
        }
        JobEvent::Priced(question) => on_priced(model, question),
        JobEvent::Waiting { wait_ms, why, .. } => {
            if let Phase::Asking { waiting, .. } = &mut model.phase {
                *waiting = Waiting::Retry { why, until: now + wait_ms };
            }
            Vec::new()
        }
        JobEvent::Connected => {
            if let Phase::Asking { waiting, .. } = &mut model.phase {
                *waiting = Waiting::FirstEvent;
            }
            Vec::new()
        }
        JobEvent::Noted(text) => {
            model.transcript.say(Shown::Note, &text, now);
            Vec::new()
        }
        JobEvent::Limits(limits) => {
            model.meter.limits = Some(limits);
            Vec::new()
        }
        JobEvent::Replayed(tape, percent) => replay::begin(model, *tape, percent),
        JobEvent::Models(offers) => asking::on_models(model, offers, false),
        JobEvent::Detected(offers) => asking::on_models(model, offers, true),
        JobEvent::Chosen(endpoint) => asking::on_chosen(model, &endpoint),
        JobEvent::Stream(event) => on_stream(model, &event),
        JobEvent::Answered(asked) => on_answered(model, &asked),
        JobEvent::Decided => on_decided(model, id),
        JobEvent::Unapproved(candidate, then) => evaluator::on_unapproved(model, id, *candidate, then),
        JobEvent::Approved(then) => evaluator::on_approved(model, *then),
        JobEvent::Lacks(lacks, job) => environment::on_lacks(model, id, *lacks, job),
        JobEvent::Settled(then) => environment::on_settled(model, then),
        JobEvent::Installed(then) => environment::on_installed(model, id, then),
        JobEvent::Environment(_)
        | JobEvent::RunStarted { .. }
        | JobEvent::Run(_)
        | JobEvent::RunEnded { .. }
        | JobEvent::LookedAgain(_)
        | JobEvent::RunsEnded => running::on_run(model, id, event),
        JobEvent::Charted(chart) => charts::on_drawn(model, id, chart),
        JobEvent::Drawn(drawing) => figures::on_drawn(model, Ok(*drawing)),
        JobEvent::Analysed(run_id, analysis) => errors::on_analysed(model, &run_id, analysis),
        JobEvent::Done => Vec::new(),
        JobEvent::Failed(failure) => on_failed(model, id, kind, failure),
    }
}

/// A decision is on disk.
fn on_decided(model: &mut Model, id: JobId) -> Vec<Effect> {
    // What was edited or answered since is other bytes, and nobody has decided about those.
    let Some((_, decision)) = model.review.deciding.take_if(|(job, _)| *job == id) else {
        model.framing.next = None;
        return Vec::new();
    };
    model.review.decision = decision;
    model.review.version += 1;
    if let Some(next) = model.framing.next.take() {
        return on_loop(model, next);
    }
    if decision == Decision::Pending {
        let said = if model.review.stands.is_some() {
            "what was accepted before stands again; a accepts this, Y goes a step on"
        } else {
            "the acceptance is taken back; a accepts it again, Y goes a step on"
        };
        return say(model, said.into());
    }
    let runs = decision.allows_run() && !model.review.files.is_empty();
    let hint = if runs { " – x runs it" } else { " – u goes on with it, t asks for something else" };
    say(model, safe!("{}{hint}", decision.word()))
}

/// The question is fixed.
fn on_framed(model: &mut Model, n_holdout: u64, seen: Option<SafeText>) -> Vec<Effect> {
    model.framing.n_holdout = Some(n_holdout);
    let is_new = std::mem::take(&mut model.framing.is_new);
    let sealed = figure::plural(n_holdout, "row");
    if let Some(seen) = seen {
        say(model, safe!("the question is fixed, {sealed} sealed; {seen}"));
        return model.framing.next.take().map_or_else(Vec::new, |next| on_loop(model, next));
    }
    if let Some(next) = model.framing.next.take() {
        return on_loop(model, next);
    }
    if !is_new {
        return Vec::new();
    }
    let hint = if needs_baseline(model) { " – x runs the baselines" } else { "" };
    say(model, safe!("the question is fixed; {} are sealed{hint}", sealed))
}

pub(super) fn on_opened(
    model: &mut Model,
    source: crate::domain::dataset::Source,
    page: crate::domain::dataset::Page,
) -> Vec<Effect> {
    debug_assert!(page.rows.len() <= PAGE_ROWS * 2, "a first page is small");
    let n_rows = source.n_rows;
    model.history.data = source.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    model.dataset.on_opened(source, page);
    model.framing = crate::app::framing::FramingSlice::default();
    model.phase = Phase::Ready;
    let mut effects = Vec::new();
    for job in [Some(Job::Load), n_rows.is_none().then_some(Job::Count), Some(Job::Profile)].into_iter().flatten() {
        effects.push(model.jobs.start(job).1);
    }
    effects.extend(show_page(model));
    effects
}

pub(super) fn on_known(
    model: &mut Model,
    known: crate::domain::known::Known,
    proposal: Result<crate::domain::framing::Proposal, Failure>,
    framing: Option<crate::domain::framing::Framing>,
) -> Vec<Effect> {
    model.dataset.rows = Rows::Exactly(known.profile.n_rows);
    for (idx, column) in known.profile.columns.iter().enumerate() {
        model.dataset.on_profiled(idx, column.clone());
    }
    model.dataset.warnings.clone_from(&known.warnings);
    model.framing.known = Some(known);
    if let Some(Overlay::Frame { proposal: form, selected, .. }) = &mut model.overlay {
        // Another target was chosen in the form.
        match &proposal {
            Ok(new) => **form = new.clone(),
            Err(failure) => {
                *selected = Field::ALL.iter().position(|field| *field == Field::Target).unwrap_or(0);
                model.notice.show(safe!("{failure}"), model.meter.now);
            }
        }
    }
    model.framing.proposal = Some(proposal);
    match framing {
        Some(framing) => {
            model.meter.cap = Some(framing.cap_usd);
            model.framing.framing = Some(framing.clone());
            model.jobs.restart(Job::Frame(Box::new(framing)))
        }
        None => Vec::new(),
    }
}

pub(super) fn on_stream(model: &mut Model, event: &StreamEvent) -> Vec<Effect> {
    let now = model.meter.now;
    if let Phase::Asking { waiting, kinds, since, .. } = &mut model.phase {
        if *waiting != Waiting::Stop && *event != StreamEvent::Alive {
            *waiting = Waiting::Nothing;
        }
        match event {
            StreamEvent::BlockStarted { index, kind: BlockKind::Text } => kinds.push((*index, Holds::Text)),
            StreamEvent::BlockStarted { index, kind: BlockKind::ToolUse(name) }
                if name == Tool::ProposeFiles.name() =>
            {
                kinds.push((*index, Holds::Files));
            }
            StreamEvent::Delta { index, text } => match kinds.iter().find(|(other, _)| other == index) {
                Some((_, Holds::Text)) => model.review.on_text(text.expose()),
                Some((_, Holds::Files)) => model.review.on_files(text.expose()),
                None => {}
            },
            StreamEvent::Started { usage, .. } | StreamEvent::Used(usage) => {
                model.meter.usage.update(*usage);
                let keeps = model.meter.asked.as_ref().is_some_and(|question| question.endpoint.flags.cache_control);
                model.meter.cached_until = keeps.then_some(*since + CACHE_MS);
            }
            _ => {}
        }
    }
    model.transcript.on_event(event, now);
    Vec::new()
}

pub(super) fn on_answered(model: &mut Model, asked: &crate::domain::question::Asked) -> Vec<Effect> {
    let now = model.meter.now;
    model.phase = Phase::Ready;
    model.transcript.end(now);
    model.meter.usage.update(asked.turn.usage);
    model.meter.miss.clone_from(&asked.turn.miss);
    if let Some(why) = &asked.broken {
        model.transcript.say(Shown::Note, &safe!("interrupted: {why}; what came is kept"), now);
    } else if let Some(note) = asking::note(&asked.turn) {
        model.transcript.say(Shown::Note, &note, now);
    }
    let is_talk = model.meter.asked.as_ref().is_some_and(|question| question.follows.is_some());
    if is_talk && asked.suggestion.files.is_empty() {
        // An answer in words leaves what is under review as it is.
        model.review.end_follow();
        model.history.select(&asked.experiment);
        return Vec::new();
    }
    if model.review.is_unsettled() {
        // What the person wrote is not taken away by what comes later; that waits in the history.
        model.review.end_follow();
        model.history.select(&asked.experiment);
        return say(
            model,
            safe!("your edit stays; a or r decides it, then b on {} in the history brings its files", asked.experiment),
        );
    }
    let earlier = accepted_before(model, &asked.experiment);
    take_question(model);
    model.review.on_answer(asked, earlier);
    model.history.select(&asked.experiment);
    if sheet::is_first(asked.suggestion.task) && sheet::of(model).is_some() {
        sheet::show(model);
    }
    if !model.review.files.is_empty() || !model.review.warnings.is_empty() {
        model.layout.focus(Pane::Code);
    }
    Vec::new()
}

/// Tells the review what the question is, for the rules that look for leaks.
pub(super) fn take_question(model: &mut Model) {
    if let Some(framing) = &model.framing.framing {
        model.review.question = Premise::of(framing, model.framing.known.as_ref(), &model.history.data);
    }
}

/// Files that were accepted in other experiments, the latest first.
pub(super) fn accepted_before(model: &Model, experiment: &str) -> Vec<(String, Vec<CodeFile>)> {
    let others = model.history.list().into_iter().filter(|other| other.id != experiment && other.decision.allows_run());
    others.filter(|other| !other.files.is_empty()).map(|other| (other.id.clone(), other.files.clone())).collect()
}

/// Shows the latest answer that was broken off before: kept, offered, never run.
pub(super) fn offer_kept(model: &mut Model) {
    let now = model.meter.now;
    let Some(kept) = model
        .history
        .list()
        .first()
        .filter(|latest| latest.stop == Some(crate::domain::turn::StopReason::Interrupted))
        .map(|latest| (*latest).clone())
    else {
        return;
    };
    let heading = safe!("{} · {} · kept from before", kept.id, kept.task);
    model.transcript.show(&heading, kept.thinking.expose(), kept.text.expose(), now);
    model.transcript.say(Shown::Note, &"this answer was interrupted; what came is kept – t asks again".into(), now);
    model.transcript.is_live = false;
}

/// A failure appears where it happened.
pub(super) fn on_failed(model: &mut Model, id: JobId, kind: Option<JobKind>, failure: Failure) -> Vec<Effect> {
    let now = model.meter.now;
    match kind {
        Some(JobKind::Open) => model.phase = Phase::Broken(failure),
        Some(JobKind::Profile | JobKind::Count) => {
            model.dataset.failure = Some(failure);
            model.dataset.version += 1;
        }
        Some(JobKind::Frame) => {
            model.framing.framing = None;
            model.framing.next = None;
            model.notice.show(safe!("{failure}"), now);
        }
        Some(JobKind::Ask) => {
            model.phase = Phase::Ready;
            model.transcript.end(now);
            model.transcript.say(Shown::Note, &safe!("{failure}"), now);
        }
        Some(JobKind::Price) => {
            model.phase = Phase::Ready;
            model.transcript.say(Shown::Note, &safe!("{failure}"), now);
            model.layout.focus(Pane::Thinking);
        }
        Some(JobKind::Decide) => {
            model.review.deciding.take_if(|(job, _)| *job == id);
            model.framing.next = None;
            model.notice.show(safe!("{failure}"), now);
        }
        Some(JobKind::Run) => running::on_failed(model, id, &failure),
        Some(JobKind::Figure) => return figures::on_drawn(model, Err(failure)),
        Some(JobKind::Models) => {
            model.overlay = None;
            model.notice.show(safe!("{failure}"), now);
        }
        Some(JobKind::Errors) => errors::on_failed(model, failure),
        Some(JobKind::Draw) => charts::on_failed(model, failure),
        Some(JobKind::Look) => {
            model.dataset.passing = None;
            model.notice.show(safe!("{failure}"), now);
        }
        Some(JobKind::Page | JobKind::Cell | JobKind::Load | JobKind::Watch | JobKind::Replay | JobKind::Tick)
        | None => {
            model.notice.show(safe!("{failure}"), now);
        }
    }
    Vec::new()
}
