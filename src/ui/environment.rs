//! What code runs in, as it is chosen, and what is fetched before it is.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::domain::environment::{Kind, Lacks, Place};
use crate::safe;
use crate::text::wrap::{pad, width, wrap};
use crate::ui::canvas::Canvas;
use crate::ui::overlay::{boxed, choice, put_on, window};
use crate::ui::theme::Role;

/// The kinds of environment, and which one it is now.
pub fn list(model: &Model, canvas: &mut Canvas<'_>, body: Rect, selected: usize) {
    let place = &model.review.place;
    let inner = window(canvas, body, 96, 8, "Environment", "what accepted code runs in");
    for ((idx, kind), y) in Kind::ALL.iter().enumerate().zip(inner.y..) {
        let is_selected = idx == selected;
        choice(canvas, inner, y, is_selected);
        let mark = if *kind == place.kind { "● " } else { "  " };
        let taken =
            put_on(canvas, (inner.x, y, 16), &pad(&format!("{mark}{}", kind.word()), 15), Role::Title, is_selected);
        let rest = inner.width.saturating_sub(taken);
        put_on(canvas, (inner.x + taken, y, rest), kind.doc(), Role::Dim, is_selected);
    }
    let now = format!("now: {}", safe!("{}", place.what));
    for (row, y) in wrap(&now, usize::from(inner.width)).into_iter().take(2).zip(inner.y + 4..) {
        canvas.put(inner.x, y, inner.width, &now[row], Role::Screen);
    }
    let hint = "Enter chooses, for this session · Esc closes";
    canvas.put_right(inner.right(), inner.bottom() - 1, inner.width, hint, Role::Accent);
}

/// What an isolated environment needs, before anything is fetched.
pub fn install(canvas: &mut Canvas<'_>, body: Rect, lacks: &Lacks) {
    let inner = boxed(canvas, body, "Isolated environment", "nothing is fetched yet");
    let n = lacks.headers.len();
    let which = if n == 1 { "One environment is".to_owned() } else { format!("{n} environments are") };
    let mut lines = vec![
        (
            format!("{which} made by uv, from the package index, and used again for every run that needs the same:"),
            Role::Screen,
        ),
        (String::new(), Role::Screen),
        (lacks.requirements.join("  "), Role::Title),
        (String::new(), Role::Screen),
    ];
    if !lacks.guessed.is_empty() {
        let said = format!(
            "! The name of {} is taken from its import and was not looked up: be sure that it is the package you mean.",
            lacks.guessed.join(", ")
        );
        lines.push((said, Role::Caution));
    }
    lines.push((
        "This uses the network. How much is fetched, and what else these need, is known once uv has chosen versions; they are \
         written into the lock that the run keeps. The run itself has no network."
            .to_owned(),
        Role::Dim,
    ));
    let mut y = inner.y;
    for (text, role) in &lines {
        let text = safe!("{text}");
        for row in wrap(text.as_str(), usize::from(inner.width)) {
            if y + 1 < inner.bottom() {
                canvas.put(inner.x, y, inner.width, &text.as_str()[row], *role);
            }
            y += 1;
        }
        y += u16::from(text.is_empty());
    }
    let hint = "Enter fetches and runs · Esc closes";
    canvas.put_right(inner.right(), inner.bottom() - 1, inner.width, hint, Role::Accent);
}

/// Where a run would take place, in one line.
pub fn runs_in(place: &Place) -> String {
    let what = if place.what.is_empty() { "not looked at yet" } else { &place.what };
    format!("runs in: {} · {}", place.kind.word(), safe!("{what}"))
}

/// The keys before a run, on as many lines as they take.
pub fn hints(place: &Place, missing: &[String], can_split: bool, columns: u16) -> Vec<String> {
    let mut keys = Vec::new();
    if !missing.is_empty() && place.kind == Kind::Project {
        let names = safe!("{}", missing.join(", "));
        keys.push(format!("i fetches {names} into .rationale/venv and runs"));
    }
    if !missing.is_empty() && place.kind != Kind::Isolated {
        keys.push("I runs it isolated".to_owned());
    }
    keys.push("x runs it all the same".to_owned());
    if can_split {
        keys.push("s asks for one change at a time".to_owned());
    }
    keys.extend(["g goes to the line".to_owned(), "Esc closes".to_owned()]);
    let mut lines: Vec<String> = Vec::new();
    for key in keys {
        match lines.last_mut() {
            Some(line) if width(line) + width(&key) + 3 <= usize::from(columns) => *line = format!("{line} · {key}"),
            _ => lines.push(key),
        }
    }
    lines
}
