//! Whatever lies over the panes.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::asking;
use crate::app::command::Command;
use crate::app::lines::Lines;
use crate::app::overlay::{Overlay, Rejects, matches};
use crate::domain::before::Look;
use crate::domain::endpoint::Endpoint;
use crate::domain::environment::Place;
use crate::domain::framing::{Field, Proposal};
use crate::domain::pynotes::Weight;
use crate::domain::question::{Follow, Question};
use crate::domain::task::Task;
use crate::domain::warning::Severity;
use crate::text::figure;
use crate::text::markdown::{Tone, style};
use crate::text::wrap::{pad, wrap};
use crate::ui::canvas::{Canvas, Titles};
use crate::ui::code::draw_area;
use crate::ui::theme::Role;
use crate::ui::{charts, environment, errors, evaluator, figures, form, models, stages, table};

/// Draws it.
pub fn draw(model: &Model, overlay: &Overlay, canvas: &mut Canvas<'_>, body: Rect) {
    match overlay {
        Overlay::Tasks { selected } => tasks(canvas, body, *selected),
        Overlay::Prompt { editor, task, follows } => {
            let state = match follows {
                None => format!("{} · Tab changes the task", task.id()),
                Some((experiment, Follow::Instead)) => format!("in other words than {experiment}"),
                Some((experiment, _)) => format!("going on with {experiment}"),
            };
            let inner = sheet(canvas, body, 9, "Ask", &state);
            draw_area(editor, canvas, Rect { height: inner.height.saturating_sub(1), ..inner }, false);
            canvas.put_right(
                inner.right(),
                inner.bottom() - 1,
                inner.width,
                "Enter asks the price · Alt-Enter new line · Esc closes",
                Role::Dim,
            );
        }
        Overlay::Form { form } => form::draw(canvas, body, form),
        Overlay::Stages { selected } => stages::draw(model, canvas, body, *selected),
        Overlay::Note { editor, item, needs_note } => {
            let state = if *needs_note { "why is the difference right?" } else { "what shows it? may stay empty" };
            let inner = sheet(canvas, body, 7, "Done", state);
            let item = crate::safe!("{item}");
            canvas.put(inner.x, inner.y, inner.width, item.as_str(), Role::Dim);
            let area = Rect { y: inner.y + 1, height: inner.height.saturating_sub(2), ..inner };
            draw_area(editor, canvas, area, false);
            canvas.put_right(inner.right(), inner.bottom() - 1, inner.width, "Enter ticks it · Esc closes", Role::Dim);
        }
        Overlay::Price { question, bytes: Some(lines), first, .. } => bytes(canvas, body, question, lines, *first),
        Overlay::Price { question, caution, .. } => {
            price(model, canvas, body, question, caution.as_ref().map(crate::text::SafeText::as_str));
        }
        Overlay::Reason { editor, what } => {
            let title = match what {
                Rejects::Hunk => "Reject this hunk",
                Rejects::File => "Leave this file as it was",
                Rejects::All => "Reject",
            };
            let inner = sheet(canvas, body, 6, title, "why? the next question will say so");
            draw_area(editor, canvas, Rect { height: inner.height.saturating_sub(1), ..inner }, false);
            canvas.put_right(inner.right(), inner.bottom() - 1, inner.width, "Enter rejects · Esc closes", Role::Dim);
        }
        Overlay::Models { offers, selected, looked } => {
            models::draw(model, canvas, body, (offers.as_deref(), *selected, *looked));
        }
        Overlay::Word { editor, experiment, n_before, .. } => {
            let said = if *n_before == 0 {
                format!("The sealed rows are looked at once, for {experiment}. It is written down for ever. Type: open")
            } else {
                format!(
                    "They were opened {} already, so this is no test any more. For {experiment}, type: open again",
                    figure::times(*n_before)
                )
            };
            let inner = sheet(canvas, body, 7, "Open the sealed rows", "nothing is chosen after this");
            let rows = wrap(&said, usize::from(inner.width));
            let mut y = inner.y;
            for row in rows.into_iter().take(3) {
                canvas.put(inner.x, y, inner.width, &said[row], Role::Screen);
                y += 1;
            }
            draw_area(editor, canvas, Rect { y, height: 1, ..inner }, false);
            canvas.put_right(
                inner.right(),
                inner.bottom() - 1,
                inner.width,
                "Enter opens them · Esc leaves them sealed",
                Role::Dim,
            );
        }
        Overlay::Before { looks, selected, missing, .. } => {
            before(canvas, body, (looks, *selected), (&model.review.place, missing));
        }
        Overlay::Environments { selected } => environment::list(model, canvas, body, *selected),
        Overlay::Install { lacks, .. } => environment::install(canvas, body, lacks),
        Overlay::Palette { typed, selected } => palette(model, canvas, body, typed, *selected),
        Overlay::Help { first } => help(model, canvas, body, *first),
        Overlay::Warnings { selected } => warnings(model, canvas, body, *selected),
        Overlay::Frame { proposal, selected, columns: None } => frame_form(model, canvas, body, proposal, *selected),
        Overlay::Frame { proposal, columns: Some(at), .. } => excluded(model, canvas, body, proposal, *at),
        Overlay::Figures(figures) => figures::draw(canvas, body, figures),
        Overlay::Evaluator { candidate, lines, first, .. } => evaluator::draw(canvas, body, candidate, lines, *first),
        Overlay::Detail { experiment, lines, first } => document(canvas, body, experiment, lines, *first),
        Overlay::Cell(viewer) => table::cell(canvas, body, viewer),
        Overlay::Counts { counts, selected } => table::counts(model, canvas, body, counts, *selected),
        Overlay::Errors(open) => errors::draw(model, canvas, body, open),
        Overlay::Charts(page) => charts::draw(model, canvas, body, page),
        Overlay::Confirm { question, .. } => {
            let inner = window(canvas, body, 66, 5, "Sure?", "");
            for (y, row) in (inner.y..).zip(wrap(question.as_str(), usize::from(inner.width))) {
                canvas.put(inner.x, y, inner.width, &question.as_str()[row], Role::Screen);
            }
            canvas.put_right(inner.right(), inner.bottom() - 1, inner.width, "y yes · n no", Role::Accent);
        }
    }
}

