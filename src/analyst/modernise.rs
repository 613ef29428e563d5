//! `modernise`: old names replaced by today's, the script in a function, and a specification read off its syntax.

use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;

use crate::analyst::brief::Brief;
use crate::analyst::model::quote;
use crate::analyst::{Answer, BY_RULES, fence};

/// What old code writes and what is written today.
const REPLACED: [(&str, &str); 22] = [
    ("from sklearn.cross_validation import", "from sklearn.model_selection import"),
    ("from sklearn.grid_search import", "from sklearn.model_selection import"),
    ("from sklearn.learning_curve import", "from sklearn.model_selection import"),
    ("from sklearn.externals import joblib", "import joblib"),
    ("from sklearn.preprocessing import Imputer", "from sklearn.impute import SimpleImputer"),
    ("sklearn.cross_validation", "sklearn.model_selection"),
    (" Imputer(", " SimpleImputer("),
    ("(Imputer(", "(SimpleImputer("),
    ("missing_values='NaN'", "missing_values=np.nan"),
    ("missing_values=\"NaN\"", "missing_values=np.nan"),
    (", axis=0)", ")"),
    (".ix[", ".loc["),
    (".as_matrix()", ".to_numpy()"),
    ("np.int)", "int)"),
    ("np.float)", "float)"),
    ("np.bool)", "bool)"),
    ("np.object)", "object)"),
    ("astype(np.int,", "astype(int,"),
    ("sparse=False", "sparse_output=False"),
    ("sparse=True", "sparse_output=True"),
    ("xrange(", "range("),
    (".get_values()", ".to_numpy()"),
];

/// Answers.
pub fn answer(brief: &Brief) -> Answer {
    let legacy = brief.legacy.clone().unwrap_or_default();
    let mut thinking = "I am a set of rules, not a language model. I read the syntax of the old code, replace what no longer exists, and change no number.\n\n### What is replaced\n\n".to_owned();
    let (text, replaced) = renewed(&legacy);
    for (old, new) in &replaced {
        thinking.push_str(&format!("- `{}` becomes `{}`\n", old.trim(), new.trim()));
    }
    if replaced.is_empty() {
        thinking.push_str("Nothing: every name it uses still exists.\n");
    }
    let Ok(parsed) = ruff_python_parser::parse_module(&text) else {
        return Answer {
            thinking,
            text: format!(
                "The old code does not parse as Python 3, also after prints and ranges were renewed. Rules stop here: mend the line that fails, or ask a language model.\n{BY_RULES}"
            ),
        };
    };
    let read = Script::read(&text, &parsed.syntax().body);
    let specification = read.specification(&text, &replaced);
    let modern = read.modern(&text);
    let answer = format!(
        "## Hypothesis\n\nThe old code with {} renewed and its script in a function gives the same outputs. (rule: modernise)\n\n## Expected effect\n\nEvery output that both have agrees; a difference means that a renewed name behaves otherwise.\n\n{}\n{}{BY_RULES}",
        crate::text::figure::plural(replaced.len() as u64, "name"),
        fence("python", "modern.py", &modern),
        fence("markdown", "specification.md", &specification),
    );
    Answer { thinking, text: answer }
}

/// The code with old names replaced, and which were.
fn renewed(legacy: &str) -> (String, Vec<(&'static str, &'static str)>) {
    let mut replaced = Vec::new();
    let mut lines = Vec::new();
    for line in legacy.lines() {
        let mut line = line.to_owned();
        for (old, new) in REPLACED {
            // `axis` is an argument of many functions; only the old imputer lost it.
            if old == ", axis=0)" && !line.contains("Imputer(") {
                continue;
            }
            if line.contains(old) {
                line = line.replace(old, new);
                if !replaced.contains(&(old, new)) {
                    replaced.push((old, new));
                }
            }
        }
        let indent = line.len() - line.trim_start().len();
        if let Some(rest) =
            line.trim_start().strip_prefix("print ").filter(|rest| !rest.trim_start().starts_with(['(', '=']))
        {
            line = format!("{}print({})", &line[..indent], rest.trim_end());
        }
        lines.push(appended(&line));
    }
    (lines.join("\n") + "\n", replaced)
}

/// `a = a.append(b)` as a concatenation, where `b` is a name that looks like a table.
fn appended(line: &str) -> String {
    let Some((left, right)) = line.split_once('=') else { return line.to_owned() };
    let name = left.trim();
    let call = format!("{name}.append(");
    match right.trim().strip_prefix(&call).and_then(|rest| rest.strip_suffix(')')) {
        Some(arguments) if !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_') => {
            let (table, rest) = arguments
                .split_once(',')
                .map_or((arguments, String::new()), |(table, rest)| (table, format!(",{rest}")));
            format!("{left}= pd.concat([{name}, {}]{rest})", table.trim())
        }
        _ => line.to_owned(),
    }
}

