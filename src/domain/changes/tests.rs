//! Tests: pairs of programs and what is said of them.

use super::ChangeKind::{Columns, Estimator, Feature, Other, Parameter, Seed, Step, Target};
use super::*;

mod solutions;

const BASE: &str = r#""""A forest."""
import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

DEPTH = 3


def ratio(frame):
    return frame["spend"] / (frame["tickets"] + 1)


def build():
    prepare = make_column_transformer((SimpleImputer(strategy="median"), ["age", "spend"]), remainder="drop")
    return make_pipeline(prepare, RandomForestClassifier(max_depth=DEPTH, n_estimators=200, random_state=7))
"#;

const FEATURES: &str = "import pandas as pd\n\n\ndef age(frame):\n    return frame[\"age\"]\n\n\ndef spend(frame):\n    return frame[\"spend\"] * 2\n\n\nFEATURES = [age, spend]\n";

fn check(old: &str, new: &str, expected: &[(ChangeKind, &str)]) {
    let found = changes(old, new);
    let found: Vec<(ChangeKind, &str)> = found.iter().map(|change| (change.kind, change.what.as_str())).collect();
    assert_eq!(found, expected, "\n{old}\n→\n{new}");
    assert_eq!(is_same(old, new), expected.is_empty());
    assert_eq!(is_same(new, old), expected.is_empty(), "the same, the other way round\n{new}");
    let seeds = !expected.is_empty() && expected.iter().all(|(kind, _)| *kind == Seed);
    assert_eq!(is_seed_only(old, new), seeds);
    let (one, two) = (likeness(old, new), likeness(new, old));
    assert!((one - two).abs() < 1e-9 && (0.0..=1.0).contains(&one), "{one} {two}");
    assert_eq!(one >= 1.0, expected.is_empty(), "{one}");
    let lines = u32::try_from(new.lines().count()).unwrap().max(1);
    for change in changes(old, new) {
        assert!(!change.lines.is_empty() && change.lines.iter().all(|line| (1..=lines).contains(line)), "{change:?}");
    }
}

/// Replaces one text of the base after another.
fn edited(base: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(base.to_owned(), |code, (from, to)| {
        assert!(code.contains(from), "{from}");
        code.replace(from, to)
    })
}

type Case<'a> = (&'a [(&'a str, &'a str)], &'a [(ChangeKind, &'a str)]);