/// A window in the middle; where hardly anything would be left beside it, as wide as the screen.
pub(super) fn window(
    canvas: &mut Canvas<'_>,
    body: Rect,
    width: u16,
    height: u16,
    name: &'static str,
    state: &str,
) -> Rect {
    let width = if width + 6 > body.width { body.width } else { width };
    let height = (height + 2).min(body.height);
    let area = Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 3, width, height };
    boxed(canvas, area, name, state)
}

/// A sheet at the bottom, as wide as the screen.
fn sheet(canvas: &mut Canvas<'_>, body: Rect, height: u16, name: &'static str, state: &str) -> Rect {
    let height = height.min(body.height);
    boxed(canvas, Rect { y: body.bottom() - height, height, ..body }, name, state)
}

pub(super) fn boxed(canvas: &mut Canvas<'_>, area: Rect, name: &'static str, state: &str) -> Rect {
    canvas.fill(area, Role::Screen);
    canvas.tint(area, Role::Overlay);
    let inner = canvas.frame(area, true, &Titles { number: 0, name, state: state.to_owned() });
    canvas.tint(area, Role::Overlay);
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
}

pub(super) fn choice(canvas: &mut Canvas<'_>, inner: Rect, y: u16, is_selected: bool) {
    if is_selected {
        canvas.tint(Rect { y, height: 1, ..inner }, Role::Selected);
    }
}

/// Puts a piece on a line that may be selected.
pub(super) fn put_on(
    canvas: &mut Canvas<'_>,
    (x, y, width): (u16, u16, u16),
    text: &str,
    role: Role,
    is_selected: bool,
) -> u16 {
    let below = canvas.style(if is_selected { Role::Selected } else { Role::Overlay });
    let mut style = canvas.style(role);
    style.bg = below.bg;
    if is_selected {
        style = style.add_modifier(below.add_modifier);
    }
    canvas.put_styled(x, y, width, text, style)
}

fn tasks(canvas: &mut Canvas<'_>, body: Rect, selected: usize) {
    let n = u16::try_from(Task::ALL.len()).unwrap_or(4);
    let inner = window(canvas, body, 82, n + 2, "Tasks", "");
    for ((idx, task), y) in Task::ALL.iter().enumerate().zip(inner.y..) {
        choice(canvas, inner, y, idx == selected);
        let taken = put_on(canvas, (inner.x, y, inner.width), &pad(task.id(), 12), Role::Title, idx == selected);
        put_on(canvas, (inner.x + taken, y, inner.width - taken), task.doc(), Role::Dim, idx == selected);
    }
    canvas.put_right(
        inner.right(),
        inner.bottom() - 1,
        inner.width,
        "Enter opens its form, the price comes before the question · Esc closes",
        Role::Dim,
    );
}

