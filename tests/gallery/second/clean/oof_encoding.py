# kind: script
# target: is_promoted
import numpy as np
import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, train_test_split

TARGET = "is_promoted"
KEYS = ["department", "region", "recruitment_channel"]


def smooth_means(part, key, prior, weight=30):
    s = part.groupby(key)[TARGET].agg(["sum", "count"])
    return (s["sum"] + weight * prior) / (s["count"] + weight)


def encode_train(train):
    enc = pd.DataFrame(index=train.index, columns=KEYS, dtype=float)
    for a, b in KFold(5, shuffle=True, random_state=1).split(train):
        inner, outer = train.iloc[a], train.iloc[b]
        prior = inner[TARGET].mean()
        for k in KEYS:
            enc.loc[outer.index, k] = outer[k].map(smooth_means(inner, k, prior)).fillna(prior)
    return enc.add_suffix("_te")


def encode_test(train, test):
    prior = train[TARGET].mean()
    cols = {f"{k}_te": test[k].map(smooth_means(train, k, prior)).fillna(prior) for k in KEYS}
    return pd.DataFrame(cols, index=test.index)


hr = pd.read_csv("hr_promotion.csv")
train, test = train_test_split(hr, test_size=0.25, stratify=hr[TARGET], random_state=1)
num = ["age", "length_of_service", "avg_training_score", "no_of_trainings"]
A = np.hstack([train[num], encode_train(train)])
B = np.hstack([test[num], encode_test(train, test)])
gbm = GradientBoostingClassifier(max_depth=4).fit(A, train[TARGET])
print("AUC", roc_auc_score(test[TARGET], gbm.predict_proba(B)[:, 1]))
