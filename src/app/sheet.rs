//! The answer under review as lines that can be acted on: toggled, moved, ticked, run, asked for.

use crate::app::Model;
use crate::app::editor::Editor;
use crate::app::effect::{Effect, Job};
use crate::app::form;
use crate::app::layout::Pane;
use crate::app::overlay::Overlay;
use crate::app::phase::{decisions, say};
use crate::app::review::View;
use crate::domain::findings::{Findings, Standing};
use crate::domain::run::CodeFile;
use crate::domain::sheet::{self, About, Act, Row, Sheet};
use crate::domain::stack;
use crate::domain::task::Task;

/// The sheet of what is under review; nothing where it holds nothing that could be one.
pub fn of(model: &Model) -> Option<Sheet> {
    let review = &model.review;
    let task = review.task?;
    let experiment = review.experiment.as_ref().and_then(|id| model.history.history.find(id));
    let files: Vec<&CodeFile> = review.files.iter().map(|file| &file.now).collect();
    sheet::sheet(About {
        task,
        files: &files,
        text: review.text.expose(),
        findings: findings(model),
        ticked: experiment.map_or(&[][..], |experiment| &experiment.ticked),
    })
}

/// What the latest run of what is under review found out.
pub fn findings(model: &Model) -> Option<&Findings> {
    let experiment = model.history.history.find(model.review.experiment.as_ref()?)?;
    let outcome = experiment.run()?.outcome.as_ref()?;
    Some(&outcome.findings)
}

/// Where the answer under review stands, in a few words. What has to prove itself is not called accepted before it has.
pub fn state(model: &Model) -> &'static str {
    let review = &model.review;
    if review.is_open() {
        return "undecided";
    }
    if !review.decision.allows_run() {
        return review.decision.word();
    }
    let checks = findings(model).map_or(&[][..], |findings| &findings.checks);
    let fails = checks.iter().filter(|check| check.standing == Standing::Fail);
    match review.task {
        Some(Task::Pipeline) if checks.is_empty() => "approved, its tests have not run",
        Some(Task::Pipeline) if fails.count() > 0 => "approved, its tests fail",
        Some(Task::Modernise) if checks.is_empty() => "approved, not compared yet",
        Some(Task::Modernise) => {
            let experiment = review.experiment.as_ref().and_then(|id| model.history.history.find(id));
            let ticked = experiment.map_or(&[][..], |experiment| &experiment.ticked);
            let open = |name: &str| !ticked.iter().any(|(item, _)| *item == sheet::difference(name));
            let n_open = checks.iter().filter(|check| check.standing == Standing::Fail && open(&check.name)).count();
            if n_open > 0 { "approved, outputs differ" } else { review.decision.word() }
        }
        _ => review.decision.word(),
    }
}

