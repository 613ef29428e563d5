//! The header of a script that says what it needs (PEP 723): read as it stands, and written where there is none.

use std::ops::Range;

use toml_edit::{DocumentMut, Value};

use crate::domain::environment::required;
use crate::safe;
use crate::text::SafeText;

/// What a header says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The TOML between its first and last line, as written, with `\n` at the end of each line.
    pub toml: String,
    /// Versions of Python that will do: `>=3.11`.
    pub requires_python: Option<String>,
    /// Requirements, as written.
    pub dependencies: Vec<String>,
}

const FIRST: &str = "# /// script";
const LAST: &str = "# ///";

/// Reads the header of a script; nothing where there is none.
///
/// The block is found as PEP 723 says: `# /// script` on a line of its own, then comments, the last line of which that
/// reads `# ///` ends it. Lines may end with `\r\n`.
///
/// # Errors
/// In one sentence with its line, where the block has no end, stands there twice, or its TOML says something else than
/// the standard allows.
pub fn read(code: &str) -> Result<Option<Header>, SafeText> {
    let lines: Vec<&str> = code.lines().map(str::trim_end).collect();
    let mut found: Option<Range<usize>> = None;
    let mut at = 0;
    while at < lines.len() {
        if lines[at] != FIRST {
            at += 1;
            continue;
        }
        let comments = lines[at + 1..].iter().take_while(|line| **line == "#" || line.starts_with("# ")).count();
        let Some(length) = lines[at + 1..=at + comments].iter().rposition(|line| *line == LAST) else {
            return Err(safe!("line {}: the header {FIRST} has no end; end it with a line {LAST}", at + 1));
        };
        if let Some(first) = found {
            return Err(safe!(
                "line {}: a second header {FIRST}; the first begins in line {}, and one is allowed",
                at + 1,
                first.start
            ));
        }
        found = Some(at + 1..at + 1 + length);
        at += length + 2;
    }
    let Some(range) = found else { return Ok(None) };
    let toml: String = lines[range.clone()]
        .iter()
        .map(|line| format!("{}\n", line.strip_prefix("# ").or_else(|| line.strip_prefix('#')).unwrap_or(line)))
        .collect();
    parse(toml, range.start).map(Some)
}

/// `before` is how many lines of the script stand before the TOML.
fn parse(toml: String, before: usize) -> Result<Header, SafeText> {
    let document: DocumentMut = toml.parse().map_err(|error: toml_edit::TomlError| {
        let line = error.span().map_or(0, |span| toml[..span.start.min(toml.len())].matches('\n').count());
        let why = error.message().lines().next().unwrap_or_default().to_owned();
        safe!("line {}: the header {FIRST} is no TOML: {why}", before + line + 1)
    })?;
    let line_of = |key: &str| {
        before + toml.lines().position(|line| line.trim_start().starts_with(key)).map_or(0, |position| position + 1)
    };
    let requires_python = match document.get("requires-python") {
        None => None,
        Some(item) => Some(item.as_str().map(ToOwned::to_owned).ok_or_else(|| {
            safe!("line {}: requires-python must be text, for example \">=3.11\"", line_of("requires-python"))
        })?),
    };
    let refuse =
        || safe!("line {}: dependencies must be a list of text, for example [\"pandas>=2\"]", line_of("dependencies"));
    let mut dependencies = Vec::new();
    if let Some(item) = document.get("dependencies") {
        for value in item.as_array().ok_or_else(refuse)? {
            let requirement = value.as_str().ok_or_else(refuse)?;
            if required(requirement).is_none() {
                return Err(safe!(
                    "line {}: “{requirement}” is no requirement; write a name and a version, for example \"pandas>=2\"",
                    line_of("dependencies")
                ));
            }
            dependencies.push(requirement.to_owned());
        }
    }
    Ok(Header { toml, requires_python, dependencies })
}

impl Header {
    /// One for code that has none.
    pub fn new(requires_python: &str, dependencies: &[String]) -> Self {
        let mut document = DocumentMut::new();
        document["requires-python"] = toml_edit::value(requires_python);
        document["dependencies"] = toml_edit::value(toml_edit::Array::new());
        let header = Self {
            toml: document.to_string(),
            requires_python: Some(requires_python.to_owned()),
            dependencies: Vec::new(),
        };
        header.with(dependencies)
    }

    /// The same with these requirements as well, as far as it names none of that distribution. All else stays as written.
    #[must_use]
    pub fn with(&self, more: &[String]) -> Self {
        let has = |header: &Self, name: &Option<String>| header.dependencies.iter().any(|own| required(own) == *name);
        let mut header = self.clone();
        let Ok(mut document) = self.toml.parse::<DocumentMut>() else { return header };
        if document.get("dependencies").is_none() {
            // Before the first table, or it would belong to that.
            let mut text = String::from("dependencies = []\n");
            text.push_str(&header.toml);
            header.toml = text;
            document = header.toml.parse().unwrap_or(document);
        }
        for requirement in more {
            if has(&header, &required(requirement)) {
                continue;
            }
            header.dependencies.push(requirement.clone());
            if let Some(list) = document.get_mut("dependencies").and_then(toml_edit::Item::as_array_mut) {
                // A comment behind the last value stays behind it.
                let behind = list.trailing().as_str().unwrap_or_default().trim_end().to_owned();
                let mut value = Value::from(requirement.as_str());
                value.decor_mut().set_prefix(format!("{behind}\n  "));
                list.push_formatted(value);
                list.set_trailing_comma(true);
                list.set_trailing("\n");
            }
        }
        header.toml = document.to_string();
        header
    }

