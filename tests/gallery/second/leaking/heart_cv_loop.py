# kind: script
# target: HeartDisease
# leak: outside-fold
# line: 31
# why: The imputer learns from all patients once, in front of the loop, instead of inside every fold.
import warnings

import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.impute import KNNImputer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

warnings.filterwarnings("ignore")


class CFG:
    seed = 2021
    n_splits = 5
    target = "HeartDisease"
    params = dict(n_estimators=250, learning_rate=0.05, num_leaves=15, verbose=-1)


train = pd.read_csv("heart.csv")
train["Sex"] = train["Sex"].map({"M": 1, "F": 0})
train["ExerciseAngina"] = train["ExerciseAngina"].map({"Y": 1, "N": 0})
train.loc[train["Cholesterol"] == 0, "Cholesterol"] = np.nan
y = train[CFG.target].values
X = train.drop(columns=[CFG.target]).select_dtypes("number")
X = KNNImputer(n_neighbors=7).fit_transform(X)

oof = np.zeros(len(y))
skf = StratifiedKFold(CFG.n_splits, shuffle=True, random_state=CFG.seed)
for fold, (tr_idx, va_idx) in enumerate(skf.split(X, y)):
    clf = lgb.LGBMClassifier(**CFG.params, random_state=CFG.seed)
    clf.fit(X[tr_idx], y[tr_idx])
    oof[va_idx] = clf.predict_proba(X[va_idx])[:, 1]
    print(f"fold {fold}: {roc_auc_score(y[va_idx], oof[va_idx]):.5f}")
print("OOF:", roc_auc_score(y, oof))