/// Lines of a chart above the sheet: names and points.
pub fn plot(model: &Model) -> Vec<(String, Vec<(f64, f64)>)> {
    match model.review.task {
        Some(Task::Debug) => {
            let asked = model.meter.asked.as_ref();
            let curves = asked.filter(|question| question.prompt.task == Task::Debug).map(|question| &question.curves);
            let curves = curves.into_iter().flat_map(|curves| &curves.curves).take(6);
            curves.map(|curve| (curve.name.clone(), curve.points.clone())).collect()
        }
        Some(Task::Search) => findings(model).map(Findings::progress).unwrap_or_default(),
        Some(Task::Evaluate) => findings(model).map(Findings::learning).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// Shows the sheet from its first line that something can be done with.
pub fn show(model: &mut Model) {
    let rows = of(model).map(|sheet| sheet.rows).unwrap_or_default();
    model.review.row = rows.iter().position(|row| row.act != Act::None).unwrap_or(0);
    model.review.view = View::Sheet;
    model.review.version += 1;
}

/// Whether a task is shown as a sheet before it is shown as code.
pub fn is_first(task: Task) -> bool {
    !matches!(task, Task::Train | Task::Next | Task::Search | Task::Evaluate | Task::Ask)
}

fn row(model: &Model) -> Option<Row> {
    of(model)?.rows.into_iter().nth(model.review.row)
}

/// Between the sheet and the code.
pub fn toggle(model: &mut Model) -> Vec<Effect> {
    let Some(sheet) = of(model) else {
        return say(model, "there is no answer under review that has parts".into());
    };
    if model.review.view == View::Sheet {
        model.review.view = View::Code;
    } else {
        model.review.view = View::Sheet;
        model.review.row = model.review.row.min(sheet.rows.len().saturating_sub(1));
    }
    model.review.version += 1;
    model.layout.focus(Pane::Code);
    Vec::new()
}

/// Whether keys of the code pane go to the sheet.
pub fn is_shown(model: &Model) -> bool {
    model.review.view == View::Sheet && !model.review.is_editing()
}

/// What Enter does on the selected line.
pub fn enter(model: &mut Model) -> Vec<Effect> {
    match row(model).map(|row| row.act) {
        Some(Act::Toggle(name)) => rewrite(model, |stack, code| Some(stack.toggled(code, &name))),
        Some(Act::Choose(name)) => rewrite(model, |stack, code| stack.chosen(code, &name)),
        Some(Act::Tick(item, needs_note)) => tick(model, item, needs_note),
        Some(Act::Check(path)) => decisions::run_file(model, &path),
        Some(Act::Show(path)) => {
            model.review.show_file(&path);
            Vec::new()
        }
        Some(Act::Ask(task, words)) => form::open(model, task, &words),
        Some(Act::None) | None => Vec::new(),
    }
}

/// Moves the selected unit of a stack.
pub fn shift(model: &mut Model, down: bool) -> Vec<Effect> {
    let Some(Act::Toggle(name)) = row(model).map(|row| row.act).filter(|_| is_shown(model)) else {
        return say(model, "a step of a stack can be moved; s shows the steps".into());
    };
    let before = model.review.version;
    let effects = rewrite(model, |stack, code| stack.moved(code, &name, down));
    if model.review.version != before {
        model.review.row = if down { model.review.row + 1 } else { model.review.row.saturating_sub(1) };
    }
    effects
}

/// The line of the file on which the selected unit is defined.
pub fn line(model: &Model) -> Option<(String, usize)> {
    let Act::Toggle(name) = row(model)?.act else { return None };
    model.review.files.iter().find_map(|file| {
        let stack = stack::read(file.now.code.expose())?;
        let unit = stack.units.into_iter().find(|unit| unit.name == name)?;
        Some((file.now.path.clone(), unit.line))
    })
}

/// Changes the list of units in the code under review; the change is an edit like any other.
fn rewrite(model: &mut Model, change: impl Fn(&stack::Stack, &str) -> Option<String>) -> Vec<Effect> {
    let found = model.review.files.iter().find_map(|file| {
        let code = file.now.code.expose();
        let stack = stack::read(code)?;
        Some((file.now.path.clone(), change(&stack, code)?))
    });
    if let Some((path, code)) = found {
        model.review.replace_code(&path, code);
        model.review.view = View::Sheet;
    }
    Vec::new()
}

fn tick(model: &mut Model, item: String, needs_note: bool) -> Vec<Effect> {
    let Some(experiment) = model.review.experiment.clone() else { return Vec::new() };
    let known = model.history.history.find(&experiment);
    if known.is_some_and(|known| known.ticked.iter().any(|(other, _)| *other == item)) {
        return vec![model.jobs.start(Job::Tick { experiment, item, done: false, note: String::new() }).1];
    }
    model.overlay = Some(Overlay::Note { editor: Editor::default(), item, needs_note });
    Vec::new()
}

/// The note is written, so the item is ticked.
pub fn on_note(model: &mut Model, item: String, note: &str) -> Vec<Effect> {
    let Some(experiment) = model.review.experiment.clone() else { return Vec::new() };
    vec![model.jobs.start(Job::Tick { experiment, item, done: true, note: note.to_owned() }).1]
}

/// Asks again for what was missing in the answer under review.
pub fn ask_again(model: &mut Model) -> Vec<Effect> {
    let review = &model.review;
    let missing: Vec<String> =
        review.warnings.iter().chain(&review.refusal).map(|text| text.as_str().to_owned()).collect();
    let (Some(experiment), false) = (review.experiment.clone(), missing.is_empty()) else {
        return say(model, "nothing is missing in the answer; u goes on with it in words".into());
    };
    let task = review.task.unwrap_or(Task::Train);
    let words = format!(
        "Your answer can't be used as it is: {}. Write the whole answer again, complete, in the form that was asked for.",
        missing.join("; ")
    );
    let wish = crate::domain::question::Wish { request: words, settings: Vec::new() };
    crate::app::phase::price(model, task, wish, Some((experiment, crate::domain::question::Follow::On)))
}