/// The top level of a script, taken apart.
#[derive(Default)]
struct Script {
    imports: Vec<(usize, usize)>,
    definitions: Vec<(usize, usize)>,
    body: Vec<(usize, usize)>,
    assigned: Vec<String>,
    calls: Vec<String>,
    columns: Vec<String>,
}

impl Script {
    fn read(text: &str, statements: &[Stmt]) -> Self {
        let mut script = Self::default();
        for statement in statements {
            let range = (statement.range().start().to_usize(), statement.range().end().to_usize());
            match statement {
                Stmt::Import(_) | Stmt::ImportFrom(_) => script.imports.push(range),
                Stmt::FunctionDef(_) | Stmt::ClassDef(_) => script.definitions.push(range),
                // A guard runs when the script runs, and so does its body here.
                Stmt::If(guard) if text[range.0..range.1].starts_with("if __name__") => {
                    for inner in &guard.body {
                        script.body.push((inner.range().start().to_usize(), inner.range().end().to_usize()));
                        script.assigned_by(inner);
                    }
                }
                Stmt::Expr(alone) if alone.value.is_string_literal_expr() => {}
                _ => {
                    script.body.push(range);
                    script.assigned_by(statement);
                }
            }
        }
        script.calls =
            words(text, |word, next| next == Some('(') && word.starts_with(|c: char| c.is_ascii_uppercase()));
        script.columns = quoted_columns(text);
        script
    }

    fn assigned_by(&mut self, statement: &Stmt) {
        let mut names = |target: &Expr| {
            let mut add = |name: &str| {
                if !self.assigned.iter().any(|other| other == name) {
                    self.assigned.push(name.to_owned());
                }
            };
            match target {
                Expr::Name(name) => add(name.id.as_str()),
                Expr::Tuple(tuple) => {
                    tuple.elts.iter().filter_map(Expr::as_name_expr).for_each(|name| add(name.id.as_str()));
                }
                _ => {}
            }
        };
        match statement {
            Stmt::Assign(assign) => assign.targets.iter().for_each(&mut names),
            Stmt::AnnAssign(assign) => names(&assign.target),
            Stmt::With(with) => with.body.iter().for_each(|inner| self.assigned_by(inner)),
            _ => {}
        }
    }

    fn specification(&self, text: &str, replaced: &[(&str, &str)]) -> String {
        let list = |items: &[String]| {
            if items.is_empty() {
                "none".to_owned()
            } else {
                items.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ")
            }
        };
        let steps: String = self
            .body
            .iter()
            .enumerate()
            .map(|(idx, (start, end))| {
                let line = text[..*start].lines().count() + usize::from(text[..*start].ends_with('\n') || *start == 0);
                let shown: String =
                    text[*start..*end].split_whitespace().collect::<Vec<_>>().join(" ").chars().take(160).collect();
                format!("{}. line {}: `{}`\n", idx + 1, line.max(1), shown.replace('`', "'"))
            })
            .collect();
        let chance: Vec<&str> = ["random_state", "np.random", "random.seed", "shuffle"]
            .into_iter()
            .filter(|word| text.contains(word))
            .collect();
        format!(
            "# What the old code does\n\nRead off its syntax by rules; check it against the source.\n\n## Steps, in order\n\n{steps}\n## Columns by name\n\n{}\n\n## Estimators and other classes\n\n{}\n\n## Outputs by name\n\n{}\n\n## Sources of chance\n\n{}\n\n## Names that were replaced\n\n{}",
            list(&self.columns),
            list(&self.calls),
            list(&self.assigned),
            if chance.is_empty() {
                "none is named; what differs between two runs is a finding".to_owned()
            } else {
                chance.join(", ")
            },
            if replaced.is_empty() {
                "none\n".to_owned()
            } else {
                replaced.iter().map(|(old, new)| format!("- `{}` → `{}`\n", old.trim(), new.trim())).collect()
            },
        )
    }

    fn modern(&self, text: &str) -> String {
        let piece = |(start, end): &(usize, usize)| text[*start..*end].to_owned();
        let mut imports: Vec<String> = self.imports.iter().map(piece).collect();
        if text.contains("np.") && !imports.iter().any(|line| line.contains("numpy")) {
            imports.push("import numpy as np".into());
        }
        if text.contains("pd.concat") && !imports.iter().any(|line| line.contains("pandas")) {
            imports.push("import pandas as pd".into());
        }
        imports.sort_by_key(|line| !line.starts_with("from __future__"));
        imports.retain(|line| !line.starts_with("from __future__"));
        let mut code = format!(
            "\"\"\"The same computation as the old script, for today's libraries.\"\"\"\n\nimport logging\n{}\n\nLOG = logging.getLogger(__name__)\n\n\ndef note(*values: object) -> None:\n    \"\"\"What the old script printed.\"\"\"\n    LOG.info(\" \".join(str(value) for value in values))\n",
            imports.join("\n")
        );
        for definition in &self.definitions {
            code.push_str(&format!("\n\n{}\n", calls_note(&piece(definition))));
        }
        code.push_str("\n\ndef main(data: str) -> dict[str, object]:\n    \"\"\"Runs on the table at `data` and returns its results by name.\"\"\"\n");
        for range in &self.body {
            let statement = read_data(&calls_note(&piece(range)));
            code.push_str(&indented(&statement, column_of(text, range.0)));
        }
        let names: Vec<String> = self.assigned.iter().map(|name| quote(name)).collect();
        code.push_str(&format!("    results = [{}]\n    found = locals()\n    return {{name: found[name] for name in results if name in found}}\n", names.join(", ")));
        code
    }
}

