# kind: script
# target: no_show
# why: only the fitted part of a fold is enlarged, the scored part stays as it was.
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold


def rebalanced(frame, label, seed):
    size = frame[label].value_counts().max()
    grown = frame.groupby(label, group_keys=False)[frame.columns.tolist()].apply(
        lambda g: g if len(g) == size else g.sample(size, replace=True, random_state=seed)
    )
    return grown.sample(frac=1.0, random_state=seed)


visits = pd.read_csv("appointments.csv")
inputs = ["wait_days", "age", "sms", "prior_no_shows"]
scores = []
for fold, (tr, te) in enumerate(StratifiedKFold(5, shuffle=True, random_state=0).split(visits, visits["no_show"])):
    train = rebalanced(visits.iloc[tr], "no_show", seed=fold)
    test = visits.iloc[te]
    rf = RandomForestClassifier(150, random_state=fold).fit(train[inputs], train["no_show"])
    scores.append(average_precision_score(test["no_show"], rf.predict_proba(test[inputs])[:, 1]))

print("average precision per fold:", np.round(scores, 3), "mean", np.mean(scores))
