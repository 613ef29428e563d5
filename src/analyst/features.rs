//! `features`: units by what the columns are – ratios, ages, tails, gaps, frequencies, crossings, lengths of text.

use crate::analyst::brief::{Brief, Column};
use crate::analyst::model::quote;
use crate::analyst::think::{self, Use};
use crate::analyst::{Answer, BY_RULES, fence, identifier, recipe};
use crate::domain::limits_in_words;
use crate::text::figure;

/// Most units of one answer.
const MAX_UNITS: usize = 12;

struct Unit {
    name: String,
    code: String,
    about: String,
}

/// Units as they are collected, their names all different.
struct Units(Vec<Unit>);

impl Units {
    fn add(&mut self, name: &str, doc: &str, body: &str) {
        let name = self.free(name);
        let code =
            format!("def {name}(frame):\n    \"\"\"{}\"\"\"\n{body}", doc.replace('\\', "\\\\").replace('"', "'"));
        self.push(name, code, doc);
    }

    fn add_class(&mut self, name: &str, doc: &str, body: &str) {
        let name = self.free(name);
        let code = format!("class {name}:\n    \"\"\"{}\"\"\"\n\n{body}", doc.replace('\\', "\\\\").replace('"', "'"));
        self.push(name, code, doc);
    }

    fn push(&mut self, name: String, code: String, doc: &str) {
        if self.0.len() < MAX_UNITS {
            self.0.push(Unit { name, code, about: doc.to_owned() });
        }
    }

    fn free(&self, wanted: &str) -> String {
        let taken = |name: &str| self.0.iter().any(|unit| unit.name == name);
        if !taken(wanted) {
            return wanted.to_owned();
        }
        (2..1_000).map(|n| format!("{wanted}_{n}")).find(|name| !taken(name)).unwrap_or_default()
    }
}

fn camel(name: &str) -> String {
    identifier(name)
        .split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
        })
        .collect()
}

/// Answers.
pub fn answer(brief: &Brief) -> Answer {
    let mut units = Units(Vec::new());
    collect(brief, &mut units);
    let mut thinking = think::read_through(brief);
    thinking.push_str("\n### Which features\n\nEach rule looks for its kind of column:\n");
    for unit in &units.0 {
        thinking.push_str(&format!("- *{}*: {}\n", unit.name, unit.about));
    }
    let tried: Vec<&str> = brief.parts.iter().filter_map(|part| part["part"].as_str()).collect();
    if !tried.is_empty() {
        thinking.push_str(&format!("\nMeasured before: {}. What was worse is left out.\n", tried.join(", ")));
    }
    if let Some(limit) = brief.setting("constraints").and_then(limits_in_words::per_row_us) {
        thinking.push_str(&format!(
            "\nEach must take less than {} µs for one row. Whole columns at once take a few; the run measures it.\n",
            figure::value(limit)
        ));
    }
    let bodies: Vec<&str> = units.0.iter().map(|unit| unit.code.as_str()).collect();
    let names: Vec<&str> = units.0.iter().map(|unit| unit.name.as_str()).collect();
    let code = format!(
        "\"\"\"Features made of the columns; each can be dropped from FEATURES without touching the others.\"\"\"\n\nimport numpy as np\nimport pandas as pd\n\n\ndef number(frame, name):\n    \"\"\"A column as numbers, missing where it is none.\"\"\"\n    return pd.to_numeric(frame[name], errors=\"coerce\").astype(\"float64\")\n\n\ndef texts(frame, name):\n    \"\"\"A column as text, with one word for missing.\"\"\"\n    return frame[name].astype(\"object\").where(frame[name].notna(), \"(none)\").astype(str)\n\n\n{}\n\n\nFEATURES = [{}]\n",
        bodies.join("\n\n"),
        names.join(", ")
    );
    let list: String = units.0.iter().map(|unit| format!("- `{}` – {}\n", unit.name, unit.about)).collect();
    let kinds = missing_kinds(&units.0);
    let text = format!(
        "## Hypothesis\n\n{} say more to a linear model than the columns alone. (rule: features by kind of column)\n\n## Expected effect\n\nThe linear baseline improves with all of them; most single ones will not be distinguishable from nothing.\n\n{}\n{list}\n{kinds}\n{BY_RULES}",
        match names.as_slice() {
            [one] => one.replace('_', " "),
            [first, second, ..] => format!("{}, {} and others", first.replace('_', " "), second.replace('_', " ")),
            [] => "No features".to_owned(),
        },
        fence("python", "features.py", &code),
    );
    Answer { thinking, text }
}