fn column_of(text: &str, start: usize) -> usize {
    start - text[..start].rfind('\n').map_or(0, |at| at + 1)
}

/// A statement one level deeper; lines inside of texts over several lines stay as they are.
fn indented(statement: &str, had: usize) -> String {
    let mut inside = false;
    let mut out = String::new();
    for line in statement.lines() {
        let was_inside = inside;
        if (line.matches("\"\"\"").count() + line.matches("'''").count()) % 2 == 1 {
            inside = !inside;
        }
        if was_inside || line.trim().is_empty() {
            out.push_str(line);
        } else {
            let bare = line.strip_prefix(&" ".repeat(had)).unwrap_or(line);
            out.push_str(&format!("    {bare}"));
        }
        out.push('\n');
    }
    out
}

fn calls_note(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("print(") {
        let before = rest[..at].chars().next_back();
        out.push_str(&rest[..at]);
        out.push_str(if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.')) {
            "print("
        } else {
            "note("
        });
        rest = &rest[at + "print(".len()..];
    }
    out.push_str(rest);
    out
}

/// The table that is read first is the one that is given.
fn read_data(code: &str) -> String {
    for reader in ["pd.read_csv(", "pandas.read_csv(", "pd.read_table(", "pd.read_excel(", "pd.read_parquet("] {
        let Some(at) = code.find(reader) else { continue };
        let from = at + reader.len();
        let mark = code[from..].chars().next().unwrap_or(' ');
        if !matches!(mark, '\'' | '"') {
            continue;
        }
        let Some(end) = code[from + 1..].find(mark) else { continue };
        return format!("{}data{}", &code[..from], &code[from + 1 + end + 1..]);
    }
    code.to_owned()
}

fn words(text: &str, wanted: impl Fn(&str, Option<char>) -> bool) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut word = String::new();
    for c in text.chars().chain(std::iter::once('\n')) {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        if wanted(&word, Some(c)) && !found.contains(&word) {
            found.push(word.clone());
        }
        word.clear();
    }
    found
}

/// Texts in square brackets: what a script calls its columns.
fn quoted_columns(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for mark in ['\'', '"'] {
        for (at, _) in text.match_indices(mark) {
            let before = text[..at].trim_end().chars().next_back();
            if !matches!(before, Some('[' | ',')) {
                continue;
            }
            let Some(end) = text[at + 1..].find(mark) else { continue };
            let name = &text[at + 1..at + 1 + end];
            if !name.is_empty()
                && name.len() < 60
                && !name.contains(['\n', '[', '('])
                && !found.iter().any(|other| other == name)
            {
                found.push(name.to_owned());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_names_are_replaced_and_the_script_becomes_a_function() {
        let old = "import pandas as pd\nfrom sklearn.cross_validation import train_test_split\nfrom sklearn.preprocessing import Imputer\n\ndf = pd.read_csv('data/customers.csv')\nprint 'rows', len(df)\nfill = Imputer(missing_values='NaN', strategy='mean', axis=0)\nx = fill.fit_transform(df[['a', 'b']].as_matrix())\nif __name__ == '__main__':\n    total = x.sum()\n";
        let (text, replaced) = renewed(old);
        assert_eq!(replaced.len(), 6, "{replaced:?}");
        let parsed = ruff_python_parser::parse_module(&text).unwrap();
        let script = Script::read(&text, &parsed.syntax().body);
        assert_eq!(script.assigned, ["df", "fill", "x", "total"]);
        assert_eq!(script.columns, ["a", "b"]);
        let modern = script.modern(&text);
        assert!(modern.contains("    df = pd.read_csv(data)\n"), "{modern}");
        assert!(modern.contains("    note('rows', len(df))\n"), "{modern}");
        assert!(modern.contains("SimpleImputer(missing_values=np.nan, strategy='mean')"), "{modern}");
        assert!(modern.contains("import numpy as np"), "{modern}");
        assert!(modern.contains("    total = x.sum()\n    results = "), "{modern}");
        assert!(ruff_python_parser::parse_module(&modern).is_ok());
    }

    #[test]
    fn tables_that_are_appended_are_concatenated() {
        assert_eq!(
            appended("df = df.append(more, ignore_index=True)"),
            "df = pd.concat([df, more], ignore_index=True)"
        );
        assert_eq!(appended("rows.append(1)"), "rows.append(1)");
        assert_eq!(appended("    x = y.append(z)"), "    x = y.append(z)");
    }
}
