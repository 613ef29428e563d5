//! Writes a solution for one data set: its columns by what they are, an estimator, nothing else.

use crate::analyst::brief::Brief;
use crate::analyst::think::{self, Use};

/// Which estimator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimator {
    /// Logistic or ridge regression, penalty chosen inside the fold.
    Linear,
    /// The same on splines of the numbers.
    Splines,
    /// Histogram gradient boosting.
    Boosting,
    /// The same, slower and stronger held back.
    SlowBoosting,
    /// Random forest.
    Forest,
    /// Extremely randomised trees.
    ExtraTrees,
    /// The mean of a linear model and boosting.
    Blend,
}

impl Estimator {
    fn is_linear(self) -> bool {
        matches!(self, Self::Linear | Self::Splines)
    }
}

/// What a solution is made of.
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The estimator.
    pub estimator: Estimator,
    /// Whether points in time become days, month and weekday; otherwise days alone.
    pub dates: bool,
    /// Ratios of two columns.
    pub ratios: Vec<(String, String)>,
    /// Whether gaps become flags.
    pub flags: bool,
    /// Whether classes are weighed by their rarity.
    pub balanced: bool,
    /// Whether `build` takes the settings of the estimator.
    pub searched: bool,
}

/// A Python string literal. JSON's escapes are Python's too.
pub fn quote(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// A list of names, as many on a line as fit.
fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| quote(name)).collect();
    let line = format!("[{}]", quoted.join(", "));
    if line.len() <= 54 {
        return line;
    }
    let mut rows: Vec<String> = vec![String::from("   ")];
    for name in &quoted {
        if rows.last().is_some_and(|row| row.len() > 4 && row.len() + name.len() > 66) {
            rows.push(String::from("   "));
        }
        if let Some(row) = rows.last_mut() {
            row.push_str(&format!(" {name},"));
        }
    }
    format!("[\n{}\n]", rows.join("\n"))
}

/// A docstring, its lines no longer than a screen.
pub fn docstring(text: &str) -> String {
    let clean = text.replace('\\', "\\\\").replace('"', "'");
    let rows: Vec<&str> = crate::text::wrap::wrap(&clean, 64).into_iter().map(|row| clean[row].trim_end()).collect();
    match rows.as_slice() {
        [one] if one.len() <= 60 => format!("\"\"\"{one}\"\"\""),
        rows => format!("\"\"\"{}\n\"\"\"", rows.join("\n")),
    }
}

struct Columns {
    numbers: Vec<String>,
    skewed: Vec<String>,
    in_text: Vec<String>,
    categories: Vec<String>,
    times: Vec<String>,
    words: Vec<String>,
    gaps: Vec<String>,
    latest: String,
}

fn columns(brief: &Brief) -> Columns {
    let of = |wanted: &[Use]| -> Vec<String> {
        brief
            .features()
            .filter(|column| wanted.contains(&think::use_of(brief, column).0))
            .map(|column| column.name.clone())
            .collect()
    };
    let latest =
        brief.features().filter(|column| column.role == "datetime").filter_map(|column| column.max.as_str()).max();
    Columns {
        numbers: of(&[Use::Number]),
        skewed: of(&[Use::Skewed]),
        in_text: of(&[Use::NumberInText]),
        categories: of(&[Use::Category]),
        times: of(&[Use::Time]),
        words: of(&[Use::Words]),
        gaps: brief
            .features()
            .filter(|column| column.null.is_some_and(|share| share > 0.02 && share < 0.98))
            .filter(|column| think::use_of(brief, column).0 != Use::Drop)
            .map(|column| column.name.clone())
            .collect(),
        latest: latest.map_or_else(|| "2000-01-01".into(), |latest| latest.chars().take(10).collect()),
    }
}

/// Writes the file. `doc` is its first line.
pub fn write(brief: &Brief, parts: &Parts, doc: &str) -> String {
    let columns = columns(brief);
    let is_class = brief.is_classification();
    let mut code = format!("{}\n\n", docstring(doc));
    code.push_str(&imports(&columns, parts, is_class));
    code.push_str(&constants(&columns, parts));
    code.push_str(&features(&columns, parts));
    let estimator = estimator(brief, &columns, parts);
    code.push_str(&if parts.searched { estimator.replace("def build():", "def build(params):") } else { estimator });
    code
}

