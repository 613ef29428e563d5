# kind: script
# target: parkinson
# group: speaker
# split: group
# leak: groups-split
# line: 24
# why: every speaker has several recordings with one diagnosis, and the folds do not keep a speaker together.
import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

voices = pd.read_csv("voice_recordings.csv")
print(voices.groupby("speaker").size().describe())

X = voices.drop(columns=["speaker", "parkinson"])
y = voices["parkinson"]

folds = StratifiedKFold(n_splits=10, shuffle=True, random_state=31)
accs = []
for train_idx, test_idx in folds.split(X, y):
    model = make_pipeline(MinMaxScaler(), KNeighborsClassifier(3))
    model.fit(X.iloc[train_idx], y.iloc[train_idx])
    accs.append(accuracy_score(y.iloc[test_idx], model.predict(X.iloc[test_idx])))

print("10-fold accuracy", np.mean(accs))
