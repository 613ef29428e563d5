# kind: script
# target: up_tomorrow
# time: date
# split: time
# why: shift(-1) makes the label only; features look back, and folds run forwards with a gap.
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

px = pd.read_csv("spy.csv", parse_dates=["date"], index_col="date").sort_index()
ret = np.log(px["close"]).diff()

feats = pd.DataFrame({
    "r1": ret,
    "r5": ret.rolling(5).sum(),
    "r21": ret.rolling(21).sum(),
    "vol21": ret.rolling(21).std(),
    "dist_ma50": px["close"] / px["close"].rolling(50).mean() - 1,
    "range": (px["high"] - px["low"]) / px["close"],
    "vol_ratio": px["volume"] / px["volume"].rolling(20).mean(),
})
next_ret = ret.shift(-1)
frame = feats.assign(next_ret=next_ret).dropna()
X = frame[feats.columns]
up_tomorrow = (frame["next_ret"] > 0).astype(int)

aucs = []
for train, test in TimeSeriesSplit(n_splits=8, gap=5).split(X):
    clf = make_pipeline(StandardScaler(), LogisticRegression(C=0.1))
    clf.fit(X.iloc[train], up_tomorrow.iloc[train])
    p = clf.predict_proba(X.iloc[test])[:, 1]
    aucs.append(roc_auc_score(up_tomorrow.iloc[test], p))
    print(X.index[test[0]].date(), round(aucs[-1], 3))
print("mean AUC", np.mean(aucs))
