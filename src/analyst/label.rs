//! `label`: a schema and guidelines, from the classes of the target where there are some.

use crate::analyst::brief::{Brief, Column};
use crate::analyst::model::quote;
use crate::analyst::think::{self, Use};
use crate::analyst::{Answer, BY_RULES, fence, identifier};

/// Answers.
pub fn answer(brief: &Brief) -> Answer {
    let named = brief.setting("text").and_then(|name| brief.columns.iter().find(|column| column.name == name));
    let by_use = |wanted: Use| {
        let fits = brief.features().filter(|column| think::use_of(brief, column).0 == wanted);
        fits.max_by(|a, b| longer(a, b))
    };
    let column =
        named.or_else(|| by_use(Use::Words)).or_else(|| by_use(Use::Category)).or_else(|| brief.columns.first());
    let name = column.map_or("", |column| column.name.as_str());
    let mut thinking = think::read_through(brief);
    thinking.push_str(&format!(
        "\n### What is labelled\n\n**{name}** is read{}.\n",
        if named.is_some() { ", as was told" } else { ", since it holds the longest text" }
    ));
    let target = brief.columns.iter().find(|column| column.name == brief.target());
    let classes: Vec<(String, String)> =
        match target.filter(|target| brief.is_classification() && (2..=12).contains(&target.top.len())) {
            Some(target) => target
                .top
                .keys()
                .map(|class| {
                    let is_word = class.starts_with(|c: char| c.is_alphabetic());
                    let label = if is_word { class.clone() } else { format!("{} {class}", target.name) };
                    (identifier(&label), format!("the text fits rows whose {} is {class}", target.name))
                })
                .collect(),
            None => vec![
                ("positive".into(), "the writer is content with what the text is about".into()),
                ("negative".into(), "the writer complains or regrets".into()),
                ("neutral".into(), "a report without judgement, or as much for as against".into()),
            ],
        };
    thinking.push_str(if target.is_some_and(|target| !target.top.is_empty()) && classes.len() > 1 {
        "The labels are the classes of the target where there are few, so that both can be compared; else the usual three of sentiment.\n"
    } else {
        "Nothing names classes, so the usual three of sentiment.\n"
    });
    let mut labels = classes;
    labels.push(("other".into(), "it fits none of the labels above".into()));
    labels.push(("unclear".into(), "the text alone does not settle it".into()));
    let toml: String = labels
        .iter()
        .map(|(label, description)| {
            format!("\n[[labels]]\nname = {}\ndescription = {}\nexamples = []\n", quote(label), quote(description))
        })
        .collect();
    let toml =
        format!("name = {}\nkind = \"single\"\ntext = {}\n{toml}", quote(&format!("labels of {name}")), quote(name));
    let each: String =
        labels.iter().map(|(label, description)| format!("### {label}\n\nUse it when {description}.\n\n")).collect();
    let purpose = brief.setting("problem").unwrap_or("to be written by whoever needs the labels");
    let guidelines = format!(
        "# Labelling {name}\n\n## Purpose\n\n{purpose}\n\n## Reading a row\n\nRead the whole text once. Judge what it says, not what you guess about its writer. One label only.\n\n## The labels\n\n{each}## Borderline\n\n- Two labels fit: the one that the last sentence speaks for.\n- Irony: what is meant, not what is written.\n- Empty or damaged text: `unclear`.\n- None fits: `other`, and note what is missing.\n\n## In doubt\n\nTake `unclear` rather than a guess; two people look at those rows.\n"
    );
    let text = format!(
        "## Hypothesis\n\nRows of `{name}` can be told apart by {} labels. (rule: labels from classes)\n\n## Expected effect\n\nTwo people agree on most rows; they will differ between neighbouring labels and `unclear`. Label fifty rows twice before labelling them all.\n\n{}\n{}{BY_RULES}",
        labels.len(),
        fence("toml", "labels.toml", &toml),
        fence("markdown", "guidelines.md", &guidelines),
    );
    Answer { thinking, text }
}

fn longer(a: &Column, b: &Column) -> std::cmp::Ordering {
    a.mean_chars.unwrap_or(0.0).total_cmp(&b.mean_chars.unwrap_or(0.0))
}
