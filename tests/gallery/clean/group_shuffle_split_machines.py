# kind: script
# target: anomaly
# group: machine_id
# why: the machines of the test do not appear in training.
import pandas as pd
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupShuffleSplit
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

logs = pd.read_parquet("machine_windows.parquet")
X = logs[["rms", "kurtosis", "peak", "crest", "temp_mean", "temp_std"]]
y = logs["anomaly"]

gss = GroupShuffleSplit(n_splits=1, test_size=0.25, random_state=44)
train_idx, test_idx = next(gss.split(X, y, groups=logs["machine_id"]))

pipe = Pipeline([
    ("scale", StandardScaler()),
    ("knn", KNeighborsClassifier(n_neighbors=5)),
])
pipe.fit(X.iloc[train_idx], y.iloc[train_idx])
print("f1:", f1_score(y.iloc[test_idx], pipe.predict(X.iloc[test_idx])))
