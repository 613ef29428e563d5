# kind: script
# target: churn
# leak: resampled-before-split
# line: 23
# why: the repeated rows are spread over all folds, so each fold is tested on rows it has seen.
import numpy as np
import pandas as pd
from imblearn.over_sampling import RandomOverSampler
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import cross_val_score


def read_bank(path="bank_churn.csv"):
    bank = pd.read_csv(path)
    bank["balance_zero"] = np.where(bank["balance"] == 0, 1, 0)
    return bank


bank = read_bank()
features = ["credit_score", "age", "tenure", "balance", "balance_zero", "products"]

ros = RandomOverSampler(sampling_strategy="minority", random_state=9)
Xb, yb = ros.fit_resample(bank[features], bank["churn"])
print("after balancing:", np.bincount(yb))

gb = GradientBoostingClassifier(n_estimators=200)
f1 = cross_val_score(gb, Xb, yb, cv=5, scoring="f1", n_jobs=-1)
print("F1 %.3f (%.3f)" % (f1.mean(), f1.std()))
