//! `pipeline`: a folder of files that is the same for every data set, and the configuration that is made for this one.

use crate::analyst::brief::{Brief, Column};
use crate::analyst::model::quote;
use crate::analyst::think::{self, Use};
use crate::analyst::{Answer, BY_RULES, fence};

macro_rules! file {
    ($path:literal) => {
        file!($path, $path)
    };
    ($path:literal, $source:literal) => {
        ($path, include_str!(concat!("../../assets/pipeline/", $source)))
    };
}

/// Files that are the same on every framework.
const SHARED: [(&str, &str); 14] = [
    file!("train.py"),
    file!("predict.py"),
    file!("monitor.py"),
    file!("data.py"),
    file!("settings.py"),
    file!("config/dev.toml"),
    file!("config/staging.toml"),
    file!("config/prod.toml"),
    file!("tests/__init__.py"),
    file!("tests/test_data.py"),
    file!("tests/test_model.py"),
    file!("tests/test_monitor.py"),
    file!("tests/test_pipeline.py"),
    file!("README.md"),
];
const SKLEARN: [(&str, &str); 2] =
    [file!("model.py", "model_sklearn.py"), file!("requirements.txt", "requirements_sklearn.txt")];
const PYTORCH: [(&str, &str); 3] = [
    file!("model.py", "model_pytorch.py"),
    file!("features.py"),
    file!("requirements.txt", "requirements_pytorch.txt"),
];
const TENSORFLOW: [(&str, &str); 3] = [
    file!("model.py", "model_tensorflow.py"),
    file!("features.py"),
    file!("requirements.txt", "requirements_tensorflow.txt"),
];

/// Files of the folder for a framework: path and text.
fn files(framework: &str) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    let own: &[(&str, &str)] = match framework {
        "pytorch" => &PYTORCH,
        "tensorflow" => &TENSORFLOW,
        _ => &SKLEARN,
    };
    SHARED.iter().chain(own)
}

/// Answers.
pub fn answer(brief: &Brief) -> Answer {
    let framework = match brief.setting("framework") {
        Some("pytorch" | "torch") => "pytorch",
        Some("tensorflow" | "keras") => "tensorflow",
        _ => "sklearn",
    };
    let mut thinking = think::read_through(brief);
    thinking.push_str(&format!("\n### Which folder\n\nBuilt on {framework}. The files are the same for every data set; all that is special to this one stands in `config/base.toml`, so that a change of the data is a change of one file.\n"));
    let base = base(brief, framework);
    let mut text = format!(
        "## Hypothesis\n\nA folder on {framework}, configured for `{}`, predicts in use what it predicts in the folds. (rule: pipeline)\n\n## Expected effect\n\nIts score is close to that of a model of the same kind; its own tests pass.\n\n",
        brief.target()
    );
    for (path, code) in files(framework) {
        text.push_str(&fence(language(path), path, code));
        text.push('\n');
    }
    text.push_str(&fence("toml", "config/base.toml", &base));
    text.push_str(BY_RULES);
    Answer { thinking, text }
}

fn language(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("py") => "python",
        Some("toml") => "toml",
        Some("md") => "markdown",
        _ => "text",
    }
}

/// The configuration of this data set.
fn base(brief: &Brief, framework: &str) -> String {
    let of = |wanted: &[Use]| -> Vec<&Column> {
        brief.features().filter(|column| wanted.contains(&think::use_of(brief, column).0)).collect()
    };
    let list = |columns: &[&Column]| {
        let names: Vec<String> = columns.iter().map(|column| quote(&column.name)).collect();
        format!("[{}]", names.join(", "))
    };
    let numbers = of(&[Use::Number, Use::Skewed, Use::NumberInText]);
    let framing = brief.framing.clone().unwrap_or_default();
    let target = brief.columns.iter().find(|column| column.name == framing.target);
    let is_class = brief.is_classification();
    let classes: Vec<String> = target
        .filter(|_| is_class)
        .map(|column| column.top.keys().map(|class| quote(class)).collect())
        .unwrap_or_default();
    // What is wider than anything seen, by its own width, is surely wrong.
    let ranges: String = numbers
        .iter()
        .filter_map(|column| {
            let (min, max) = (column.min.as_f64()?, column.max.as_f64()?);
            let width = (max - min).max(1.0);
            let low = if min >= 0.0 { 0.0 } else { min - width };
            Some(format!("{} = [{low:?}, {:?}]\n", quote(&column.name), max + width))
        })
        .collect();
    let positive = if framing.problem == "binary" {
        framing.positive.as_ref().map_or_else(String::new, |class| format!("positive = {}\n", quote(class)))
    } else {
        String::new()
    };
    let kind = if framework == "sklearn" { if brief.n_rows < 500 { "linear" } else { "boosting" } } else { "mlp" };
    format!(
        "# Everything that is special to this data set. Each environment's file overrides single values.\n\n[problem]\nname = {}\ntarget = {}\nkind = {}\nmetric = {}\n{positive}classes = [{}]\n\n[columns]\nnumbers = {}\ncategories = {}\ntimes = {}\ntexts = {}\n\n[ranges]\n{ranges}\n[model]\nkind = \"{kind}\"\nseed = 0\nlearning_rate = {}\nmax_iter = 200\n\n[training]\nvalidation_share = 0.2\npatience = 15\nmax_epochs = 60\nbatch_size = 256\n\n[monitoring]\npsi_warning = 0.1\npsi_alarm = 0.25\nmetric_drop_alarm = 0.05\nlatency_ms_alarm = 100.0\n",
        quote(&framing.target),
        quote(&framing.target),
        quote(&framing.problem),
        quote(&framing.metric),
        classes.join(", "),
        list(&numbers),
        list(&of(&[Use::Category])),
        list(&of(&[Use::Time])),
        list(&of(&[Use::Words])),
        if framework == "sklearn" { "0.05" } else { "0.001" },
    )
}
