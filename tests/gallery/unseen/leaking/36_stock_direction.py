# kind: solution
# target: up_tomorrow
# time: day
# split: time
# leak: future-values
# line: 20
# why: The return of the next day is made by a negative shift of the close, and its sign is the very question.
import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from xgboost import XGBClassifier


def indicators(prices):
    close = prices["close"]
    out = pd.DataFrame(index=prices.index)
    out["ret_1"] = close.pct_change(1)
    out["ret_5"] = close.pct_change(5)
    out["ret_fwd"] = close.shift(-1) / close - 1
    out["sma_ratio"] = close / close.rolling(20).mean()
    out["vol_20"] = out["ret_1"].rolling(20).std()
    out["range"] = (prices["high"] - prices["low"]) / close
    return out.replace([np.inf, -np.inf], np.nan)


def build():
    return make_pipeline(
        FunctionTransformer(indicators),
        XGBClassifier(n_estimators=200, max_depth=3, learning_rate=0.05, subsample=0.8),
    )
