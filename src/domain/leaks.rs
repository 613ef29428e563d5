//! Finds in Python code what makes a score too good: rows, labels or times that a model should not have seen.

mod after;
mod batch;
mod call;
mod comps;
mod dummies;
mod expr;
mod features;
mod files;
mod fits;
mod frames;
mod inner;
mod judge;
mod lazy;
mod library;
mod memory;
mod names;
mod neighbours;
mod pick;
mod place;
mod splits;
mod state;
mod suspects;
mod tables;
mod times;
mod value;
mod walk;

use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};

use state::{Facts, Walk};

/// What the rules need to know about the question.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// How the code is run.
    pub kind: Kind,
    /// The column that is predicted.
    pub target: Option<&'a str>,
    /// The column that says when a row happened.
    pub time: Option<&'a str>,
    /// The column that says which rows belong together.
    pub group: Option<&'a str>,
    /// Columns that the workbench warned of as leaking or as identifiers.
    pub suspects: &'a [String],
    /// The name of the file that holds the data.
    pub data: Option<&'a str>,
    /// Whether the workbench splits by time.
    pub split_by_time: bool,
}

/// How code is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It defines `build()`; rows are handed over fold by fold and labels are withheld.
    Solution,
    /// A free script that reads, splits and scores by itself.
    Script,
}

/// A way in which a score gets too good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A transformer was fitted on rows that are tested on.
    FitBeforeSplit,
    /// The features hold the target.
    TargetAmongFeatures,
    /// Something in a solution is fitted on other rows than those of its fold.
    OutsideFold,
    /// Rows are read that were not handed over.
    ReadsHoldout,
    /// Files are looked for that were not handed over.
    ListsFiles,
    /// Objects are loaded that were made elsewhere.
    Unpickles,
    /// The network, a database or another program is asked for more than was handed over.
    ReachesOut,
    /// Rows with an order in time are split at random.
    ShuffledTime,
    /// Labels are written into features without folds.
    TargetEncoding,
    /// Rows were copied or made up before the split.
    ResampledBeforeSplit,
    /// Training stops by the rows that are tested on.
    TestForStopping,
    /// A choice was made by the score on the test rows.
    TunedOnTest,
    /// Columns were chosen by the labels of all rows.
    SelectedBeforeSplit,
    /// A feature holds values from later rows.
    FutureValues,
    /// Rows that belong together are on both sides.
    GroupsSplit,
    /// Duplicates were still there at the split.
    DuplicatesBeforeSplit,
    /// Single rows are remembered, or state is kept from fold to fold.
    Memorises,
    /// The score is of rows that the model was fitted on.
    TrainScore,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 18] = [
        Self::FitBeforeSplit,
        Self::TargetAmongFeatures,
        Self::OutsideFold,
        Self::ReadsHoldout,
        Self::ListsFiles,
        Self::Unpickles,
        Self::ReachesOut,
        Self::ShuffledTime,
        Self::TargetEncoding,
        Self::ResampledBeforeSplit,
        Self::TestForStopping,
        Self::TunedOnTest,
        Self::SelectedBeforeSplit,
        Self::FutureValues,
        Self::GroupsSplit,
        Self::DuplicatesBeforeSplit,
        Self::Memorises,
        Self::TrainScore,
    ];

    /// Whether it only counts where a model meets it, not where rows are split.
    fn waits(self) -> bool {
        matches!(self, Self::FutureValues | Self::ShuffledTime | Self::Memorises)
    }

    /// A name that does not change.
    pub fn name(self) -> &'static str {
        match self {
            Self::FitBeforeSplit => "fit-before-split",
            Self::TargetAmongFeatures => "target-among-features",
            Self::OutsideFold => "outside-fold",
            Self::ReadsHoldout => "reads-holdout",
            Self::ListsFiles => "lists-files",
            Self::Unpickles => "unpickles",
            Self::ReachesOut => "reaches-out",
            Self::ShuffledTime => "shuffled-time",
            Self::TargetEncoding => "target-encoding",
            Self::ResampledBeforeSplit => "resampled-before-split",
            Self::TestForStopping => "test-for-stopping",
            Self::TunedOnTest => "tuned-on-test",
            Self::SelectedBeforeSplit => "selected-before-split",
            Self::FutureValues => "future-values",
            Self::GroupsSplit => "groups-split",
            Self::DuplicatesBeforeSplit => "duplicates-before-split",
            Self::Memorises => "memorises",
            Self::TrainScore => "train-score",
        }
    }

    /// Why it makes a score too good.
    pub fn doc(self) -> &'static str {
        match self {
            Self::FitBeforeSplit => "What is learnt from all rows carries something of the test rows into training.",
            Self::TargetAmongFeatures => {
                "A model that is shown the answer, or something made of it, only has to repeat it."
            }
            Self::OutsideFold => "What is fitted on other rows than its fold's has seen the rows that it is judged by.",
            Self::ReadsHoldout => "Rows or labels that were kept back can no longer tell how well the model does.",
            Self::ListsFiles => {
                "Files beside the rows that were handed over may hold rows or labels that were kept back."
            }
            Self::Unpickles => "An object that was made elsewhere may hold the rows that it is judged by.",
            Self::ReachesOut => "What is fetched from elsewhere may hold the rows that the score is made of.",
            Self::ShuffledTime => {
                "A random split lets the model learn from the future of the rows that it is tested on."
            }
            Self::TargetEncoding => "A mean of labels that holds the row's own label tells the model its answer.",
            Self::ResampledBeforeSplit => {
                "Copies and blends of a row on both sides of the split are known before the test."
            }
            Self::TestForStopping => "Training that stops at the best test score reports the luckiest moment.",
            Self::TunedOnTest => "The best of many scores on the same test rows is partly luck with those rows.",
            Self::SelectedBeforeSplit => "Columns that were chosen with the test labels fit them by chance.",
            Self::FutureValues => "Values from later rows will not be there when the prediction is needed.",
            Self::GroupsSplit => "Rows of the same group are so alike that the model knows the answer from training.",
            Self::DuplicatesBeforeSplit => "A duplicate on the other side of the split is recalled and not predicted.",
            Self::Memorises => {
                "Looking up single rows, or keeping them from fold to fold, recalls and does not predict."
            }
            Self::TrainScore => "On the rows that it was fitted on, a model looks better than on any others.",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The line, from one.
    pub line: u32,
    /// Which way it is.
    pub rule: Rule,
    /// One short sentence that names what is meant.
    pub text: String,
}

