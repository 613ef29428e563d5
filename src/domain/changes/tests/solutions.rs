//! Tests on whole solutions: what belongs together, what is alike, and of what they consist.

use super::*;

const SOLUTION: &str = r#"import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

NUMERIC = ["age", "spend", "tickets"]


def add_ratios(X):
    X = X.copy()
    X["per_ticket"] = X["spend"] / (X["tickets"] + 1)
    return X


def build():
    numeric = Pipeline([("impute", SimpleImputer(strategy="median")), ("scale", StandardScaler())])
    encode = OneHotEncoder(handle_unknown="ignore")
    prepare = ColumnTransformer([("num", numeric, NUMERIC + ["per_ticket"]), ("cat", encode, ["plan", "region"])])
    model = HistGradientBoostingClassifier(max_depth=6, random_state=42)
    return Pipeline([("ratios", FunctionTransformer(add_ratios)), ("prepare", prepare), ("model", model)])
"#;

#[test]
fn one_change_for_what_belongs_together() {
    let cases: &[Case<'_>] = &[
        (
            &[
                ("    return X\n", "    X[\"log_spend\"] = np.log1p(X[\"spend\"])\n    return X\n"),
                ("[\"per_ticket\"])", "[\"per_ticket\", \"log_spend\"])"),
            ],
            &[(Feature, "new feature log_spend")],
        ),
        (&[("\"tickets\"]\n\n", "\"tickets\", \"visits\"]\n\n")], &[(Columns, "other columns: adds visits")]),
        (
            &[("(\"ratios\", FunctionTransformer(add_ratios)), ", ""), (" + [\"per_ticket\"]", "")],
            &[(Step, "without step add_ratios")],
        ),
        (
            &[
                ("from sklearn.ensemble import HistGradientBoosting", "from lightgbm import LGBM"),
                ("HistGradientBoostingClassifier(max_depth=6", "LGBMClassifier(num_leaves=31"),
            ],
            &[(Estimator, "another estimator: HistGradientBoostingClassifier → LGBMClassifier")],
        ),
        (
            &[("(\"model\", model)", "(\"select\", SelectKBest(k=10)), (\"model\", model)")],
            &[(Step, "new step SelectKBest")],
        ),
        (
            &[
                ("    model = H", "    boosted = H"),
                ("    return P", "    model = VotingClassifier([(\"a\", boosted), (\"b\", SVC())])\n    return P"),
            ],
            &[(Estimator, "new VotingClassifier around HistGradientBoostingClassifier")],
        ),
        (&[("(\"num\"", "(\"numbers\"")], &[(Other, "build(): step num is called numbers")]),
        (
            &[("StandardScaler())", "RobustScaler(quantile_range=(5, 95)))")],
            &[(Step, "another step: StandardScaler → RobustScaler")],
        ),
        (&[("    model = H", "    chosen = H"), (", model)])", ", chosen)])")], &[]),
        (&[("depth=6", "depth=None"), ("=42", "=1")], &[(Parameter, "max_depth 6 → None"), (Seed, "seed 42 → 1")]),
    ];
    table(SOLUTION, cases.get(..8).unwrap());
    table(SOLUTION, cases.get(8..).unwrap());
}

#[test]
fn from_a_bare_estimator_to_a_pipeline() {
    let bare = "from sklearn.dummy import DummyClassifier\n\n\ndef build():\n    return DummyClassifier()\n";
    let whole = "from sklearn.linear_model import LogisticRegression\n\n\ndef log(frame):\n    return frame ** 2\n\n\ndef build():\n    return make_pipeline(FunctionTransformer(log), LogisticRegression(C=2))\n";
    check(
        bare,
        whole,
        &[(Estimator, "another estimator: DummyClassifier → LogisticRegression"), (Step, "new step log")],
    );
    assert_eq!(
        changes(bare, whole).iter().map(|change| change.lines.clone()).collect::<Vec<_>>(),
        [vec![1, 9], vec![4, 5, 9]]
    );
}

#[test]
fn alike_by_what_they_do() {
    let deeper = BASE.replace("DEPTH = 3", "DEPTH = 5");
    let boosted = edited(
        BASE,
        &[(
            "RandomForestClassifier(max_depth=DEPTH, n_estimators=200, random_state=7)",
            "HistGradientBoostingClassifier()",
        )],
    );
    let (near, far, none) = (likeness(BASE, &deeper), likeness(BASE, &boosted), likeness(BASE, FEATURES));
    assert!(near > 0.9 && near > far && far > 0.4 && far > none && none < 0.3, "{near} {far} {none}");
    assert!(likeness(BASE, &BASE.replace("state=7", "state=9")) > 0.98);
    assert!(likeness(BASE, "def f(:\n") <= 0.0);
}

#[test]
fn ingredients_name_what_is_in_it() {
    assert_eq!(
        ingredients(BASE),
        ["SimpleImputer(strategy=median)", "RandomForestClassifier(max_depth=3, n_estimators=200, random_state=7)",]
    );
    assert_eq!(ingredients(FEATURES), ["feature age", "feature spend"]);
    assert!(ingredients("def f(:\n").is_empty());
}
