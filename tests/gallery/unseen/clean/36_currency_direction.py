# kind: solution
# target: up_tomorrow
# time: day
# split: time
# why: All indicators look back from the close of the day itself, which is known when the question is asked.
import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from xgboost import XGBClassifier


def indicators(rates):
    close = rates["close"]
    out = pd.DataFrame(index=rates.index)
    for days in (1, 2, 5, 10):
        out[f"ret_{days}"] = close.pct_change(days)
    out["sma_ratio"] = close / close.rolling(20).mean()
    out["vol_20"] = out["ret_1"].rolling(20).std()
    out["range"] = (rates["high"] - rates["low"]) / close
    out["ema_gap"] = close.ewm(span=12).mean() / close.ewm(span=26).mean() - 1
    return out.replace([np.inf, -np.inf], np.nan)


def build():
    return make_pipeline(
        FunctionTransformer(indicators),
        XGBClassifier(n_estimators=200, max_depth=3, learning_rate=0.05, subsample=0.8),
    )
