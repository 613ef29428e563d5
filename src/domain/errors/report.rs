//! An analysis of errors as a section of a report in Markdown.

use crate::domain::errors::ErrorAnalysis;
use crate::domain::errors::picture::{self, Tab};
use crate::safe;

/// Columns and rows of a part on a page.
const SIZE: (usize, usize) = (96, 26);

/// The section: each part as it is drawn in a terminal.
pub fn section(analysis: &ErrorAnalysis) -> String {
    let mut text = format!("## Error analysis\n\n{}.\n", picture::head(analysis));
    for note in &analysis.notes {
        text.push_str(&format!("\n{}\n", safe!("{note}")));
    }
    for tab in Tab::of(analysis) {
        text.push_str(&format!("\n### {}\n\n```text\n", tab.label()));
        for line in picture::lines(analysis, tab, SIZE) {
            // A value of the data must not end the fence.
            text.push_str(&line.text().replace("```", "'''"));
            text.push('\n');
        }
        text.push_str("```\n");
    }
    text
}

/// The section where there is nothing to take apart.
pub fn not_checked(why: &str) -> String {
    format!("## Error analysis\n\n{}\n", safe!("{why}"))
}
