# kind: script
# target: default
# why: training rows are coded by the other folds, test rows by the training rows, and the score is taken on the test rows only.
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, train_test_split

KEYS = ["branch", "product"]


def smoothed(frame, key, outcome, m=25):
    prior = frame[outcome].mean()
    g = frame.groupby(key)[outcome].agg(["sum", "size"])
    return (g["sum"] + m * prior) / (g["size"] + m), prior


def lookup(rows, source, key, outcome):
    table, prior = smoothed(source, key, outcome)
    return rows[key].map(table).fillna(prior).to_numpy()


loans = pd.read_csv("loans_2019.csv")
train, test = train_test_split(loans, test_size=0.3, stratify=loans["default"], random_state=1)
train, test = train.copy(), test.copy()

folds = list(StratifiedKFold(5, shuffle=True, random_state=1).split(train, train["default"]))
for key in KEYS:
    coded = np.zeros(len(train))
    for others, part in folds:
        coded[part] = lookup(train.iloc[part], train.iloc[others], key, "default")
    test[key + "_rate"] = lookup(test, train, key, "default")
    train[key + "_rate"] = coded

inputs = ["income", "loan", "branch_rate", "product_rate"]
clf = HistGradientBoostingClassifier(max_iter=120, early_stopping=False).fit(train[inputs], train["default"])
print("AUC", roc_auc_score(test["default"], clf.predict_proba(test[inputs])[:, 1]))