fn price(model: &Model, canvas: &mut Canvas<'_>, body: Rect, question: &Question, caution: Option<&str>) {
    let approximately = if question.is_counted { "" } else { "about " };
    let most = match question.most_usd {
        Some(usd) if usd > 0.0 => {
            format!("at most {} if the answer is as long as it may be", figure::dollars(Some(usd)))
        }
        Some(_) => "free".to_owned(),
        None => "unknown".to_owned(),
    };
    let mut lines = vec![
        ("to", place(&question.endpoint)),
        (
            "sends",
            format!(
                "{approximately}{} tokens, {}",
                figure::count(question.n_tokens),
                figure::bytes(question.body.len() as u64)
            ),
        ),
        (
            "of the data",
            model.framing.framing.as_ref().map_or("statistics only", |framing| framing.privacy.label()).to_owned(),
        ),
    ];
    if !question.pictures.is_empty() {
        lines.push(("pictures", question.pictures.join("; ")));
    }
    let n_tools = question.conversation.head.tools.len();
    if n_tools > 0 {
        let rounds = if question.most_usd.is_some_and(|usd| usd > 0.0) { "; each round is paid for" } else { "" };
        lines.push(("may use", format!("{} of this project{rounds}", figure::plural(n_tools as u64, "tool"))));
    }
    if question.n_stripped > 0 {
        let n = figure::plural(question.n_stripped as u64, "block");
        lines.push(("stays behind", format!("{n} of earlier thinking")));
    }
    lines.push(("price", most));
    lines.push(("spent so far", model.meter.money()));
    // Every value is told whole, on as many rows as that takes.
    let (columns, names) = (72.min(body.width), 14);
    let room = usize::from(columns.saturating_sub(4 + names));
    let n_rows: usize = lines.iter().map(|(_, value)| wrap(value, room).len().max(1)).sum();
    let caution_rows = caution.map_or(0, |caution| wrap(caution, usize::from(columns.saturating_sub(6))).len());
    let height = u16::try_from(n_rows + caution_rows).unwrap_or(8) + 3;
    let title = match &question.follows {
        None => question.prompt.title.clone(),
        Some((experiment, Follow::On)) => format!("going on with {experiment}"),
        Some((experiment, Follow::Instead)) => format!("in other words than {experiment}"),
        Some((experiment, Follow::Continue)) => format!("the rest of {experiment}"),
    };
    let inner = window(canvas, body, 72, height, "Ask", &title);
    let mut y = inner.y;
    for (name, value) in &lines {
        canvas.put(inner.x, y, inner.width, name, Role::Dim);
        for row in wrap(value, usize::from(inner.width.saturating_sub(names))) {
            canvas.put(inner.x + names, y, inner.width.saturating_sub(names), &value[row], Role::Screen);
            y += 1;
        }
    }
    for (number, row) in caution
        .map_or_else(Vec::new, |caution| wrap(caution, usize::from(inner.width.saturating_sub(2))))
        .into_iter()
        .enumerate()
    {
        let sign = if number == 0 { "! " } else { "  " };
        canvas.put_pieces(
            inner.x,
            y,
            inner.width,
            [(sign, Role::Caution), (&caution.unwrap_or_default()[row], Role::Caution)],
        );
        y += 1;
    }
    let asks = if caution.is_some() { "Enter asks all the same" } else { "Enter asks" };
    canvas.put_right(
        inner.right(),
        inner.bottom() - 1,
        inner.width,
        &format!("{asks} · v what will leave · Esc closes"),
        Role::Accent,
    );
}

fn place(endpoint: &Endpoint) -> String {
    let address = endpoint.base_url.split("://").nth(1).unwrap_or(&endpoint.base_url);
    let label = endpoint.label();
    if label.contains(address) { label } else { format!("{label} at {address}") }
}

