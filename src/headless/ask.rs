//! `rationale ask`
#![expect(clippy::disallowed_methods, reason = "a command owns the task that prints")]

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::domain::experiment::Decision;
use crate::domain::failure::Failure;
use crate::domain::money::{self, Allowance, Spent};
use crate::domain::question::{Asked, Question, Wish};
use crate::domain::run::{CodeFile, FileKind, Outcome, Status};
use crate::domain::task::Task;
use crate::domain::turn::{BlockKind, StreamEvent};
use crate::effects::api::Update;
use crate::effects::asking::Desk;
use crate::effects::world::World;
use crate::headless::printer::Printer;
use crate::headless::{Console, Framed, frame, run};
use crate::safe;
use crate::text::chart::{self, Series};
use crate::text::{SafeText, figure};

/// What was asked for on the command line.
#[derive(Debug)]
pub struct Options {
    /// What to ask.
    pub task: Task,
    /// The column to predict.
    pub target: Option<String>,
    /// The user's words and settings.
    pub wish: Wish,
    /// What to do with the answer.
    pub then: Then,
    /// Ask whatever it costs.
    pub spend: bool,
    /// How to print.
    pub output: Output,
}

/// What to do with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Leave the decision open.
    Nothing,
    /// Accept it.
    Accept,
    /// Accept it and run it.
    Run,
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// For people, as it streams.
    Text,
    /// One document at the end.
    Json,
    /// One object a line as things happen.
    Stream,
}

/// Reads the task's name.
pub fn task(id: &str) -> Result<Task, Failure> {
    Task::from_id(id).ok_or_else(|| {
        let all = Task::ALL.map(Task::id).join(", ");
        Failure::input(safe!("task {id}"), safe!("there is none of that name"), safe!("use one of {all}"))
    })
}

/// Reads `KEY=VALUE`.
pub fn settings(given: &[String]) -> Result<Vec<(String, String)>, Failure> {
    given
        .iter()
        .map(|setting| {
            setting
                .split_once('=')
                .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
                .filter(|(key, _)| !key.is_empty())
                .ok_or_else(|| {
                    Failure::input(
                        safe!("--set {setting}"),
                        safe!("it is not KEY=VALUE"),
                        safe!("write for example --set strategy=aggressive"),
                    )
                })
        })
        .collect()
}