fn missing_kinds(units: &[Unit]) -> String {
    let has = |kind: &str| units.iter().any(|unit| unit.about.starts_with(kind));
    let missing: Vec<&str> =
        ["ratio", "temporal", "derived", "missingness", "encoding", "aggregation", "interaction", "text"]
            .into_iter()
            .filter(|kind| !has(kind))
            .collect();
    if missing.is_empty() {
        String::new()
    } else {
        format!("No column here asks for these kinds: {}.\n", missing.join(", "))
    }
}

fn collect(brief: &Brief, units: &mut Units) {
    let of = |wanted: &[Use]| -> Vec<&Column> {
        brief.features().filter(|column| wanted.contains(&think::use_of(brief, column).0)).collect()
    };
    for (over, under) in recipe::ratios(brief).into_iter().take(3) {
        let name = format!("{}_per_{}", identifier(&over), identifier(&under));
        let doc = format!(
            "ratio: {over} over {under}. Reason: a rate separates rows that differ in size alone. Cost: little, whole columns at once."
        );
        units.add(
            &name,
            &doc,
            &format!(
                "    bottom = number(frame, {})\n    return number(frame, {}) / bottom.where(bottom.abs() > 1e-9)\n",
                quote(&under),
                quote(&over)
            ),
        );
    }
    times(&of(&[Use::Time]), units);
    for column in of(&[Use::Skewed]).into_iter().take(2) {
        let doc = format!(
            "derived: logarithm of {}. Reason: a long tail bends a straight line. Cost: little, whole columns at once.",
            column.name
        );
        units.add(
            &format!("log_{}", identifier(&column.name)),
            &doc,
            &format!("    return np.log1p(number(frame, {}).clip(lower=0))\n", quote(&column.name)),
        );
    }
    let gaps: Vec<&Column> = brief
        .features()
        .filter(|column| column.null.is_some_and(|share| share > 0.01 && share < 0.99))
        .filter(|column| think::use_of(brief, column).0 != Use::Drop)
        .collect();
    if !gaps.is_empty() {
        let names: Vec<String> = gaps.iter().take(20).map(|column| quote(&column.name)).collect();
        units.add("n_missing", "missingness: how many of the columns with gaps are empty in a row. Reason: gaps are seldom by chance. Cost: little, whole columns at once.", &format!(
            "    return frame[[{}]].isna().sum(axis=1).astype(\"float64\")\n", names.join(", ")
        ));
    }
    let categories = of(&[Use::Category]);
    if let Some(column) = categories.iter().find(|column| column.distinct.is_some_and(|n| n >= 3)) {
        let doc = format!(
            "encoding: how common the value of {} is. Reason: rare values behave alike, and one number holds that. Cost: little, whole columns at once.",
            column.name
        );
        units.add_class(&format!("{}Frequency", camel(&column.name)), &doc, &format!(
            "    def fit(self, frame, target=None):\n        self.shares_ = texts(frame, {name}).value_counts(normalize=True)\n        return self\n\n    def transform(self, frame):\n        return texts(frame, {name}).map(self.shares_).fillna(0.0).astype(\"float64\").rename(\"share\")\n",
            name = quote(&column.name)
        ));
    }
    let numbers = of(&[Use::Number, Use::Skewed, Use::NumberInText]);
    let spread: Vec<&&Column> = numbers.iter().filter(|column| column.distinct.is_some_and(|n| n > 5)).collect();
    if let (Some(group), Some(value)) =
        (categories.iter().find(|column| column.distinct.is_some_and(|n| (2..=200).contains(&n))), spread.first())
    {
        let doc = format!(
            "aggregation: {} against its mean among rows of the same {}. Reason: what is much for one group is little for another. Cost: little, whole columns at once.",
            value.name, group.name
        );
        units.add_class(&format!("{}Within{}", camel(&value.name), camel(&group.name)), &doc, &format!(
            "    def fit(self, frame, target=None):\n        values = number(frame, {value})\n        self.means_, self.mean_ = values.groupby(texts(frame, {group})).mean(), values.mean()\n        return self\n\n    def transform(self, frame):\n        usual = texts(frame, {group}).map(self.means_).fillna(self.mean_).astype(\"float64\")\n        return (number(frame, {value}) - usual).rename(\"difference\")\n",
            value = quote(&value.name), group = quote(&group.name)
        ));
    }
    let small: Vec<&&Column> =
        categories.iter().filter(|column| column.distinct.is_some_and(|n| (2..=12).contains(&n))).collect();
    if let [first, second, ..] = small.as_slice() {
        let doc = format!(
            "interaction: {} and {} together. Reason: a linear model adds them up; the pair may mean more. Cost: little, whole columns at once.",
            first.name, second.name
        );
        units.add(
            &format!("{}_and_{}", identifier(&first.name), identifier(&second.name)),
            &doc,
            &format!(
                "    return texts(frame, {}) + \" · \" + texts(frame, {})\n",
                quote(&first.name),
                quote(&second.name)
            ),
        );
    }
    for column in of(&[Use::Words]).into_iter().take(2) {
        let doc = format!(
            "text: length of {} in characters and words. Reason: people write more when something is wrong. Cost: little, whole columns at once.",
            column.name
        );
        units.add(&format!("length_of_{}", identifier(&column.name)), &doc, &format!(
            "    words = texts(frame, {name}).where(frame[{name}].notna(), \"\")\n    return pd.DataFrame({{\"characters\": words.str.len(), \"words\": words.str.count(\" \") + 1.0}}).astype(\"float64\")\n",
            name = quote(&column.name)
        ));
    }
    bends(brief, &spread, units);
}

