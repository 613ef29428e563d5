//! `rationale profile`

use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::domain::drift::{Compared, Label};
use crate::domain::errors::picture::chance;
use crate::domain::failure::Failure;
use crate::domain::known::Known;
use crate::domain::profile::{ColumnProfile, Role};
use crate::effects::data::{Table, drift, piped};
use crate::effects::session::Session;
use crate::effects::world::World;
use crate::headless::Console;
use crate::text::wrap::{pad, pad_left, width};
use crate::text::{SafeText, figure};

/// Profiles a data set and prints the profile; with a second table, how that one differs from it.
pub fn profile(
    world: &Arc<World>,
    path: &Path,
    (target, against): (Option<&str>, Option<&Path>),
    as_json: bool,
) -> Result<(), Failure> {
    let cancel = CancellationToken::new();
    let other = against.map(Table::open).transpose()?;
    let session = Session::open(Arc::clone(world), path)?;
    let known = session.know(target, &cancel)?;
    let compared = match &other {
        Some(other) => {
            let n_rows = other.count(&cancel, &mut |_| {})?;
            Some((other, n_rows, drift::compare(&session.table, other, &cancel)?))
        }
        None => None,
    };
    if as_json {
        let mut source = session.table.source.clone();
        if piped::is_passing(path) {
            source.path = piped::SIGN.into();
        }
        let mut printed = crate::json::profile(&source, &known.profile, &known.warnings);
        if let Some((other, n_rows, compared)) = &compared {
            printed["drift"] = crate::json::drift(&other.source, *n_rows, compared);
        }
        Console.json(&printed);
    } else if let Some((other, n_rows, compared)) = &compared {
        differences((&session.table, known.profile.n_rows), (other, *n_rows), compared);
    } else {
        table(&session, &known);
    }
    Ok(())
}

fn table(session: &Session, known: &Known) {
    let source = &session.table.source;
    let profile = &known.profile;
    Console.out(&format!(
        "{} · {} × {} · {} · {}",
        source.label,
        figure::count(profile.n_rows),
        profile.columns.len(),
        source.format.word(),
        figure::bytes(source.n_bytes)
    ));
    source.notes.iter().for_each(|note| Console.out(&format!("  {note}")));
    let n_markers: u64 = profile.columns.iter().map(|column| column.n_marked_null).sum();
    if n_markers > 0 {
        Console.out(&format!("  {} such as NA, null or NaN count as missing", figure::plural(n_markers, "cell")));
    }
    Console.out("");
    let name_width =
        profile.columns.iter().map(|column| width(column.label().as_str())).max().unwrap_or(0).clamp(6, 28);
    Console.out(&format!("{}  type   role         missing  distinct  values", pad("column", name_width)));
    for column in &profile.columns {
        Console.out(&format!(
            "{}  {}  {}  {}  {}  {}",
            pad(column.label().as_str(), name_width),
            pad(column.kind.word(), 5),
            pad(column.role.word(), 11),
            pad_left(&figure::share(column.null_share()), 7),
            pad_left(&figure::count(column.n_distinct), 8),
            values(column)
        ));
    }
    Console.out("");
    if known.warnings.is_empty() {
        Console.out("no warnings");
    }
    for warning in &known.warnings {
        Console.out(&format!("{}  {}", pad(warning.severity.word(), 6), warning.message));
    }
}

fn differences(before: (&Table, u64), now: (&Table, u64), compared: &Compared) {
    let rows = |(table, n): (&Table, u64)| format!("{} ({})", table.source.label, figure::plural(n, "row"));
    Console.out(&format!("{} held against {}", rows(now), rows(before)));
    for (columns, said) in [(&compared.gone, "columns that are gone"), (&compared.new, "columns that are new")] {
        if !columns.is_empty() {
            let names: Vec<&str> = columns.iter().map(SafeText::as_str).collect();
            Console.out(&format!("{said}: {}", names.join(", ")));
        }
    }
    Console.out("");
    let name_width = compared.columns.iter().map(|(name, _)| width(name.as_str())).max().unwrap_or(0).clamp(6, 28);
    Console.out(&format!("{}      PSI  by chance      KS        p  verdict", pad("column", name_width)));
    for (name, drift) in &compared.columns {
        let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
        Console.out(&format!(
            "{}  {}  {}  {}  {}  {}",
            pad(name.as_str(), name_width),
            pad_left(&number(drift.psi), 7),
            pad_left(&number(drift.psi_by_chance), 9),
            pad_left(&number(drift.ks), 6),
            pad_left(&chance(drift.p_adjusted), 7),
            drift.label.words()
        ));
        for (said, (values, n)) in [("new", &drift.new), ("gone", &drift.gone)] {
            if *n == 0 || matches!(drift.label, Label::NotChecked(_)) {
                continue;
            }
            let shown: Vec<String> = values
                .iter()
                .take(4)
                .map(|(value, rows)| format!("{} {}", crate::safe!("{}", value.expose()), figure::count(*rows)))
                .collect();
            let more = if *n > shown.len() { format!(" and {} more", n - shown.len()) } else { String::new() };
            Console.out(&format!("{}  {said}: {}{more}", pad("", name_width), shown.join(", ")));
        }
        let (first, second) = drift.null_share;
        if (second - first).abs() >= 0.01 {
            let said = format!("without a value: {} were {}", figure::share(second), figure::share(first));
            Console.out(&format!("{}  {said}", pad("", name_width)));
        }
    }
    Console.out("");
    Console.out("PSI from 0.1 on is a little shifted, from 0.25 on shifted, where it is beyond what chance makes of so few rows; p after Holm");
}

/// What a column's values look like, in a few words.
pub fn values(column: &ColumnProfile) -> String {
    let range = || match (&column.min, &column.max) {
        (Some(min), Some(max)) => format!("{} … {}", min.label(), max.label()),
        _ => String::new(),
    };
    match column.role {
        Role::Numeric => {
            let middle = column
                .numbers
                .as_ref()
                .map_or_else(String::new, |numbers| format!(", median {}", figure::value(numbers.quantiles[2])));
            format!("{}{middle}", range())
        }
        Role::Datetime => range(),
        Role::Categorical | Role::Boolean | Role::Constant => {
            let top: Vec<String> = column
                .top
                .iter()
                .take(4)
                .map(|(value, count)| format!("{} {}", crate::safe!("{}", value.expose()), figure::count(*count)))
                .collect();
            top.join(", ")
        }
        Role::Text | Role::Identifier => column.top.first().map_or_else(String::new, |(value, _)| {
            format!("such as {}", crate::text::wrap::fit(crate::safe!("{}", value.expose()).as_str(), 40))
        }),
    }
}