fn imports(columns: &Columns, parts: &Parts, is_class: bool) -> String {
    let mut lines: Vec<String> = Vec::new();
    if !columns.skewed.is_empty() && parts.estimator.is_linear()
        || !parts.ratios.is_empty()
        || parts.estimator == Estimator::Blend
    {
        lines.push("import numpy as np".into());
    }
    lines.push("import pandas as pd".into());
    lines.push("from sklearn.compose import ColumnTransformer".into());
    if !columns.words.is_empty() {
        if !parts.estimator.is_linear() {
            lines.push("from sklearn.decomposition import TruncatedSVD".into());
        }
        lines.push("from sklearn.feature_extraction.text import TfidfVectorizer".into());
    }
    let kind = if is_class { "Classifier" } else { "Regressor" };
    match parts.estimator {
        Estimator::Linear | Estimator::Splines => {}
        Estimator::Boosting | Estimator::SlowBoosting => {
            lines.push(format!("from sklearn.ensemble import HistGradientBoosting{kind}"));
        }
        Estimator::Forest => lines.push(format!("from sklearn.ensemble import RandomForest{kind}")),
        Estimator::ExtraTrees => lines.push(format!("from sklearn.ensemble import ExtraTrees{kind}")),
        Estimator::Blend => {
            lines.push(format!("from sklearn.ensemble import HistGradientBoosting{kind}, Voting{kind}"));
        }
    }
    let fills = parts.estimator.is_linear()
        || matches!(parts.estimator, Estimator::Forest | Estimator::ExtraTrees | Estimator::Blend);
    if fills || (!columns.categories.is_empty() && parts.estimator.is_linear()) {
        lines.push("from sklearn.impute import SimpleImputer".into());
    }
    if parts.estimator.is_linear() || parts.estimator == Estimator::Blend {
        lines.push(format!(
            "from sklearn.linear_model import {}",
            match (is_class, parts.searched) {
                (true, false) => "LogisticRegressionCV",
                (true, true) => "LogisticRegression",
                (false, false) => "RidgeCV",
                (false, true) => "Ridge",
            }
        ));
    }
    lines.push("from sklearn.pipeline import make_pipeline".into());
    let mut tools = vec!["FunctionTransformer"];
    let one_hot = parts.estimator.is_linear() || parts.estimator == Estimator::Blend;
    if !columns.categories.is_empty() {
        if one_hot {
            tools.push("OneHotEncoder");
        }
        if !parts.estimator.is_linear() {
            tools.push("OrdinalEncoder");
        }
    }
    if parts.estimator == Estimator::Splines {
        tools.push("SplineTransformer");
    }
    if one_hot {
        tools.push("StandardScaler");
    }
    tools.sort_unstable();
    lines.push(format!("from sklearn.preprocessing import {}", tools.join(", ")));
    lines.join("\n") + "\n\n"
}

fn constants(columns: &Columns, parts: &Parts) -> String {
    let mut code = String::new();
    let mut add = |name: &str, names: &[String]| code.push_str(&format!("{name} = {}\n", list(names)));
    add("NUMBERS", &[columns.numbers.as_slice(), columns.skewed.as_slice()].concat());
    add("CATEGORIES", &columns.categories);
    if !columns.skewed.is_empty() && parts.estimator.is_linear() {
        add("LONG_TAILED", &columns.skewed);
    }
    if !columns.in_text.is_empty() {
        add("NUMBERS_IN_TEXT", &columns.in_text);
    }
    if !columns.times.is_empty() {
        add("TIMES", &columns.times);
        code.push_str(&format!("LATEST = pd.Timestamp({})\n", quote(&columns.latest)));
    }
    if !columns.words.is_empty() {
        code.push_str(&format!("WORDS = {}\n", list(&columns.words)));
    }
    if parts.flags && !columns.gaps.is_empty() {
        code.push_str(&format!("GAPS = {}\n", list(&columns.gaps)));
    }
    if !parts.ratios.is_empty() {
        let pairs: Vec<String> =
            parts.ratios.iter().map(|(over, under)| format!("    ({}, {}),\n", quote(over), quote(under))).collect();
        code.push_str(&format!("RATIOS = [\n{}]\n", pairs.concat()));
    }
    code
}

