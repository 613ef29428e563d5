//! What is wrong with a TOML file, in one sentence with its line and its key.

use crate::domain::failure::Failure;
use crate::safe;

/// A TOML file that can't be used: its line, its key, and what is wrong.
pub fn bad_toml(name: &str, text: &str, error: &toml::de::Error) -> Failure {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    let line = text[..at].matches('\n').count() + 1;
    let whole = text.lines().nth(line - 1).unwrap_or_default().trim();
    let key = whole.split(['=', ']']).next().unwrap_or_default().trim().trim_start_matches('[');
    let key = if key.is_empty() { String::new() } else { format!(", {key}") };
    let message = error.message().lines().next().unwrap_or_default().to_owned();
    Failure::input(safe!("{name}, line {line}{key}"), safe!("{message}"), safe!("mend that line; nothing was changed"))
}
