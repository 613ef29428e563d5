# kind: script
# target: default
# leak: target-encoding
# line: 20
# why: the rates of branch and product are computed with the answers of all rows before the split.
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def add_ratios(df):
    return df.assign(loan_to_income=df["loan"] / (df["income"] + 1))


def add_rates(df, outcome, by):
    for col in by:
        df[f"{col}_rate"] = df.groupby(col)[outcome].transform("mean")
    return df


def load(path):
    return pd.read_csv(path).pipe(add_ratios).pipe(add_rates, outcome="default", by=["branch", "product"])


def main():
    loans = load("loans_2019.csv")
    train, test = train_test_split(loans, test_size=0.3, stratify=loans["default"], random_state=1)
    feats = ["income", "loan", "loan_to_income", "branch_rate", "product_rate"]
    clf = make_pipeline(StandardScaler(), LogisticRegression())
    clf.fit(train[feats], train["default"])
    print("AUC", roc_auc_score(test["default"], clf.predict_proba(test[feats])[:, 1]))


if __name__ == "__main__":
    main()