/// The function that makes the columns, row by row: nothing in it is fitted.
fn features(columns: &Columns, parts: &Parts) -> String {
    let mut body = String::from(
        "\n\ndef features(frame):\n    \"\"\"The columns of the model, each row from itself alone.\"\"\"\n    made = pd.DataFrame(index=frame.index)\n    for name in NUMBERS:\n        made[name] = pd.to_numeric(frame[name], errors=\"coerce\").astype(\"float64\")\n",
    );
    if !columns.in_text.is_empty() {
        body.push_str("    for name in NUMBERS_IN_TEXT:\n        made[name] = pd.to_numeric(frame[name], errors=\"coerce\").astype(\"float64\")\n");
    }
    if !columns.skewed.is_empty() && parts.estimator.is_linear() {
        body.push_str("    for name in LONG_TAILED:\n        made[name] = np.log1p(made[name].clip(lower=0))\n");
    }
    if !columns.times.is_empty() {
        body.push_str("    for name in TIMES:\n        when = pd.to_datetime(frame[name])\n        made[name + \" age\"] = (LATEST - when).dt.days.astype(\"float64\")\n");
        if parts.dates {
            body.push_str("        made[name + \" month\"] = when.dt.month.astype(\"float64\")\n        made[name + \" weekday\"] = when.dt.weekday.astype(\"float64\")\n");
        }
    }
    if !parts.ratios.is_empty() {
        body.push_str("    for over, under in RATIOS:\n        bottom = pd.to_numeric(frame[under], errors=\"coerce\").astype(\"float64\")\n        top = pd.to_numeric(frame[over], errors=\"coerce\").astype(\"float64\")\n        made[over + \" / \" + under] = top / bottom.where(bottom.abs() > 1e-9, np.nan)\n");
    }
    if parts.flags && !columns.gaps.is_empty() {
        body.push_str(
            "    for name in GAPS:\n        made[name + \" is missing\"] = frame[name].isna().astype(\"float64\")\n",
        );
    }
    body.push_str("    for name in CATEGORIES:\n        made[name] = frame[name].astype(\"object\").where(frame[name].notna(), \"(none)\").astype(str)\n");
    if !columns.words.is_empty() {
        body.push_str("    for name in WORDS:\n        made[name] = frame[name].astype(\"object\").where(frame[name].notna(), \"\").astype(str)\n");
    }
    body.push_str("    return made\n\n\ndef is_quantity(frame):\n    \"\"\"Every made column that is a number.\"\"\"\n    return [name for name in frame.columns if name not in CATEGORIES");
    if !columns.words.is_empty() {
        body.push_str(" and name not in WORDS");
    }
    body.push_str("]\n");
    body
}

fn words_steps(columns: &Columns, is_linear: bool) -> String {
    let vector = "TfidfVectorizer(ngram_range=(1, 2), min_df=3, max_features=20_000, sublinear_tf=True)";
    let step = if is_linear {
        vector.to_owned()
    } else {
        format!("make_pipeline({vector}, TruncatedSVD(20, random_state=0))")
    };
    columns
        .words
        .iter()
        .enumerate()
        .map(|(idx, name)| format!("            (\"words {idx}\", {step}, {}),\n", quote(name)))
        .collect()
}