fn table(base: &str, cases: &[Case<'_>]) {
    for (edits, expected) in cases {
        check(base, &edited(base, edits), expected);
    }
}

#[test]
fn what_has_no_meaning_is_no_change() {
    let none: &[(ChangeKind, &str)] = &[];
    let cases: &[Case<'_>] = &[
        (&[("import numpy", "# A comment.\nimport numpy")], none),
        (&[("A forest.", "Some trees."), ("def build():\n", "def build():\n    \"\"\"Builds.\"\"\"\n")], none),
        (
            &[("\"median\"", "'median'"), ("[\"age\", \"spend\"]", "[\n        \"age\",\n        \"spend\",\n    ]")],
            none,
        ),
        (&[("max_depth=DEPTH, n_estimators=200", "n_estimators=200, max_depth=DEPTH")], none),
        (&[("prepare", "before")], none),
        (&[("DEPTH", "HOW_DEEP")], none),
        (&[("max_depth=DEPTH", "max_depth=3"), ("DEPTH = 3\n", "")], none),
        (&[("200", "2_00"), ("= 3", "= 0x3")], none),
        (
            &[("import numpy as np\n", ""), ("import make_pipeline\n", "import make_pipeline\nimport numpy as np\n")],
            none,
        ),
        (&[("import numpy as np\n", "import numpy as np\nimport pandas as pd\n")], none),
        (&[("def build():", "def build() -> object:")], none),
        (
            &[
                ("from sklearn.ensemble import RandomForestClassifier", "import sklearn.ensemble as trees"),
                ("RandomForestClassifier(", "trees.RandomForestClassifier("),
            ],
            none,
        ),
        (
            &[
                ("    return make_pipeline(prepare, Random", "    forest = Random"),
                ("random_state=7))", "random_state=7)\n    return make_pipeline(prepare, forest)"),
            ],
            none,
        ),
    ];
    table(BASE, cases);
    check("a = f(1e-3)\nprint(a)\n", "a = f(0.001)\nprint(a)\n", none);
    check("a = f(lambda x: x + 1)\nprint(a)\n", "a = f(lambda y: (y + 1))\nprint(a)\n", none);
    check("print([a for a in b])\n", "print([c for c in b])\n", none);
    let (one, two) =
        ("def half(x):\n    y = x / 2\n    return y\n", "def halved(part):\n    z = part / 2\n    return z\n");
    check(&format!("{one}\nprint(half(x=1))\n"), &format!("{two}\nprint(halved(part=1))\n"), none);
    check("def f(:\n", "def f(:\n", none);
    // The two stand in another order, and neither runs anything.
    check(
        "def f():\n    return 1\n\ndef g():\n    return f()\n",
        "def g():\n    return f()\n\ndef f():\n    return 1\n",
        none,
    );
}

#[test]
fn looks_the_same_and_is_not() {
    check("x = f(1)\nprint(x)\n", "x = f(1.0)\nprint(x)\n", &[(Other, "x: 1 → 1.0")]);
    check(
        "a = f()\nb = g()\nprint(a, b)\n",
        "b = g()\na = f()\nprint(a, b)\n",
        &[(Other, "the top of the file: in another order")],
    );
    check("def f(a, b):\n    return a - b\n", "def f(a, b):\n    return b - a\n", &[(Other, "f() differs in a line")]);
    check(
        "from a import f\nprint(f(1))\n",
        "from b import f\nprint(f(1))\n",
        &[(Other, "the top of the file: f(1) → f(1)")],
    );
    check("f(**a, **b)\n", "f(**a, **b, **c)\n", &[(Parameter, "f default → c")]);
    check("print(a[1:])\n", "print(a[:1])\n", &[(Other, "the top of the file: a[1:] → a[:1]")]);
    check("print(f'{a!r}')\n", "print(f'{a}')\n", &[(Other, "the top of the file: f'{a!r}' → f'{a}'")]);
    check(
        "if a:\n    f()\n    g()\n",
        "if a:\n    f()\ng()\n",
        &[(Other, "the top of the file: another place for g()")],
    );
    check(
        "def f():\n    x = 1\n    def g():\n        return x\n    return g\n",
        "def f():\n    x = 2\n    def g():\n        return x\n    return g\n",
        &[(Other, "f(): 1 → 2")],
    );
    check(
        "match a:\n    case 1:\n        f()\n",
        "match a:\n    case 2:\n        f()\n",
        &[(Other, "the top of the file: match a: case 1: f() → match a: case 2: f()")],
    );
}

#[test]
fn parameters_and_seeds() {
    let cases: &[Case<'_>] = &[
        (&[("DEPTH = 3", "DEPTH = 5")], &[(Parameter, "max_depth 3 → 5")]),
        (&[("max_depth=DEPTH, ", "")], &[(Parameter, "max_depth 3 → default")]),
        (&[("200,", "200, min_samples_leaf=5,")], &[(Parameter, "min_samples_leaf default → 5")]),
        (
            &[("DEPTH = 3", "DEPTH = None"), ("200", "400")],
            &[(Parameter, "max_depth 3 → None"), (Parameter, "n_estimators 200 → 400")],
        ),
        (&[("\"median\"", "\"mean\"")], &[(Parameter, "strategy median → mean")]),
        (&[("=\"drop\"", "=\"passthrough\"")], &[(Parameter, "remainder drop → passthrough")]),
        (&[("state=7", "state=8")], &[(Seed, "seed 7 → 8")]),
        (&[(", random_state=7", "")], &[(Seed, "seed 7 → none")]),
        (&[("DEPTH = 3", "DEPTH = 3\nnp.random.seed(1)")], &[(Seed, "seed none → 1")]),
        (
            &[("DEPTH = 3", "DEPTH = 4"), ("state=7", "state=8")],
            &[(Parameter, "max_depth 3 → 4"), (Seed, "seed 7 → 8")],
        ),
    ];
    table(BASE, cases);
    let spellings = [
        "import numpy as np\nnp.random.seed(7)\n",
        "import random\nrandom.seed(7)\n",
        "import numpy as np\nrng = np.random.default_rng(7)\nprint(rng.normal())\n",
        "import torch\ntorch.manual_seed(7)\n",
        "import torch\nprint(torch.Generator().manual_seed(7))\n",
        "import lightgbm as lgb\ndef build():\n    return lgb.LGBMClassifier(bagging_seed=7)\n",
        "SEED = 7\ndef build():\n    return RandomForestClassifier(random_state=SEED)\n",
        "SEED = 7\n",
        "def build():\n    seed = 7\n    return A(random_state=seed), B(random_state=seed)\n",
        "PARAMS = {\"seed\": 7, \"depth\": 3}\ndef build():\n    return RandomForestClassifier(**PARAMS)\n",
        "def build(seed=7):\n    return RandomForestClassifier(random_state=seed)\n",
        "import numpy as np\ndef build():\n    return RandomForestClassifier(random_state=np.random.RandomState(7))\n",
    ];
    for code in spellings {
        check(code, &code.replace('7', "8"), &[(Seed, "seed 7 → 8")]);
    }
    let two = "def build():\n    return make_pipeline(PCA(whiten=True), FastICA(whiten=True))\n";
    check(
        two,
        &two.replace("True", "False"),
        &[(Parameter, "whiten True → False of PCA"), (Parameter, "whiten True → False of FastICA")],
    );
    let dict = "PARAMS = {\"depth\": 3, \"rate\": 0.1}\ndef build():\n    return RandomForestClassifier(**PARAMS)\n";
    check(dict, &dict.replace("0.1", "0.05"), &[(Parameter, "rate 0.1 → 0.05")]);
}

#[test]
fn estimators_steps_and_targets() {
    let cases: &[Case<'_>] = &[
        (
            &[
                ("sklearn.ensemble import RandomForest", "sklearn.ensemble import HistGradientBoosting"),
                (
                    "RandomForestClassifier(max_depth=DEPTH, n_estimators=200, random_state=7)",
                    "HistGradientBoostingClassifier(learning_rate=0.1)",
                ),
            ],
            &[(Estimator, "another estimator: RandomForestClassifier → HistGradientBoostingClassifier")],
        ),
        (
            &[
                ("import make_pipeline\n", "import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n"),
                ("(prepare, ", "(prepare, StandardScaler(), "),
            ],
            &[(Step, "new step StandardScaler")],
        ),
        (&[("make_pipeline(prepare, R", "make_pipeline(R")], &[(Step, "without step SimpleImputer")]),
        (
            &[("(SimpleImputer(strategy=\"median\"),", "(make_pipeline(SimpleImputer(strategy=\"median\"), PCA(2)),")],
            &[(Step, "new step PCA")],
        ),
        (
            &[(
                "[\"age\", \"spend\"])",
                "[\"age\", \"spend\"]), (make_pipeline(SimpleImputer(), OneHotEncoder()), [\"city\"])",
            )],
            &[(Step, "new step SimpleImputer, OneHotEncoder")],
        ),
        (
            &[
                ("make_pipeline(prepare,", "TransformedTargetRegressor(make_pipeline(prepare,"),
                ("random_state=7))", "random_state=7)), func=np.log1p, inverse_func=np.expm1)"),
            ],
            &[(Target, "new target transform: log1p")],
        ),
        (
            &[
                ("def build", "def log(frame):\n    return np.log1p(frame)\n\n\ndef build"),
                ("(prepare, ", "(prepare, FunctionTransformer(log), "),
            ],
            &[(Step, "new step log")],
        ),
        (
            &[("RandomForestClassifier(max", "CalibratedClassifierCV(RandomForestClassifier(max"), ("=7))", "=7)))")],
            &[(Estimator, "new CalibratedClassifierCV around RandomForestClassifier")],
        ),
        (
            &[("(SimpleImputer(strategy=\"median\")", "(KNNImputer(n_neighbors=3)"), ("DEPTH = 3", "DEPTH = 4")],
            &[(Parameter, "max_depth 3 → 4"), (Step, "another step: SimpleImputer → KNNImputer")],
        ),
    ];
    table(BASE, cases.get(..2).unwrap());
    table(BASE, cases.get(3..).unwrap());
    let target = "def build():\n    return TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1)\n";
    check(
        target,
        &edited(target, &[("np.log1p", "np.sqrt"), ("np.expm1", "np.square")]),
        &[(Target, "target transform np.log1p → np.sqrt; target transform np.expm1 → np.square")],
    );
    let row = "def build():\n    return make_pipeline(StandardScaler(), PCA(3), Ridge())\n";
    check(
        row,
        &row.replace("StandardScaler(), PCA(3)", "PCA(3), StandardScaler()"),
        &[(Step, "another place for StandardScaler")],
    );
    check(
        row,
        &row.replace("StandardScaler(), PCA(3), Ridge()", "PCA(4), HuberRegressor()"),
        &[
            (Step, "without step StandardScaler"),
            (Parameter, "PCA 3 → 4"),
            (Estimator, "another estimator: Ridge → HuberRegressor"),
        ],
    );
    let bare = "def build():\n    return Ridge(alpha=1.0)\n";
    check(
        bare,
        "def build():\n    return make_pipeline(StandardScaler(), Ridge(alpha=2.0))\n",
        &[(Parameter, "alpha 1.0 → 2.0"), (Step, "new step StandardScaler")],
    );
    let search = "def build():\n    return GridSearchCV(Ridge(), {\"alpha\": [1, 2]}, cv=3)\n";
    check(
        search,
        &edited(search, &[("Ridge()", "SVR()"), ("\"alpha\"", "\"C\"")]),
        &[(Estimator, "another estimator: Ridge → SVR")],
    );
    let lambda = "def build():\n    return make_pipeline(FunctionTransformer(lambda f: f + 1), Ridge())\n";
    check(
        lambda,
        &lambda.replace("f + 1", "f + 2"),
        &[(Parameter, "FunctionTransformer lambda f: f + 1 → lambda f: f + 2")],
    );
}

#[test]
fn features_and_columns() {
    let spend = "def per_ticket(frame):\n    return part(frame[\"spend\"])\n\n\nFEATURES";
    let part = "def part(x):\n    return x / 2\n\n\ndef per_ticket";
    let cases: &[Case<'_>] = &[
        (&[("FEATURES", spend), ("spend]", "spend, per_ticket]")], &[(Feature, "new feature per_ticket")]),
        (
            &[("FEATURES", spend), ("def per_ticket", part), ("spend]", "spend, per_ticket]")],
            &[(Feature, "new feature per_ticket")],
        ),
        (&[("[age, spend]", "[spend]")], &[(Feature, "without feature age")]),
        (&[("* 2", "* 3")], &[(Feature, "feature spend: 2 → 3")]),
        (
            &[("* 2", "* 3"), ("frame[\"age\"]", "frame[\"age\"] + 1"), ("spend]", "spend, two]")],
            &[
                (Feature, "feature age: frame[\"age\"] → frame[\"age\"] + 1"),
                (Feature, "feature spend: 2 → 3"),
                (Feature, "new feature two"),
            ],
        ),
    ];
    table(FEATURES, cases);
    check(FEATURES, &FEATURES.replace("def age", "def years").replace("[age,", "[years,"), &[]);
    table(
        BASE,
        &[
            (&[("[\"age\", \"spend\"]", "[\"spend\"]")], &[(Columns, "other columns: drops age")]),
            (
                &[("[\"age\", \"spend\"]", "[\"age\", \"visits\"]")],
                &[(Columns, "other columns: drops spend; adds visits")],
            ),
        ],
    );
    let clean = "DROP = [\"id\"]\n\ndef clean(frame):\n    return frame.drop(columns=DROP)\n";
    check(
        clean,
        &clean.replace("[\"id\"]", "[\"id\", \"customer_id\"]"),
        &[(Columns, "other columns: drops customer_id")],
    );
    let chain = "def clean(frame):\n    return frame.fillna(0)\n";
    check(
        chain,
        &chain.replace("frame.f", "frame.drop(columns=[\"customer_id\"]).f"),
        &[(Columns, "other columns: drops customer_id")],
    );
    check(
        chain,
        &chain.replace("return", "frame[\"rate\"] = frame[\"a\"] / frame[\"b\"]\n    return"),
        &[(Feature, "new feature rate")],
    );
    check(chain, &chain.replace("frame.f", "frame.assign(rate=1).f"), &[(Feature, "new feature rate")]);
    let steps =
        "def trim(frame):\n    return frame\n\n\ndef cap(frame):\n    return frame.clip(0, 9)\n\n\nSTEPS = [trim]\n";
    check(steps, &steps.replace("[trim]", "[trim, cap]"), &[(Step, "new step cap")]);
}

#[test]
fn what_has_no_better_word() {
    check("x = 1\n", "def f(:\n", &[(Other, "can't be compared: does not parse")]);
    let deep = |name: &str| format!("x = {}{name}\n", "a + ".repeat(3000));
    check(&deep("a"), &deep("b"), &[(Other, "can't be compared: is nested too deeply")]);
    let body = "def build():\n    a = load()\n    print(a)\n    return Ridge()\n";
    check(
        body,
        &body.replace("print(a)", "a.sort()\n    store(a, 1)\n    b = a.last()\n    show(b)"),
        &[(Other, "build() differs in 4 lines")],
    );
    check("x = 1\n", "x = 1\n\n\ndef f():\n    return 2\n", &[(Other, "new function f()")]);
}

#[test]
fn lines_are_those_of_the_new_version_with_imports_and_helpers() {
    let new = edited(
        BASE,
        &[
            ("import make_pipeline\n", "import make_pipeline\nfrom sklearn.preprocessing import FunctionTransformer\n"),
            ("def build", "def log(frame):\n    return np.log1p(frame)\n\n\ndef build"),
            ("(prepare, ", "(prepare, FunctionTransformer(log), "),
        ],
    );
    assert_eq!(changes(BASE, &new).first().unwrap().lines, [7, 16, 17, 22]);
    let deeper = BASE.replace("DEPTH = 3", "DEPTH = 5");
    assert_eq!(changes(BASE, &deeper).first().unwrap().lines, [8]);
}
