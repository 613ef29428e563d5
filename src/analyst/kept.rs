//! Features whose gain was measured, carried into a model: their code beside the columns, fitted with the fold.

use ruff_python_ast::{Expr, Stmt};
use ruff_python_parser::parse_module;
use ruff_text_size::Ranged;

use crate::analyst::brief::Brief;

/// Units that helped beyond the noise, and the code that defines them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The experiment in which they were measured.
    pub experiment: String,
    /// Their names.
    pub names: Vec<String>,
    code: String,
}

/// What earlier measurements say is worth keeping; nothing where nothing is.
pub fn kept(brief: &Brief) -> Option<Kept> {
    let names: Vec<String> = brief
        .parts
        .iter()
        .filter(|part| part["kind"] == "feature" && part["label"] == "better")
        .filter_map(|part| Some(part["part"].as_str()?.to_owned()))
        .collect();
    let file = brief.parts.iter().find(|part| part["file"] == "features.py")?;
    let code = file["code"].as_str()?.to_owned();
    let experiment = file["experiment"].as_str().unwrap_or_default().to_owned();
    let defined = |name: &String| code.contains(&format!("def {name}(")) || code.contains(&format!("class {name}"));
    let names: Vec<String> = names.into_iter().filter(defined).collect();
    (!names.is_empty() && parse_module(&code).is_ok()).then_some(Kept { experiment, names, code })
}

const MADE: &str = r#"

class Made(BaseEstimator, TransformerMixin):
    """The columns of the model, and beside them what the kept units make; what learns is fitted with the fold."""

    def __init__(self, units):
        self.units = units

    def fit(self, frame, target=None):
        self.fitted_ = [unit().fit(frame, target) if isinstance(unit, type) else unit for unit in self.units]
        self.codes_ = {}
        for name, values in self.made(frame):
            if not pd.api.types.is_numeric_dtype(values):
                known = sorted(set(values.dropna().astype(str)))
                self.codes_[name] = {value: code for code, value in enumerate(known)}
        return self

    def made(self, frame):
        for number, unit in enumerate(self.fitted_):
            values = unit.transform(frame) if hasattr(unit, "transform") else unit(frame)
            values = values.to_frame() if isinstance(values, pd.Series) else values
            for column in values.columns:
                yield f"kept {number} {column}", values[column].set_axis(frame.index)

    def transform(self, frame):
        columns = features(frame)
        for name, values in self.made(frame):
            if name in self.codes_:
                values = values.astype(str).map(self.codes_[name])
            columns[name] = pd.to_numeric(values, errors="coerce").astype("float64")
        return columns
"#;

impl Kept {
    /// A model that was written for the columns alone, with the kept units beside them.
    pub fn into_model(&self, model: &str) -> String {
        let Ok(parsed) = parse_module(&self.code) else { return model.to_owned() };
        let piece = |statement: &Stmt| {
            let range = statement.range();
            self.code[range.start().to_usize()..range.end().to_usize()].to_owned()
        };
        let is_list = |statement: &Stmt| {
            let target = statement.as_assign_stmt().and_then(|assign| assign.targets.first());
            target.and_then(Expr::as_name_expr).is_some_and(|name| name.id.as_str() == "FEATURES")
        };
        let (mut imports, mut body) = (String::new(), String::new());
        for statement in &parsed.syntax().body {
            match statement {
                Stmt::Import(_) | Stmt::ImportFrom(_) => {
                    let line = piece(statement);
                    if !model.lines().any(|other| other == line) {
                        imports.push_str(&format!("{line}\n"));
                    }
                }
                Stmt::Expr(alone) if alone.value.is_string_literal_expr() => {}
                other if is_list(other) => {}
                other => body.push_str(&format!("\n\n{}\n", piece(other))),
            }
        }
        let own = "from sklearn.base import BaseEstimator, TransformerMixin\n";
        let model = model
            .replacen("import pandas as pd\n", &format!("import pandas as pd\n{own}"), 1)
            .replacen(
                "from sklearn.preprocessing import FunctionTransformer, ",
                "from sklearn.preprocessing import ",
                1,
            )
            .replacen("from sklearn.preprocessing import FunctionTransformer\n", "", 1)
            .replace("FunctionTransformer(features)", "Made(KEPT)");
        let kept = format!("{body}\n\nKEPT = [{}]\n{MADE}", self.names.join(", "));
        let model = model.replacen("\n\ndef build():", &format!("{kept}\n\ndef build():"), 1);
        match model.find("import pandas as pd\n") {
            Some(at) => format!("{}{imports}{}", &model[..at], &model[at..]),
            None => model,
        }
    }
}