fn bytes(canvas: &mut Canvas<'_>, body: Rect, question: &Question, lines: &Lines, first: usize) {
    let inner = boxed(
        canvas,
        body,
        "What will leave",
        &format!("{} · POST /v1/messages", figure::bytes(question.body.len() as u64)),
    );
    let mut y = inner.y;
    'lines: for idx in first..lines.len() {
        let Some((line, _)) = lines.line(idx) else { break };
        for row in wrap(line, usize::from(inner.width)) {
            if y + 1 >= inner.bottom() {
                break 'lines;
            }
            canvas.put(inner.x, y, inner.width, &line[row], Role::Screen);
            y += 1;
        }
    }
    canvas.put_right(
        inner.right(),
        inner.bottom() - 1,
        inner.width,
        "the exact bytes, without the key · y copies · v closes",
        Role::Dim,
    );
}

fn palette(model: &Model, canvas: &mut Canvas<'_>, body: Rect, typed: &str, selected: usize) {
    let found = matches(typed);
    let inner = window(canvas, body, 76, 16, "Commands", "");
    canvas.put_pieces(
        inner.x,
        inner.y,
        inner.width,
        [(": ", Role::Accent), (typed, Role::Screen), ("▏", Role::Accent)],
    );
    let rows = usize::from(inner.height.saturating_sub(2));
    let room = inner.width.saturating_sub(15 + 12);
    // What a command does is told whole, on as many rows as that takes.
    let height = |command: &Command| wrap(command.doc(), usize::from(room)).len();
    let mut first = selected.min(found.len().saturating_sub(1));
    let mut taken = found.get(first).map_or(0, height);
    while first > 0 && taken + height(&found[first - 1]) <= rows {
        first -= 1;
        taken += height(&found[first]);
    }
    let mut y = inner.y + 2;
    for (idx, command) in found.iter().enumerate().skip(first) {
        let is_selected = idx == selected;
        let chord = model.keys.hint(*command).map_or_else(String::new, |chord| chord.to_string());
        for (number, row) in wrap(command.doc(), usize::from(room)).into_iter().enumerate() {
            if y >= inner.bottom() {
                return;
            }
            choice(canvas, inner, y, is_selected);
            if number == 0 {
                put_on(canvas, (inner.x, y, inner.width), &pad(command.name(), 15), Role::Title, is_selected);
                let at = inner.right().saturating_sub(u16::try_from(crate::text::wrap::width(&chord)).unwrap_or(0));
                put_on(canvas, (at, y, 12), &chord, Role::Accent, is_selected);
            }
            put_on(canvas, (inner.x + 15, y, room), &command.doc()[row], Role::Dim, is_selected);
            y += 1;
        }
    }
    if found.is_empty() {
        canvas.put(inner.x, inner.y + 2, inner.width, "nothing of that name", Role::Dim);
    }
}

fn help(model: &Model, canvas: &mut Canvas<'_>, body: Rect, first: usize) {
    let inner = boxed(canvas, body, "Help", "↑↓ moves · Esc closes");
    let mut lines: Vec<(String, String, Role)> = Vec::new();
    let mut group = None;
    for command in Command::ALL {
        if group != Some(command.group()) {
            if group.is_some() {
                lines.push((String::new(), String::new(), Role::Screen));
            }
            lines.push((command.group().label().to_owned(), String::new(), Role::Accent));
            group = Some(command.group());
        }
        let chords: Vec<String> = model.keys.chords(*command).iter().map(ToString::to_string).collect();
        lines.push((chords.join("  "), command.doc().to_owned(), Role::Screen));
    }
    lines.push(("Ctrl-C".to_owned(), "Stop; twice within a moment leaves".to_owned(), Role::Screen));
    for (y, (left, right, role)) in (inner.y..inner.bottom()).zip(lines.iter().skip(first)) {
        if right.is_empty() {
            canvas.put(inner.x, y, inner.width, left, *role);
        } else {
            canvas.put_pieces(
                inner.x + 2,
                y,
                inner.width.saturating_sub(2),
                [(pad(left, 22).as_str(), Role::Title), (right.as_str(), Role::Screen)],
            );
        }
    }
}

