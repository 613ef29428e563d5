//! The rules that no compiler sees.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::harness::repository;

/// Layers, the lowest first, with those that each may name.
const LAYERS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("domain", &["text"]),
    ("analyst", &["domain", "text"]),
    ("app", &["domain", "text"]),
    ("config", &["domain", "text"]),
    ("json", &["domain", "text"]),
    ("cli", &[]),
    ("input", &["app", "domain", "text"]),
    ("ui", &["app", "domain", "text"]),
    ("effects", &["analyst", "app", "config", "domain", "text"]),
    ("headless", &["config", "domain", "effects", "json", "text"]),
    ("runtime", &["app", "config", "domain", "effects", "input", "text", "ui"]),
];

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![repository().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(repository()).unwrap().to_owned(), text));
            }
        }
    }
    found.sort();
    found
}

fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

fn layer_of(path: &Path) -> String {
    let inside = path.strip_prefix("src").unwrap();
    inside.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

#[test]
fn a_layer_names_only_layers_below_it() {
    let allowed: BTreeMap<&str, &[&str]> = LAYERS.iter().copied().collect();
    for (path, text) in sources("src") {
        let layer = layer_of(&path);
        let Some(below) = allowed.get(layer.as_str()) else {
            assert!(matches!(layer.as_str(), "lib" | "main"), "{} belongs to no layer", path.display());
            continue;
        };
        for (other, _) in LAYERS {
            let names = without_tests(&text).contains(&format!("crate::{other}::"))
                || without_tests(&text).contains(&format!("crate::{other};"));
            assert!(!names || *other == layer || below.contains(other), "{} names {other}", path.display());
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for (path, text) in sources("src").into_iter().chain(sources("tests")) {
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") && first.len() > 12, "{} has no first sentence", path.display());
    }
}

#[test]
fn files_stay_small() {
    for (path, text) in sources("src") {
        let n = without_tests(&text).lines().count();
        assert!(n <= 600, "{} has {n} lines; give it one reason to change", path.display());
    }
}

#[test]
fn only_effects_reach_outside() {
    const OUTSIDE: [&str; 9] = [
        "std::fs",
        "std::net",
        "std::process::Command",
        "tokio::",
        "reqwest::",
        "polars::",
        "rusqlite::",
        "axum::",
        "Instant::now",
    ];
    for (path, text) in sources("src") {
        if matches!(layer_of(&path).as_str(), "text" | "domain" | "analyst" | "app" | "ui" | "input" | "json" | "cli") {
            for line in without_tests(&text).lines().filter(|line| !line.trim_start().starts_with("//")) {
                for name in OUTSIDE {
                    assert!(!line.contains(name), "{} names {name}", path.display());
                }
            }
        }
    }
}

#[test]
fn raw_text_is_never_drawn() {
    for (path, text) in sources("src/ui") {
        for (number, line) in without_tests(&text).lines().enumerate() {
            // Exposed text may be compared, coloured by a function that sanitizes, or sanitized on the spot.
            let is_fine = line.contains("safe!(")
                || line.contains("sanitize")
                || line.contains("cache.python(")
                || line.contains("highlight::plain(")
                || line.contains("Some(profile.name.expose())")
                || line.contains("lines().count()")
                || line.contains(".target.expose())") && !line.contains("put")
                || line.contains("TextDiff")
                || line.contains("before.expose(), \"")
                || line.contains("proposed.expose(), \"");
            assert!(
                !line.contains(".expose()") || is_fine,
                "{}:{} exposes raw text: {}",
                path.display(),
                number + 1,
                line.trim()
            );
        }
    }
}

#[test]
fn the_model_has_few_parts() {
    let text = std::fs::read_to_string(repository().join("src/app.rs")).unwrap();
    let body = text.split("pub struct Model {").nth(1).unwrap().split("\n}").next().unwrap();
    let n = body.lines().filter(|line| line.trim_start().starts_with("pub ")).count();
    assert!(n <= 12, "the model has {n} parts");
}

#[test]
fn every_dependency_has_its_reason() {
    let text = std::fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    let dependencies = text.split("[dependencies]").nth(1).unwrap().split("[dev-dependencies]").next().unwrap();
    let mut explained = false;
    for line in dependencies.lines() {
        if line.starts_with('#') && !line.starts_with("# ---") {
            explained = true;
        } else if line.trim().is_empty() || line.starts_with("# ---") {
            explained = false;
        } else if let Some((name, _)) = line
            .split_once(" = ")
            .filter(|(name, _)| !name.starts_with(' ') && !name.starts_with('[') && !name.starts_with('"'))
        {
            assert!(explained, "{name} has no reason above it");
        }
    }
}

#[test]
fn prompts_and_themes_can_be_read() {
    for name in ["system", "explore", "clean", "train", "next"] {
        let text = std::fs::read_to_string(repository().join(format!("prompts/{name}.md"))).unwrap();
        let (head, body) = rationale::domain::prompt::split_template(name, &text).unwrap();
        assert!(!head.title.is_empty() && body.len() > 200, "{name}");
        assert!(matches!(head.effort.as_str(), "low" | "medium" | "high"), "{name}");
    }
}

#[test]
fn no_path_of_a_machine_and_no_address_of_a_registry_is_in_the_project() {
    let listed = std::process::Command::new("git").args(["ls-files"]).current_dir(repository()).output().unwrap();
    let needles = [
        ["/ro", "ot/"].concat(),
        ["/wo", "rk/"].concat(),
        ["files.python", "hosted"].concat(),
        ["static.crates", ".io"].concat(),
    ];
    for name in String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter(|name| *name != "Cargo.lock" && !matches!(name.rsplit_once('.'), Some((_, "csv" | "png"))))
    {
        let text = String::from_utf8_lossy(&std::fs::read(repository().join(name)).unwrap_or_default()).into_owned();
        for needle in &needles {
            assert!(!text.contains(needle.as_str()), "{name} holds {needle}");
        }
    }
}

#[test]
fn the_readme_names_keys_as_they_are() {
    use rationale::app::command::Command;

    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let rows: Vec<(&str, &str)> =
        readme.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | ")).collect();
    assert!(rows.len() > 10, "the table of keys is gone");
    for (chord, doc) in rows {
        let command = Command::ALL.iter().find(|command| command.default_chords().contains(&chord));
        assert_eq!(command.map(|command| command.doc()), Some(doc), "{chord}");
    }
}
