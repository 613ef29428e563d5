# kind: script
# target: close_up
# time: date
# split: time
# why: shift(-1) makes only the answer; the inputs are of today and before, and the last training row is left out as its answer lies in the test part.
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

px = pd.read_csv("prices.csv", parse_dates=["date"]).sort_values("date").reset_index(drop=True)
px["close"] = px["close"].abs() + 1

ret = np.log(px["close"]).diff()
X = pd.DataFrame({
    "r0": ret,
    "r1": ret.shift(1),
    "r5": ret.rolling(5).mean(),
    "vol20": ret.rolling(20).std(),
    "turnover": np.log1p(px["volume"]) - np.log1p(px["volume"]).rolling(20).mean(),
})
close_up = (ret.shift(-1) > 0).astype(int)

usable = X.notna().all(axis=1) & ret.shift(-1).notna()
X, close_up = X[usable], close_up[usable]

cut = int(len(X) * 0.7)
past, future = slice(0, cut - 1), slice(cut, None)
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X.iloc[past], close_up.iloc[past])
print("hit rate", accuracy_score(close_up.iloc[future], model.predict(X.iloc[future])))
