# kind: script
# target: bad_loan
# leak: test-for-stopping
# line: 36
# why: Boosting stops at the round that is best on the test rows, and the score is then taken on them.
import argparse

import pandas as pd
import xgboost as xgb
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split


def parse():
    p = argparse.ArgumentParser(description="credit risk model")
    p.add_argument("csv")
    p.add_argument("--eta", type=float, default=0.02)
    p.add_argument("--depth", type=int, default=5)
    return p.parse_args()


def main():
    opts = parse()
    df = pd.read_csv(opts.csv)
    y = df["bad_loan"]
    X = pd.get_dummies(df.drop(columns=["bad_loan", "application_no"]))
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=77)

    model = xgb.XGBClassifier(
        n_estimators=5000,
        learning_rate=opts.eta,
        max_depth=opts.depth,
        eval_metric="auc",
        early_stopping_rounds=100,
    )
    model.fit(X_train, y_train, eval_set=[(X_test, y_test)], verbose=250)
    auc = roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])
    print(f"stopped at {model.best_iteration}, test AUC {auc:.4f}")


if __name__ == "__main__":
    main()