    /// As it stands in a file, with its first and last line.
    pub fn text(&self) -> String {
        let mut text = format!("{FIRST}\n");
        for line in self.toml.lines() {
            text.push_str(if line.is_empty() { "#" } else { "# " });
            text.push_str(line);
            text.push('\n');
        }
        text.push_str(LAST);
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let header = Header::new(">=3.11", &list(&["numpy==2.4.6", "scikit-learn"]));
        assert_eq!(
            header.text(),
            "# /// script\n# requires-python = \">=3.11\"\n# dependencies = [\n#   \"numpy==2.4.6\",\n#   \"scikit-learn\",\n# ]\n# ///\n"
        );
        assert_eq!(read(&header.text()), Ok(Some(header.clone())));
        let below = format!("#!/usr/bin/env python\n\n{}\nimport numpy\n", header.text());
        assert_eq!(read(&below), Ok(Some(header)));
    }

    #[test]
    fn code_without_a_header_has_none() {
        assert_eq!(read("import numpy\n"), Ok(None));
        assert_eq!(read("# /// pyproject\n# x = 1\n# ///\n"), Ok(None));
        assert_eq!(read("text = '''\n  # /// script\n'''\n"), Ok(None));
    }

    #[test]
    fn odd_headers_are_read_as_the_standard_says() {
        let crlf = "# /// script\r\n# dependencies = [\"pandas>=2\"]\r\n#\r\n# [tool.uv]\r\n# exclude-newer = \"2026-01-01T00:00:00Z\"\r\n# ///\r\nx = 1\r\n";
        let header = read(crlf).unwrap().unwrap();
        assert_eq!(header.dependencies, ["pandas>=2"]);
        assert_eq!(header.requires_python, None);
        assert_eq!(
            header.toml,
            "dependencies = [\"pandas>=2\"]\n\n[tool.uv]\nexclude-newer = \"2026-01-01T00:00:00Z\"\n"
        );
        // A line that reads like the end inside the comments does not end it; the last one does.
        let nested = "# /// script\n# # /// not the end\n# requires-python = \">=3.12\"\n# ///\n";
        assert_eq!(read(nested).unwrap().unwrap().requires_python.as_deref(), Some(">=3.12"));
        assert_eq!(read("# /// script\n# ///\n").unwrap().unwrap(), Header::default());
    }

    #[test]
    fn a_header_of_somebody_else_is_kept_and_only_added_to() {
        let own = "# /// script\n# requires-python = \"==3.12.*\"\n# dependencies = [\n#   \"Scikit_Learn<2\",  # ours\n# ]\n#\n# [tool.uv]\n# exclude-newer = \"2026-01-01T00:00:00Z\"\n# ///\n";
        let header = read(own).unwrap().unwrap().with(&list(&["scikit-learn==1.9.1", "numpy"]));
        assert_eq!(header.dependencies, ["Scikit_Learn<2", "numpy"]);
        let again = read(&header.text()).unwrap().unwrap();
        assert_eq!(again, header);
        assert!(header.toml.contains("requires-python = \"==3.12.*\"") && header.toml.contains("exclude-newer"));
        assert!(header.toml.contains("\"Scikit_Learn<2\",  # ours"), "{}", header.toml);
        // Without a list of its own, the list is no part of a table.
        let bare =
            read("# /// script\n# [tool.uv]\n# offline = false\n# ///\n").unwrap().unwrap().with(&list(&["numpy"]));
        assert_eq!(read(&bare.text()).unwrap().unwrap().dependencies, ["numpy"]);
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        let told = |code: &str| read(code).unwrap_err().to_string();
        assert_eq!(
            told("x = 1\n# /// script\n# dependencies = []\nimport x\n"),
            "line 2: the header # /// script has no end; end it with a line # ///"
        );
        assert_eq!(
            told("# /// script\n# ///\n\n# /// script\n# ///\n"),
            "line 4: a second header # /// script; the first begins in line 1, and one is allowed"
        );
        assert_eq!(
            told("# /// script\n# requires-python = 3.11\n# ///\n"),
            "line 2: requires-python must be text, for example \">=3.11\""
        );
        assert_eq!(
            told("# /// script\n# requires-python = \">=3.11\"\n# dependencies = \"numpy\"\n# ///\n"),
            "line 3: dependencies must be a list of text, for example [\"pandas>=2\"]"
        );
        assert_eq!(
            told("# /// script\n# dependencies = [\"--index-url http://x\"]\n# ///\n"),
            "line 2: “--index-url http://x” is no requirement; write a name and a version, for example \"pandas>=2\""
        );
        assert!(
            told("# /// script\n#\n# dependencies = [\n# ///\n")
                .starts_with("line 3: the header # /// script is no TOML: ")
        );
    }
}