/// Asks, prints what comes, and goes as far as it was told to. Returns the exit code.
pub async fn ask(world: &Arc<World>, path: &Path, options: Options) -> Result<u8, Failure> {
    let quiet = options.output != Output::Text;
    let tell = move |line: SafeText| {
        if !quiet {
            Console.note(&line);
        }
    };
    let framed = {
        let (world, path, target) = (Arc::clone(world), path.to_owned(), options.target.clone());
        tokio::task::block_in_place(|| frame(&world, &path, target.as_deref(), &tell))?
    };
    // What will run is compared with them, and what reads the history reads them; an answer in words needs neither.
    let runs = options.task == Task::Debug || options.task.file().is_some_and(|(_, kind)| kind.runs());
    if options.then == Then::Run && runs {
        run::baselines(&framed, &tell).await?;
    }
    let desk = Desk { session: &framed.session, known: &framed.known, framing: &framed.framing };
    let mut question = desk.question(options.task, &options.wish).await?;
    if options.output == Output::Text && !question.curves.curves.is_empty() {
        chart(&question);
    }
    question.limit_usd = check_price(&framed, &question, options.spend)?;
    let parent = parent(&framed)?;
    let (sender, receiver) = mpsc::channel(256);
    let printer = tokio::spawn(print(receiver, options.output));
    let asked = desk.ask(&question, parent, &sender, &CancellationToken::new()).await;
    drop(sender);
    let _ = printer.await;
    let asked = asked?;
    let mut decision = Decision::Pending;
    let mut run_json = None;
    let mut more = Vec::new();
    let mut code = u8::from(asked.broken.is_some());
    let files = ordered(&asked);
    if options.then != Then::Nothing {
        if let Some(refusal) = refusal(&asked) {
            tell(safe!("not accepted: {refusal}"));
            code = 1;
        } else {
            decision = Decision::Accepted;
            framed.session.decide(&asked.experiment, decision, None, &files, Vec::new())?;
            if options.then == Then::Run && files.first().is_some_and(|file| file.kind.runs()) {
                let mut done = run::run(&framed, &asked.experiment, &files, options.output, &tell).await?;
                code = u8::from(done.0.status != Status::Finished || is_unproven(files[0].kind, &done.0));
                if options.output == Output::Text {
                    Console.out("");
                    done.0.findings.lines().iter().for_each(|line| Console.out(&safe!("{line}").to_string()));
                    tell(safe!("{}", run::said(&done.2, &done.0, &done.1)));
                }
                run_json = Some(crate::json::run(&done.2, &done.0, Some(&done.1)));
                for other in others(options.task, &files) {
                    done = run::run(&framed, &asked.experiment, &other, options.output, &tell).await?;
                    code = code.max(u8::from(done.0.status != Status::Finished));
                    if options.output == Output::Text {
                        tell(safe!("{}: {}", other[0].path, run::said(&done.2, &done.0, &done.1)));
                    }
                    more.push(crate::json::run(&done.2, &done.0, Some(&done.1)));
                }
            }
        }
    }
    let mut shape = crate::json::ask(&question, &asked, decision, run_json.as_ref());
    if !more.is_empty() {
        shape["more_runs"] = json!(more);
    }
    match options.output {
        Output::Json => Console.json(&shape),
        Output::Stream => Console.json(&crate::json::typed("result", shape)),
        Output::Text => summary(&asked, decision),
    }
    Ok(code)
}

/// The curves that a question is about, in the terminal.
fn chart(question: &Question) {
    let curves = question.curves.curves.iter().take(6);
    let series: Vec<Series<'_>> = curves.map(|curve| Series { name: &curve.name, points: &curve.points }).collect();
    for row in chart::braille(&series, 76, 10) {
        let line: String = row.into_iter().map(|(glyph, _)| glyph).collect();
        Console.out(line.trim_end());
    }
    let names: Vec<String> = series.iter().map(|one| safe!("{}", one.name).to_string()).collect();
    Console.out(&format!("{}\n", names.join(" · ")));
}

/// New code that does not give what the old one gave is not done.
fn is_unproven(kind: FileKind, outcome: &Outcome) -> bool {
    kind == FileKind::Modern && outcome.findings.has_failure()
}

/// Where each file is a whole of its own – the checks and the fix of a debugging – the orders in which the rest run.
fn others(task: Task, files: &[CodeFile]) -> Vec<Vec<CodeFile>> {
    if task != Task::Debug {
        return Vec::new();
    }
    let runnable = (1..files.len()).filter(|at| files[*at].kind.runs());
    runnable
        .map(|at| {
            let mut order = files.to_vec();
            order.swap(0, at);
            order
        })
        .collect()
}

/// The files with the one that runs first.
fn ordered(asked: &Asked) -> Vec<CodeFile> {
    let Some(main) = asked.suggestion.main_file().cloned() else { return asked.suggestion.files.clone() };
    let rest = asked.suggestion.files.iter().filter(|file| file.path != main.path).cloned();
    std::iter::once(main.clone()).chain(rest).collect()
}

/// Why an answer can't be accepted unseen; nothing where it can.
fn refusal(asked: &Asked) -> Option<SafeText> {
    let hides = asked.suggestion.files.iter().any(|file| crate::text::sanitize::hides_something(file.code.expose()));
    asked.refusal().or_else(|| hides.then(|| "the code holds hidden characters; look at it in the workbench".into()))
}

