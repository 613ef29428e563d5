# kind: script
# target: revenue
# time: day
# split: time
# leak: future-values
# line: 19
# why: The centred window averages footfall of the three days after the day that is forecast.
import pandas as pd
from sklearn.linear_model import RidgeCV
from sklearn.metrics import mean_absolute_error

shops = pd.read_csv("shops_daily.csv", parse_dates=["day"])
shops = shops.sort_values(["shop", "day"]).reset_index(drop=True)
g = shops.groupby("shop")

shops["rev_1"] = g["revenue"].shift(1)
shops["rev_7"] = g["revenue"].shift(7)
shops["rev_28"] = g["revenue"].transform(lambda s: s.shift(1).rolling(28).mean())
shops["foot_trend"] = g["visitors"].transform(lambda s: s.rolling(7, center=True).mean())
shops["weekend"] = shops["day"].dt.dayofweek.ge(5).astype(int)
shops = shops.dropna()

FEATS = ["rev_1", "rev_7", "rev_28", "foot_trend", "weekend"]
cutoff = pd.Timestamp("2022-10-01")
past, future = shops[shops.day < cutoff], shops[shops.day >= cutoff]
print(len(past), "rows to learn from,", len(future), "to forecast")

m = RidgeCV(alphas=[0.1, 1, 10, 100]).fit(past[FEATS], past["revenue"])
naive = mean_absolute_error(future["revenue"], future["rev_7"])
mine = mean_absolute_error(future["revenue"], m.predict(future[FEATS]))
print(f"naive {naive:.1f}  model {mine:.1f}")