fn times(columns: &[&Column], units: &mut Units) {
    for column in columns.iter().take(2) {
        let latest: String = column.max.as_str().unwrap_or("2020-01-01").chars().take(10).collect();
        let name = identifier(&column.name);
        let doc = format!(
            "temporal: days since {} and its place in the year and the week. Reason: age and season move behaviour. Cost: little, whole columns at once.",
            column.name
        );
        units.add(&format!("calendar_of_{name}"), &doc, &format!(
            "    when = pd.to_datetime(frame[{quoted}])\n    turn = 2 * np.pi * when.dt.dayofyear / 365.25\n    return pd.DataFrame({{\n        \"days ago\": (pd.Timestamp({latest}) - when).dt.days,\n        \"season\": np.sin(turn),\n        \"half-year\": np.cos(turn),\n        \"weekday\": when.dt.weekday,\n    }}).astype(\"float64\")\n",
            quoted = quote(&column.name), latest = quote(&latest)
        ));
    }
    if let [first, second, ..] = columns {
        let doc = format!(
            "temporal: days from {} to {}. Reason: how long something takes says how it went. Cost: little, whole columns at once.",
            first.name, second.name
        );
        units.add(
            &format!("days_from_{}_to_{}", identifier(&first.name), identifier(&second.name)),
            &doc,
            &format!(
                "    return (pd.to_datetime(frame[{}]) - pd.to_datetime(frame[{}])).dt.total_seconds() / 86_400\n",
                quote(&second.name),
                quote(&first.name)
            ),
        );
    }
}

/// Bends and a product: what a straight line can't do with numbers.
fn bends(brief: &Brief, spread: &[&&Column], units: &mut Units) {
    for column in spread.iter().take(2) {
        let (Some(middle), Some(low), Some(high)) = (column.q50, column.q25, column.q75) else { continue };
        let reach = if high > low { high - low } else { 1.0 };
        let doc = format!(
            "derived: distance of {} from its median, squared, in quartile ranges. Reason: a straight line can't say that both ends differ from the middle. Cost: little, whole columns at once.",
            column.name
        );
        units.add(
            &format!("bend_of_{}", identifier(&column.name)),
            &doc,
            &format!(
                "    return (((number(frame, {}) - {middle:?}) / {reach:?}) ** 2).clip(upper=100.0)\n",
                quote(&column.name)
            ),
        );
    }
    if let [first, second, ..] = spread {
        let middle = |column: &Column| column.q50.or(column.mean).unwrap_or(0.0);
        let doc = format!(
            "interaction: {} times {}, each from its median. Reason: the effect of one may depend on the other. Cost: little, whole columns at once.",
            first.name, second.name
        );
        units.add(
            &format!("{}_times_{}", identifier(&first.name), identifier(&second.name)),
            &doc,
            &format!(
                "    return (number(frame, {}) - {:?}) * (number(frame, {}) - {:?})\n",
                quote(&first.name),
                middle(first),
                quote(&second.name),
                middle(second)
            ),
        );
    }
    // What the privacy level holds back leaves no bounds; one thing can always be counted.
    if units.0.is_empty() {
        let names: Vec<String> = brief.features().take(40).map(|column| quote(&column.name)).collect();
        units.add(
            "n_missing",
            "missingness: how many columns are empty in a row. Reason: gaps are seldom by chance. Cost: little, whole columns at once.",
            &format!("    return frame[[{}]].isna().sum(axis=1).astype(\"float64\")\n", names.join(", ")),
        );
    }
}