/// What there is to say before a run.
fn before(
    canvas: &mut Canvas<'_>,
    body: Rect,
    (looks, selected): (&[Look], usize),
    (place, missing): (&Place, &[String]),
) {
    let inner = boxed(canvas, body, "Before the run", "advice; the sandbox and the court look again");
    let width = usize::from(inner.width.saturating_sub(4));
    let mut y = inner.y;
    let first = selected.saturating_sub(usize::from(inner.height) / 3);
    let hints = environment::hints(place, missing, looks.iter().any(|look| look.can_split), inner.width);
    let below = u16::try_from(hints.len()).unwrap_or(1) + 1;
    for (idx, look) in looks.iter().enumerate().skip(first) {
        let (sign, role) = match look.weight {
            Weight::Bad => ("✗", Role::Bad),
            Weight::Caution => ("!", Role::Caution),
            Weight::Plain | Weight::Good => ("·", Role::Dim),
        };
        let text = look.sentence();
        for (line, row) in wrap(&text, width).into_iter().enumerate() {
            if y + below >= inner.bottom() {
                break;
            }
            choice(canvas, inner, y, idx == selected);
            put_on(canvas, (inner.x, y, 2), if line == 0 { sign } else { " " }, role, idx == selected);
            put_on(canvas, (inner.x + 2, y, inner.width.saturating_sub(2)), &text[row], Role::Screen, idx == selected);
            y += 1;
        }
    }
    let runs_in = environment::runs_in(place);
    canvas.put(inner.x, inner.bottom().saturating_sub(below), inner.width, &runs_in, Role::Dim);
    for (hint, y) in hints.iter().zip(inner.bottom().saturating_sub(below - 1)..) {
        canvas.put_right(inner.right(), y, inner.width, hint, Role::Accent);
    }
}

fn warnings(model: &Model, canvas: &mut Canvas<'_>, body: Rect, selected: usize) {
    let list = &model.dataset.warnings;
    let inner = boxed(canvas, body, "Warnings", "Enter shows the rows · Esc closes");
    let mut y = inner.y;
    let width = usize::from(inner.width.saturating_sub(9));
    // As many before the selected one as leave room for it.
    let first = selected.saturating_sub(usize::from(inner.height) / 3);
    for (idx, warning) in list.iter().enumerate().skip(first) {
        let role = match warning.severity {
            Severity::High => Role::Bad,
            Severity::Medium => Role::Caution,
            Severity::Low => Role::Dim,
        };
        let text = warning.message.as_str();
        for (line, row) in wrap(text, width).into_iter().enumerate() {
            if y >= inner.bottom() {
                return;
            }
            choice(canvas, inner, y, idx == selected);
            let word = if line == 0 { warning.severity.word() } else { "" };
            put_on(canvas, (inner.x, y, 9), &pad(word, 9), role, idx == selected);
            put_on(canvas, (inner.x + 9, y, inner.width.saturating_sub(9)), &text[row], Role::Screen, idx == selected);
            y += 1;
        }
    }
    // How the file was read is no fault of the data, but what is shown rests on it.
    for note in model.dataset.source.iter().flat_map(|source| &source.notes) {
        let text = note.as_str();
        for (line, row) in wrap(text, width).into_iter().enumerate() {
            if y >= inner.bottom() {
                return;
            }
            canvas.put(inner.x, y, 9, if line == 0 { "read" } else { "" }, Role::Faint);
            canvas.put(inner.x + 9, y, inner.width.saturating_sub(9), &text[row], Role::Dim);
            y += 1;
        }
    }
}

