//! The leakage rules on programs of which it is known whether they leak.

use rationale::domain::gallery::{Case, Score};

fn cases(set: &str) -> Vec<Case> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gallery").join(set);
    let mut cases = Vec::new();
    for part in ["leaking", "clean"] {
        for entry in std::fs::read_dir(folder.join(part)).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let case = Case::read(&name, &std::fs::read_to_string(entry.path()).unwrap());
            assert_eq!(case.leak.is_some(), part == "leaking", "{name}");
            cases.push(case);
        }
    }
    cases
}

#[test]
fn leaks_are_found_and_honest_programs_left_alone() {
    for set in ["", "second", "unseen", "inner", "fresh"] {
        let score = Score::of(&cases(set));
        assert!(score.n_leaking >= 30 && score.n_clean >= 30, "{score:?}");
        assert!(score.recall() >= 0.97, "{score:?}");
        assert!(score.n_false * 30 <= score.n_clean, "{score:?}");
    }
}

/// What the documents say of programs that nothing was tuned on stays true.
#[test]
fn on_programs_that_nothing_was_tuned_on_nineteen_of_twenty_are_judged_rightly() {
    let score = Score::of(&cases("next"));
    assert_eq!((score.n_leaking, score.n_clean), (40, 40));
    assert!(score.recall() >= 0.95 && score.n_false * 20 <= score.n_clean, "{score:?}");
}
