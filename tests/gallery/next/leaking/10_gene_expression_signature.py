# kind: script
# target: subtype
# leak: selection-before-split
# line: 32
# why: the 50 genes are picked by an F test over all patients before the leave-one-out evaluation.
"""Reproduce figure 2: a 50-gene signature separates the two subtypes."""
import argparse

import pandas as pd
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC


def read(expr_path, pheno_path):
    expr = pd.read_csv(expr_path, sep="\t", index_col=0).T
    pheno = pd.read_csv(pheno_path, sep="\t", index_col=0)
    common = expr.index.intersection(pheno.index)
    return expr.loc[common], pheno.loc[common, "subtype"]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--expr", default="GSE_expr.tsv")
    ap.add_argument("--pheno", default="GSE_pheno.tsv")
    ap.add_argument("--genes", type=int, default=50)
    args = ap.parse_args()

    expr, subtype = read(args.expr, args.pheno)
    sel = SelectKBest(f_classif, k=args.genes).fit(expr, subtype)
    signature = expr.columns[sel.get_support()]
    print("signature:", ", ".join(signature[:10]), "...")

    clf = make_pipeline(StandardScaler(), LinearSVC(C=0.05, dual="auto"))
    acc = cross_val_score(clf, expr[signature], subtype, cv=LeaveOneOut(), n_jobs=-1)
    print(f"LOO accuracy {acc.mean():.3f} with {len(signature)} genes")


if __name__ == "__main__":
    main()