fn frame_form(model: &Model, canvas: &mut Canvas<'_>, body: Rect, proposal: &Proposal, selected: usize) {
    let is_fixed = model.framing.framing.as_ref() == Some(&proposal.framing);
    let state = if is_fixed { "fixed" } else { "proposed, nothing is fixed yet" };
    // A line for each part; what is only proposed has its reason below it, where there is room.
    let n = u16::try_from(Field::ALL.len()).unwrap_or(9);
    // What another cut makes of rows that were seen before is said while it can still be left.
    let seen = model.history.history.seen_before(&model.history.data, &proposal.framing).filter(|_| !is_fixed);
    let below = if seen.is_some() { 2 } else { 0 };
    let height = if is_fixed { n + 2 } else { 2 * n + 3 + below };
    let inner = window(canvas, body, 100, height, "Framing", state);
    let two_lines = !is_fixed && inner.height >= 2 * n + 2 + below;
    let mut y = inner.y;
    for (idx, field) in Field::ALL.iter().enumerate() {
        let is_selected = idx == selected;
        choice(canvas, inner, y, is_selected);
        let taken = put_on(canvas, (inner.x, y, inner.width), &pad(field.label(), 15), Role::Dim, is_selected);
        let value = proposal.value(*field);
        put_on(
            canvas,
            (inner.x + taken, y, inner.width.saturating_sub(taken)),
            value.as_str(),
            Role::Title,
            is_selected,
        );
        y += 1;
        if two_lines {
            let reason = proposal.reason(*field);
            canvas.put(inner.x + 15, y, inner.width.saturating_sub(15), reason.as_str(), Role::Faint);
            y += 1;
        }
    }
    if !is_fixed
        && !two_lines
        && let Some(field) = Field::ALL.get(selected)
    {
        canvas.put(inner.x, inner.bottom() - 2, inner.width, proposal.reason(*field).as_str(), Role::Dim);
    }
    if let Some(seen) = seen {
        let end = inner.bottom().saturating_sub(if two_lines { 1 } else { 2 });
        let lines = wrap(&seen, usize::from(inner.width.saturating_sub(2)).max(1));
        let first = end.saturating_sub(u16::try_from(lines.len()).unwrap_or(0)).max(y);
        for (idx, (row, at)) in lines.into_iter().zip(first..end).enumerate() {
            let sign = if idx == 0 { "! " } else { "  " };
            canvas.put_pieces(inner.x, at, inner.width, [(sign, Role::Caution), (&seen[row], Role::Caution)]);
        }
    }
    let hint = if is_fixed {
        "←→ changes · a fixes a change · Esc closes"
    } else {
        "Enter accepts all · ←→ changes · c columns to leave out · Esc closes"
    };
    canvas.put_right(inner.right(), inner.bottom() - 1, inner.width, hint, Role::Accent);
}

fn excluded(model: &Model, canvas: &mut Canvas<'_>, body: Rect, proposal: &Proposal, at: usize) {
    let Some(source) = &model.dataset.source else { return };
    let inner = boxed(canvas, body, "Columns to leave out", "Enter takes out or in · Esc back to the form");
    let rows = usize::from(inner.height);
    let first = at.saturating_sub(rows.saturating_sub(1));
    for (y, (idx, column)) in (inner.y..inner.bottom()).zip(source.columns.iter().enumerate().skip(first)) {
        let is_out = proposal.framing.exclude.contains(&column.name);
        let is_target = proposal.framing.target == column.name;
        choice(canvas, inner, y, idx == at);
        let (word, role) = match (is_target, is_out) {
            (true, _) => ("the target", Role::Accent),
            (false, true) => ("left out", Role::Caution),
            (false, false) => ("used", Role::Good),
        };
        let taken = put_on(canvas, (inner.x, y, 12), &pad(word, 12), role, idx == at);
        put_on(
            canvas,
            (inner.x + taken, y, inner.width.saturating_sub(taken)),
            column.label.as_str(),
            Role::Screen,
            idx == at,
        );
    }
}

fn document(canvas: &mut Canvas<'_>, body: Rect, experiment: &str, lines: &Lines, first: usize) {
    let keys = "↑↓ moves · y copies · Esc closes";
    let inner = if experiment == asking::MONEY {
        boxed(canvas, body, asking::MONEY, keys)
    } else {
        boxed(canvas, body, "Experiment", &format!("{experiment} · {keys}"))
    };
    let mut y = inner.y;
    for idx in first..lines.len() {
        let Some((line, state)) = lines.line(idx) else { break };
        let styled = style(line, state);
        for (number, row) in styled.rows(usize::from(inner.width)).into_iter().enumerate() {
            if y >= inner.bottom() {
                return;
            }
            let hang = if number == 0 { 0 } else { u16::try_from(styled.hang).unwrap_or(0) };
            let pieces = row.into_iter().map(|(text, tone)| (text, role_of(tone)));
            canvas.put_pieces(inner.x + hang, y, inner.width.saturating_sub(hang), pieces);
            y += 1;
        }
    }
}

fn role_of(tone: Tone) -> Role {
    match tone {
        Tone::Plain => Role::Screen,
        Tone::Strong => Role::Strong,
        Tone::Emphasis => Role::Emphasis,
        Tone::Code | Tone::Fenced => Role::Code,
        Tone::Heading => Role::Heading,
        Tone::Dim => Role::Faint,
    }
}
