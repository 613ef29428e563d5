# kind: script
# target: subtype
# why: genes are picked and the penalty is tuned in the inner folds, the outer folds only score.
"""Nested cross-validation of the subtype signature."""
import argparse

import numpy as np
import pandas as pd
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC


def read(expr_path, pheno_path):
    expr = pd.read_csv(expr_path, sep="\t", index_col=0).T
    pheno = pd.read_csv(pheno_path, sep="\t", index_col=0)
    common = expr.index.intersection(pheno.index)
    return np.log2(expr.loc[common] + 1), pheno.loc[common, "subtype"]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--expr", default="GSE_expr.tsv")
    ap.add_argument("--pheno", default="GSE_pheno.tsv")
    args = ap.parse_args()

    expr, subtype = read(args.expr, args.pheno)
    pipe = Pipeline([
        ("genes", SelectKBest(f_classif)),
        ("std", StandardScaler()),
        ("svc", LinearSVC(dual="auto", max_iter=20_000)),
    ])
    inner = GridSearchCV(
        pipe,
        {"genes__k": [10, 50, 200, 1000], "svc__C": [0.001, 0.01, 0.1]},
        cv=StratifiedKFold(5, shuffle=True, random_state=1),
    )
    outer = RepeatedStratifiedKFold(n_splits=5, n_repeats=4, random_state=2)
    acc = cross_val_score(inner, expr, subtype, cv=outer, n_jobs=-1)
    print(f"nested accuracy {acc.mean():.3f} +- {acc.std():.3f}")

    inner.fit(expr, subtype)
    names = expr.columns[inner.best_estimator_["genes"].get_support()]
    pd.Series(names).to_csv("signature.csv", index=False)


if __name__ == "__main__":
    main()