/// Reads `code` and says where it makes its score too good, in the order of lines.
///
/// Code that does not parse yields nothing.
pub fn leaks(code: &str, about: &About<'_>) -> Vec<Leak> {
    let parsed = parse_unchecked(code, ParseOptions::from(Mode::Module));
    if !parsed.errors().is_empty() {
        return Vec::new();
    }
    let Some(module) = parsed.syntax().as_module() else { return Vec::new() };
    let mut facts = Facts::default();
    let mut found = Vec::new();
    // The first reading learns what is only said further down, such as which column is the target.
    for _ in 0..2 {
        let mut walk = Walk::new(code, about, std::mem::take(&mut facts));
        walk.named_suspects = suspects::named(&walk, about.suspects, &module.body);
        walk.named_after = after::named(&walk, &module.body);
        walk.body(&module.body);
        if walk.is_solution() {
            walk.solution();
            walk.suspects_in_solution();
        } else {
            walk.uncalled();
        }
        walk.judge();
        facts = walk.next;
        found = walk.found.into_iter().map(|((line, rule), text)| Leak { line, rule, text }).collect::<Vec<_>>();
    }
    if about.kind == Kind::Solution {
        for leak in inner::inner(code, about, &module.body) {
            // Where a splitter was named already, the calls that use it add nothing.
            let again = |known: &Leak| known.line == leak.line || leak.rule == Rule::ShuffledTime;
            if !found.iter().any(|known| known.rule == leak.rule && again(known)) {
                found.push(leak);
            }
        }
        found.sort_by_key(|leak| (leak.line, leak.rule));
    }
    found
}

