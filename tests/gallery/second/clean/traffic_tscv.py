# kind: script
# target: vehicles
# time: stamp
# split: time
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer, StandardScaler

hours = pd.read_csv("junction.csv", parse_dates=["stamp"]).sort_values("stamp", ignore_index=True)
hours["hour"] = hours["stamp"].dt.hour
hours["weekday"] = hours["stamp"].dt.day_name()
hours["day_ago"] = hours["vehicles"].shift(24)
hours["week_ago"] = hours["vehicles"].shift(168)
hours = hours.iloc[168:]

X, y = hours[["hour", "weekday", "day_ago", "week_ago"]], hours["vehicles"]
prep = ColumnTransformer([
    ("cycle", SplineTransformer(extrapolation="periodic", n_knots=9), ["hour"]),
    ("day", OneHotEncoder(handle_unknown="ignore"), ["weekday"]),
    ("past", StandardScaler(), ["day_ago", "week_ago"]),
])
pipe = Pipeline([("prep", prep), ("ridge", Ridge())])

inner = TimeSeriesSplit(n_splits=3, gap=24)
outer = TimeSeriesSplit(n_splits=6, gap=24)
search = GridSearchCV(pipe, {"ridge__alpha": [0.1, 1, 10, 100]}, cv=inner)
mae = -cross_val_score(search, X, y, cv=outer, scoring="neg_mean_absolute_error")
print("fold errors", mae.round(2).tolist(), "mean", mae.mean().round(2))
