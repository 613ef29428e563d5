//! Colours of Python, from its own tokens; kept until the code changes.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;

use crate::text::sanitize::{Place, sanitize_for};
use crate::ui::theme::Role;

/// Lines of pieces with their role.
pub type Colored = Vec<Vec<(String, Role)>>;

/// What was coloured last.
#[derive(Debug, Default)]
pub struct Cache {
    of: Option<String>,
    lines: Colored,
}

impl Cache {
    /// The coloured lines of `code`.
    pub fn python(&mut self, code: &str) -> &Colored {
        if self.of.as_deref() != Some(code) {
            self.lines = python(code);
            self.of = Some(code.to_owned());
        }
        &self.lines
    }
}

/// Colours Python. Code that does not parse is coloured as far as its tokens go.
pub fn python(code: &str) -> Colored {
    let parsed = parse_unchecked(code, ParseOptions::from(Mode::Module));
    let mut lines: Colored = vec![Vec::new()];
    let mut at = 0;
    let mut after_def = false;
    for token in parsed.tokens() {
        let (start, end) = (token.range().start().to_usize(), token.range().end().to_usize());
        if start < at || end > code.len() {
            continue;
        }
        push(&mut lines, &code[at..start], Role::Screen);
        let kind = token.kind();
        let role = match kind {
            TokenKind::Comment => Role::Comment,
            TokenKind::String | TokenKind::FStringStart | TokenKind::FStringMiddle | TokenKind::FStringEnd => {
                Role::String
            }
            TokenKind::Int | TokenKind::Float | TokenKind::Complex => Role::Number,
            TokenKind::Name if after_def => Role::Function,
            kind if kind.is_keyword() => Role::Keyword,
            _ => Role::Screen,
        };
        if !matches!(kind, TokenKind::NonLogicalNewline | TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent) {
            after_def = matches!(kind, TokenKind::Def | TokenKind::Class);
        }
        push(&mut lines, &code[start..end], role);
        at = end;
    }
    push(&mut lines, &code[at.min(code.len())..], Role::Screen);
    if code.ends_with('\n') {
        lines.pop();
    }
    lines
}

/// Text without colours, as lines.
pub fn plain(text: &str) -> Colored {
    text.lines().map(|line| vec![(sanitize_for(Place::Code, line).to_string(), Role::Screen)]).collect()
}

fn push(lines: &mut Colored, text: &str, role: Role) {
    for (idx, part) in text.split('\n').enumerate() {
        if idx > 0 {
            lines.push(Vec::new());
        }
        if !part.is_empty()
            && let Some(line) = lines.last_mut()
        {
            line.push((sanitize_for(Place::Code, part).to_string(), role));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_get_the_colours_of_what_they_are() {
        let lines = python("def build():  # go\n    return f\"x{1}\" + 'y'\n");
        let find = |word: &str| lines.iter().flatten().find(|(text, _)| text.contains(word)).map(|(_, role)| *role);
        assert_eq!(
            [find("def"), find("build"), find("# go"), find("return"), find("1"), find("'y'")].map(Option::unwrap),
            [Role::Keyword, Role::Function, Role::Comment, Role::Keyword, Role::Number, Role::String]
        );
    }

    #[test]
    fn no_line_is_lost_whatever_the_code_is() {
        for code in ["", "x", "x\n", "'''a\nb'''\n", "def (:\n  \n\tx = '\n", "\n\n", "é = '\u{202E}'\n"] {
            let lines = python(code);
            assert_eq!(lines.len(), code.lines().count().max(usize::from(code.is_empty())), "{code:?}");
        }
    }
}
