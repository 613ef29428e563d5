# kind: script
# target: anomaly
# group: machine_id
# leak: groups-split
# line: 22
# why: the folds cut through machines, so each machine is known before it is tested.
import pandas as pd
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

logs = pd.read_parquet("machine_windows.parquet")
X = logs[["rms", "kurtosis", "peak", "crest", "temp_mean", "temp_std"]]
y = logs["anomaly"]

pipe = Pipeline([
    ("scale", StandardScaler()),
    ("knn", KNeighborsClassifier(n_neighbors=5)),
])

cv = StratifiedKFold(n_splits=5, shuffle=True, random_state=44)
scores = cross_val_score(pipe, X, y, cv=cv, scoring="f1")
print("f1:", scores.round(3), "mean:", scores.mean().round(3))
