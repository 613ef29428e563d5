# kind: script
# target: up_tomorrow
# time: Date
# split: time
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

px = pd.read_csv("spy.csv", parse_dates=["Date"], index_col="Date").sort_index()
ret = np.log(px["Close"]).diff()

feat = pd.DataFrame({
    "r1": ret,
    "r5": ret.rolling(5).sum(),
    "vol20": ret.rolling(20).std(),
    "gap_ma50": px["Close"] / px["Close"].rolling(50).mean() - 1,
    "range": (px["High"] - px["Low"]) / px["Close"],
})
# label: what happens on the next day, known only then
up_tomorrow = ret.shift(-1).gt(0).astype(int)

data = feat.assign(up_tomorrow=up_tomorrow).iloc[50:-1]
n = int(len(data) * 0.7)
train, test = data.iloc[: n - 1], data.iloc[n:]     # one day between the two parts
cols = list(feat.columns)

clf = make_pipeline(StandardScaler(), LogisticRegression(C=0.1)).fit(train[cols], train["up_tomorrow"])
acc = clf.score(test[cols], test["up_tomorrow"])
base = max(test["up_tomorrow"].mean(), 1 - test["up_tomorrow"].mean())
print(f"accuracy {acc:.4f} against {base:.4f} for the more frequent class")