/// Lines of `code` that ask for one of these columns, with its name; lines that only leave it out are none.
///
/// Code that does not parse yields nothing.
pub fn columns_named(code: &str, about: &About<'_>, names: &[String]) -> Vec<(u32, String)> {
    let parsed = parse_unchecked(code, ParseOptions::from(Mode::Module));
    let Some(module) = parsed.syntax().as_module().filter(|_| !names.is_empty() && parsed.errors().is_empty()) else {
        return Vec::new();
    };
    let walk = Walk::new(code, about, Facts::default());
    suspects::named(&walk, names, &module.body).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: About<'_> = About {
        kind: Kind::Script,
        target: None,
        time: None,
        group: None,
        suspects: &[],
        data: None,
        split_by_time: false,
    };

    /// The lines and rules that `# <-` at the end of a line asks for.
    fn expected(code: &str) -> Vec<(u32, String)> {
        let mut expected = Vec::new();
        for (line, text) in (1..).zip(code.lines()) {
            let rules = text.split_once("# <-").map(|(_, rules)| rules).unwrap_or_default();
            expected.extend(rules.split_whitespace().map(|rule| (line, rule.to_owned())));
        }
        expected.sort();
        expected
    }

    /// Checks every case of a table: `=== name | what is known of the question`, then the code.
    fn check(table: &str) {
        let mut wrong = Vec::new();
        for case in table.split("=== ").skip(1) {
            let (head, code) = case.split_once('\n').unwrap();
            let mut told = head.split('|').map(str::trim);
            let name = told.next().unwrap();
            let told: Vec<&str> = told.collect();
            let of = |key: &str| {
                told.iter()
                    .find_map(|word| word.split_once('=').filter(|(name, _)| *name == key))
                    .map(|(_, value)| value)
            };
            let suspects: Vec<String> =
                told.iter().filter_map(|word| word.strip_prefix("suspect=")).map(ToOwned::to_owned).collect();
            let about = About {
                kind: if told.contains(&"solution") { Kind::Solution } else { Kind::Script },
                target: of("target"),
                time: of("time"),
                group: of("group"),
                suspects: &suspects,
                data: of("data"),
                split_by_time: told.contains(&"bytime"),
            };
            let mut found: Vec<_> =
                leaks(code, &about).into_iter().map(|leak| (leak.line, leak.rule.name().to_owned())).collect();
            found.sort();
            let expected = expected(code);
            if found != expected {
                wrong.push(format!("{name}: expected {expected:?}, found {found:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn what_is_fitted_before_the_split() {
        check(include_str!("leaks/cases/fitted.txt"));
    }

    #[test]
    fn the_target_among_the_features() {
        check(include_str!("leaks/cases/target.txt"));
    }

    #[test]
    fn choices_by_labels_that_are_tested_on() {
        check(include_str!("leaks/cases/selected.txt"));
        check(include_str!("leaks/cases/chosen.txt"));
    }

    #[test]
    fn copies_and_groups_on_both_sides() {
        check(include_str!("leaks/cases/rows.txt"));
    }

    #[test]
    fn rows_in_the_order_of_time() {
        check(include_str!("leaks/cases/time.txt"));
    }

    #[test]
    fn other_files_and_scores_of_training_rows() {
        check(include_str!("leaks/cases/files.txt"));
    }

    #[test]
    fn solutions_fold_by_fold() {
        check(include_str!("leaks/cases/solutions_a.txt"));
        check(include_str!("leaks/cases/solutions_b.txt"));
    }

    #[test]
    fn what_goes_from_an_inner_split_into_a_choice() {
        check(include_str!("leaks/cases/inner.txt"));
    }

    #[test]
    fn a_finding_inside_of_fit_says_how_to_mend_it() {
        let code = "from sklearn.linear_model import LassoCV\nfrom sklearn.preprocessing import StandardScaler\nclass M:\n    def fit(self, X, y):\n        Z = StandardScaler().fit_transform(X)\n        self.m = LassoCV(cv=5).fit(Z, y)\n        return self\ndef build():\n    return M()\n";
        let found = leaks(code, &About { kind: Kind::Solution, ..SCRIPT });
        let text = "StandardScaler is fitted on all rows that fit is handed, before they are split inside: fit it within each inner fold, as a step of the pipeline that is searched".to_owned();
        assert_eq!(found, [Leak { line: 5, rule: Rule::FitBeforeSplit, text }]);
    }

    #[test]
    fn families_of_leaks_in_other_styles() {
        check(include_str!("leaks/cases/families_leaking.txt"));
        check(include_str!("leaks/cases/styles_leaking.txt"));
    }

    #[test]
    fn clean_programs_beside_these_families_are_quiet() {
        check(include_str!("leaks/cases/families_clean.txt"));
        check(include_str!("leaks/cases/styles_clean.txt"));
    }

    #[test]
    fn clean_programs_are_quiet() {
        check(include_str!("leaks/cases/clean_a.txt"));
        check(include_str!("leaks/cases/clean_b.txt"));
        check(include_str!("leaks/cases/clean_c.txt"));
    }

    #[test]
    fn a_finding_names_what_is_meant() {
        let code = "import pandas as pd\nfrom sklearn.model_selection import train_test_split\nfrom sklearn.linear_model import Ridge\ndf = pd.read_csv('d.csv')\nX = df.drop(columns=['id'])\ny = df['price']\nX_train, X_test, y_train, y_test = train_test_split(X, y)\nprint(Ridge().fit(X_train, y_train).score(X_test, y_test))\n";
        let found = leaks(code, &SCRIPT);
        let text = "the features still hold the target price".to_owned();
        assert_eq!(found, [Leak { line: 5, rule: Rule::TargetAmongFeatures, text }]);
    }

    #[test]
    fn what_cannot_be_read_is_quiet() {
        let deep = format!("x = {}a{}\n", "(".repeat(150), ")".repeat(150));
        let long = format!("x = {}\n", vec!["a"; 2000].join(" + "));
        let wide = (0..9).map(|depth| format!("{}for a{depth} in [1, 2, 3, 4, 5, 6, 7, 8]:\n", " ".repeat(depth)));
        let wide = wide.collect::<String>() + "         x = f(a1)\n";
        let round = "def f(x):\n    return g(x) + g(x)\ndef g(x):\n    return f(x) + g(x)\nf(1)\n";
        for code in ["", "def f(:\n", "x = = 1\n", &deep, &long, &wide, round] {
            assert_eq!(leaks(code, &SCRIPT), [], "{code}");
            assert_eq!(leaks(code, &About { kind: Kind::Solution, ..SCRIPT }), [], "{code}");
        }
    }

    #[test]
    fn rules_have_names_of_their_own() {
        let names: std::collections::BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        assert_eq!(names.len(), Rule::ALL.len());
        for rule in Rule::ALL {
            assert!(rule.name().chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.name());
            assert!(rule.doc().ends_with('.'), "{}", rule.doc());
        }
    }

    #[test]
    fn what_a_call_does_is_said_as_it_is() {
        let about = About { kind: Kind::Solution, ..SCRIPT };
        let said = |line: &str| {
            let code = format!("import os, glob, pickle, joblib\nimport pandas as pd\n{line}\n");
            let found = leaks(&code, &about).into_iter().map(|leak| format!("{}: {}", leak.rule.name(), leak.text));
            found.collect::<Vec<_>>().join(" | ")
        };
        let cases = [
            (
                "a = os.listdir('.')",
                "lists-files: listdir looks for files; a solution is handed its rows and needs no others",
            ),
            (
                "a = glob.glob('*.csv')",
                "lists-files: glob looks for files; a solution is handed its rows and needs no others",
            ),
            (
                "a = pd.read_pickle('a.pkl')",
                "unpickles: read_pickle makes objects of a.pkl, and what they were fitted on can't be seen",
            ),
            (
                "a = pickle.loads(b'')",
                "unpickles: pickle.loads makes objects of bytes, and what they were fitted on can't be seen",
            ),
            ("a = pd.read_csv('a.csv')", "reads-holdout: read_csv reads a.csv; a solution is handed its rows"),
        ];
        for (line, expected) in cases {
            assert_eq!(said(line), expected);
        }
        let writes = "import pandas as pd\nclass M:\n    def fit(self, X, y):\n        X.to_pickle('a.pkl')\n        return self\n    def predict(self, X):\n        return [0] * len(X)\ndef build():\n    return M()\n";
        let found = leaks(writes, &about);
        assert_eq!(
            found[0].text,
            "to_pickle writes a file, from which the same fold can recall rows; files of another fold are out of its reach, but for sandbox levels below standard"
        );
    }

    #[test]
    fn a_column_that_is_asked_for_is_told_from_one_that_is_left_out() {
        let about = About { kind: Kind::Solution, ..SCRIPT };
        let names = ["id".to_owned(), "age".to_owned()];
        let code = "def build(X):\n    a = X['id']\n    b = X.drop(columns=['age'])\n    return a + X[['age', 'x']]\n";
        assert_eq!(columns_named(code, &about, &names), [(2, "id".to_owned()), (4, "age".to_owned())]);
        assert_eq!(columns_named("def (", &about, &names), []);
    }
}
