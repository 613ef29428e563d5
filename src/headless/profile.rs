//! `rationale profile`

use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::domain::failure::Failure;
use crate::domain::known::Known;
use crate::domain::profile::{ColumnProfile, Role};
use crate::effects::data::piped;
use crate::effects::session::Session;
use crate::effects::world::World;
use crate::headless::Console;
use crate::text::figure;
use crate::text::wrap::{pad, pad_left, width};

/// Profiles a data set and prints the profile.
pub fn profile(world: &Arc<World>, path: &Path, target: Option<&str>, as_json: bool) -> Result<(), Failure> {
    let session = Session::open(Arc::clone(world), path)?;
    let known = session.know(target, &CancellationToken::new())?;
    if as_json {
        let mut source = session.table.source.clone();
        if piped::is_passing(path) {
            source.path = piped::SIGN.into();
        }
        Console.json(&crate::json::profile(&source, &known.profile, &known.warnings));
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