fn estimator(brief: &Brief, columns: &Columns, parts: &Parts) -> String {
    let is_class = brief.is_classification();
    let weight = if parts.balanced && is_class { ", class_weight=\"balanced\"" } else { "" };
    let kind = if is_class { "Classifier" } else { "Regressor" };
    let has_categories = !columns.categories.is_empty();
    let linear_model = if parts.searched && is_class {
        format!("LogisticRegression(**params, max_iter=3000{weight})")
    } else if parts.searched {
        "Ridge(**params)".to_owned()
    } else if is_class {
        format!(
            "LogisticRegressionCV(Cs=8, cv=3, max_iter=3000, scoring=\"neg_log_loss\"{weight}, use_legacy_attributes=False, l1_ratios=(0.0,))"
        )
    } else {
        "RidgeCV(alphas=[0.01, 0.1, 1.0, 10.0, 100.0, 1000.0])".to_owned()
    };
    let linear = |name: &str, splines: bool| {
        let numbers = if splines {
            "make_pipeline(SimpleImputer(strategy=\"median\", keep_empty_features=True), StandardScaler(), SplineTransformer(n_knots=6, knots=\"quantile\", extrapolation=\"linear\"))"
        } else {
            "make_pipeline(SimpleImputer(strategy=\"median\", keep_empty_features=True), StandardScaler())"
        };
        let categories = if has_categories {
            "            (\"categories\", OneHotEncoder(handle_unknown=\"infrequent_if_exist\", min_frequency=10, max_categories=60), CATEGORIES),\n"
        } else {
            ""
        };
        format!(
            "\n\ndef {name}():\n    prepare = ColumnTransformer(\n        [\n            (\"quantities\", {numbers}, is_quantity),\n{categories}{}        ]\n    )\n    return make_pipeline(FunctionTransformer(features), prepare, {linear_model})\n",
            words_steps(columns, true)
        )
    };
    let codes =
        "OrdinalEncoder(handle_unknown=\"use_encoded_value\", unknown_value=-1, min_frequency=10, max_categories=200)";
    let trees = |name: &str, quantities: &str, model: &str| {
        let categories = if has_categories {
            format!("            (\"categories\", {codes}, CATEGORIES),\n")
        } else {
            String::new()
        };
        format!(
            "\n\ndef {name}():\n    prepare = ColumnTransformer(\n        [\n{categories}            (\"quantities\", {quantities}, is_quantity),\n{}        ],\n        sparse_threshold=0.0,\n    )\n    return make_pipeline(FunctionTransformer(features), prepare, {model})\n",
            words_steps(columns, false)
        )
    };
    let fill = "SimpleImputer(strategy=\"median\", keep_empty_features=True)";
    let boosting = |settings: &str| {
        let settings = if parts.searched { "**params" } else { settings };
        format!("HistGradientBoosting{kind}({settings}{weight}, random_state=0)")
    };
    // On few rows a part set aside for stopping early costs more than it saves: few small trees instead.
    let (fast, slow) = if brief.n_rows < 10_000 {
        (
            "learning_rate=0.05, max_iter=150, max_leaf_nodes=8, min_samples_leaf=30, l2_regularization=1.0",
            "learning_rate=0.02, max_iter=500, max_leaf_nodes=5, min_samples_leaf=40, l2_regularization=5.0, max_features=0.5",
        )
    } else {
        (
            "learning_rate=0.08, max_iter=500, early_stopping=True, n_iter_no_change=15",
            "learning_rate=0.03, max_iter=1500, early_stopping=True, n_iter_no_change=30, l2_regularization=5.0, max_features=0.5",
        )
    };
    match parts.estimator {
        Estimator::Linear => linear("build", false),
        Estimator::Splines => linear("build", true),
        Estimator::Boosting => trees("build", "\"passthrough\"", &boosting(fast)),
        Estimator::SlowBoosting => trees("build", "\"passthrough\"", &boosting(slow)),
        Estimator::Forest => trees(
            "build",
            fill,
            &format!(
                "RandomForest{kind}(n_estimators=300, min_samples_leaf=3, max_features=0.5{weight}, n_jobs=1, random_state=0)"
            ),
        ),
        Estimator::ExtraTrees => trees(
            "build",
            fill,
            &format!(
                "ExtraTrees{kind}(n_estimators=300, min_samples_leaf=3, max_features=0.7{weight}, n_jobs=1, random_state=0)"
            ),
        ),
        Estimator::Blend => {
            let voting = if is_class { ", voting=\"soft\"" } else { "" };
            linear("linear", false)
                + &trees("boosted", "\"passthrough\"", &boosting(fast))
                + &format!(
                    "\n\ndef build():\n    return Voting{kind}([(\"linear\", linear()), (\"boosted\", boosted())]{voting})\n"
                )
        }
    }
}
