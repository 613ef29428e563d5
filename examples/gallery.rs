//! Measures the leakage rules on the programs of tests/gallery: recall, precision, and every program judged wrongly.
//!
//! `cargo run --example gallery`
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a program that reads files and prints a table")]

use std::path::Path;

use rationale::domain::gallery::{Case, Score};

fn cases(folder: &Path) -> Vec<Case> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        std::fs::read_to_string(path).ok().map(|code| Case::read(&name, &code))
    };
    paths.iter().filter_map(read).collect()
}

/// The sets and where they lie; `next` is measured where it is there.
const SETS: [(&str, &str); 6] = [
    ("first", "tests/gallery"),
    ("second", "tests/gallery/second"),
    ("third", "tests/gallery/unseen"),
    ("inner", "tests/gallery/inner"),
    ("fresh", "tests/gallery/fresh"),
    ("next", "tests/gallery/next"),
];

fn main() {
    println!("{}", Score::HEAD);
    let mut wrong = Vec::new();
    for (name, folder) in SETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        if !folder.exists() {
            continue;
        }
        let all: Vec<Case> = ["leaking", "clean"].iter().flat_map(|part| cases(&folder.join(part))).collect();
        let score = Score::of(&all);
        println!("{}", score.line(name));
        wrong.extend(score.wrong.iter().map(|one| format!("{name}: {one}")));
    }
    for one in &wrong {
        println!("{one}");
    }
}
