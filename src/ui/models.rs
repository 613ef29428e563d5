//! The list of models that can be asked, by endpoint.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::asking::choices;
use crate::app::msg::Offer;
use crate::domain::capability::ModelInfo;
use crate::domain::endpoint::{Endpoint, EndpointKind};
use crate::domain::price::{Models, ThinkingForm};
use crate::text::figure;
use crate::text::wrap::pad;
use crate::ui::canvas::Canvas;
use crate::ui::overlay::{boxed, choice, put_on};
use crate::ui::theme::Role;

/// One line of the list.
enum Line {
    Heading(String),
    Trouble(String),
    Choice(usize, String, String),
    Blank,
}

/// Draws it.
pub fn draw(
    model: &Model,
    canvas: &mut Canvas<'_>,
    body: Rect,
    (offers, selected, looked): (Option<&[Offer]>, usize, bool),
) {
    let inner = boxed(canvas, body, "Models", "whom to ask from now on");
    let Some(offers) = offers else {
        canvas.put(inner.x, inner.y + 1, inner.width, "Asking each endpoint for its list …", Role::Dim);
        return;
    };
    let lines = lines(model, offers, looked);
    let rows = usize::from(inner.height.saturating_sub(2));
    let at = lines.iter().position(|line| matches!(line, Line::Choice(idx, _, _) if *idx == selected)).unwrap_or(0);
    let first = (at + 2).saturating_sub(rows);
    for (y, line) in (inner.y..inner.bottom() - 1).zip(lines.iter().skip(first)) {
        match line {
            Line::Blank => {}
            Line::Heading(text) => {
                canvas.put(inner.x, y, inner.width, text, Role::Title);
            }
            Line::Trouble(text) => {
                canvas.put(inner.x + 2, y, inner.width.saturating_sub(2), text, Role::Caution);
            }
            Line::Choice(idx, name, facts) => {
                let is_selected = *idx == selected;
                choice(canvas, inner, y, is_selected);
                let width = inner.width / 2;
                put_on(canvas, (inner.x + 2, y, width.saturating_sub(3)), name, Role::Screen, is_selected);
                put_on(canvas, (inner.x + width, y, inner.width - width), facts, Role::Dim, is_selected);
            }
        }
    }
    let look = if looked { "" } else { "s looks for servers on this machine · " };
    let hint = format!("Enter chooses · {look}Esc closes");
    canvas.put_right(inner.right(), inner.bottom() - 1, inner.width, &hint, Role::Accent);
}

fn lines(model: &Model, offers: &[Offer], looked: bool) -> Vec<Line> {
    let table = Models::builtin();
    let all = choices(offers);
    let mut lines = Vec::new();
    let mut idx = 0;
    for offer in offers {
        if !lines.is_empty() {
            lines.push(Line::Blank);
        }
        lines.push(Line::Heading(place(&offer.endpoint)));
        let n = all.iter().filter(|(endpoint, _)| *endpoint == &offer.endpoint).count();
        if let Err(failure) = &offer.models {
            lines.push(Line::Trouble(crate::safe!("{} – {}", failure.why, failure.next).to_string()));
        } else if n == 0 {
            lines.push(Line::Trouble("it lists no model".to_owned()));
        }
        for (endpoint, info) in all.iter().skip(idx).take(n) {
            let id = info.map_or(&endpoint.model, |info| &info.id);
            let is_current = endpoint.name == model.meter.endpoint_name && *id == model.meter.model;
            let mark = if is_current { "● " } else { "  " };
            lines.push(Line::Choice(
                idx,
                format!("{mark}{}", crate::safe!("{id}")),
                facts(endpoint, *info, id, &table),
            ));
            idx += 1;
        }
    }
    if looked && offers.iter().all(|offer| offer.endpoint.kind != EndpointKind::Compatible) {
        lines.push(Line::Blank);
        lines.push(Line::Trouble("no other server answers at the usual ports of this machine".to_owned()));
    }
    lines
}

fn place(endpoint: &Endpoint) -> String {
    if endpoint.kind == EndpointKind::Rules {
        return "offline · rules, not a model".to_owned();
    }
    let address = endpoint.base_url.split("://").nth(1).unwrap_or(&endpoint.base_url);
    if endpoint.name == address { endpoint.name.clone() } else { format!("{} · {address}", endpoint.name) }
}

/// What is known of a model, in one line: context, price, thinking.
fn facts(endpoint: &Endpoint, info: Option<&ModelInfo>, id: &str, table: &Models) -> String {
    let known = table.facts(id);
    let mut parts = Vec::new();
    if let Some(context) = info.and_then(|info| info.context).or(known.map(|known| known.context)) {
        parts.push(pad(&format!("{} context", figure::tokens(context)), 14));
    }
    parts.push(match known.and_then(|known| known.tiers.first()) {
        _ if endpoint.is_free() => "free".to_owned(),
        Some(tier) => format!("${} in · ${} out", tier.input, tier.output),
        None => "price unknown".to_owned(),
    });
    let thinks = info
        .and_then(|info| info.thinking.clone())
        .or_else(|| known.map(|known| known.thinking.clone()))
        .map(|forms| forms.iter().any(|form| matches!(form, ThinkingForm::Adaptive | ThinkingForm::Enabled)));
    if thinks == Some(true) {
        parts.push("thinks".to_owned());
    }
    if info.is_some_and(|info| info.is_deprecated) {
        parts.push("on its way out".to_owned());
    }
    parts.join(" · ")
}