/// The experiment that an answer builds on: the best so far.
fn parent(framed: &Framed) -> Result<Option<String>, Failure> {
    let history = framed.session.history()?;
    let latest = history
        .experiments
        .iter()
        .rev()
        .filter(|experiment| experiment.data == framed.session.project.data_name)
        .flat_map(|experiment| experiment.runs.iter().rev())
        .find(|run| run.score().is_some());
    Ok(latest.and_then(|run| history.champion(&run.class()).map(|(experiment, _)| experiment.id.clone())))
}

/// What may be spent on the question; nothing where it may cost what it costs.
fn check_price(framed: &Framed, question: &Question, spend: bool) -> Result<Option<f64>, Failure> {
    if spend {
        return Ok(None);
    }
    let spent = Spent::of(&framed.session.history()?, "");
    let cap = framed.framing.cap_usd;
    let refuse = |why: SafeText| {
        Err(Failure::input(
            safe!("the price"),
            why,
            safe!("add --spend to ask all the same, or raise cap_usd in rationale.toml"),
        ))
    };
    let most = figure::dollars(question.most_usd);
    match money::allowance(&spent, question.most_usd, Some(cap)) {
        Allowance::Fine | Allowance::Near => {
            Ok(question.most_usd.filter(|usd| *usd > 0.0).map(|_| cap - spent.committed()))
        }
        Allowance::Unknown => refuse(safe!("what {} costs is not known", question.endpoint.model)),
        Allowance::Unchecked(n) => refuse(safe!(
            "{n} earlier answers have no known price, so the cap can't be checked; this one costs at most {most}"
        )),
        Allowance::Beyond => refuse(safe!(
            "{} of {} are spent or set aside, and this may cost {most}",
            figure::dollars(Some(spent.committed())),
            figure::dollars(Some(cap))
        )),
    }
}

async fn print(mut updates: mpsc::Receiver<Update>, output: Output) {
    let mut printer = Printer::default();
    while let Some(update) = updates.recv().await {
        match (update, output) {
            (Update::Waiting { wait, why, .. }, Output::Text) => {
                Console.note(&safe!("{why}; trying again in {:.1} s", wait.as_secs_f64()));
            }
            (Update::Note(text), Output::Text) => Console.note(&text),
            (Update::Event(event), Output::Text) => printer.event(&event),
            (Update::Event(event), Output::Stream) => {
                printer.note(&event);
                stream_json(&printer, &event);
            }
            _ => {}
        }
    }
}

fn stream_json(printer: &Printer, event: &StreamEvent) {
    match event {
        StreamEvent::Delta { index, text } => {
            let name = match printer.kind(*index) {
                Some(BlockKind::Thinking) => "thinking_delta",
                Some(BlockKind::ToolUse(_)) => "tool_use",
                _ => "text_delta",
            };
            Console.json(&json!({"type": name, "text": text.expose()}));
        }
        StreamEvent::ToolResult { index, summary, is_error } => {
            let name = printer.kind(*index).and_then(|kind| match kind {
                BlockKind::ToolUse(name) => Some(name.as_str()),
                _ => None,
            });
            Console.json(&json!({"type": "tool_result", "tool": name, "text": summary.expose(), "is_error": is_error}));
        }
        StreamEvent::Used(usage) => Console.json(&crate::json::typed("usage", crate::json::usage(usage))),
        _ => {}
    }
}

fn summary(asked: &Asked, decision: Decision) {
    Console.out("");
    if let Some(note) = asked.turn.stop.note() {
        Console.note(&safe!("{note}"));
    }
    if let Some(why) = &asked.broken {
        Console.note(&safe!("interrupted: {why}"));
    }
    asked.suggestion.warnings.iter().for_each(|warning| Console.note(warning));
    let tokens = asked.turn.usage.output_tokens.map_or_else(|| "unknown".into(), figure::tokens);
    Console.note(&safe!(
        "{} · {} · {tokens} tokens out · {}",
        asked.experiment,
        decision.word(),
        figure::dollars(asked.cost_usd)
    ));
}
