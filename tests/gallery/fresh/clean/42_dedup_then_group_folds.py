# kind: script
# target: parkinson
# group: speaker
# split: group
# why: repeated rows are removed before any split, and the folds keep all recordings of a speaker together.
import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GroupKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

voices = pd.read_csv("voice_recordings.csv").drop_duplicates().reset_index(drop=True)
speaker, y = voices.pop("speaker"), voices.pop("parkinson")

accs = []
for train_idx, test_idx in GroupKFold(n_splits=5).split(voices, y, groups=speaker):
    assert not set(speaker.iloc[train_idx]) & set(speaker.iloc[test_idx])
    model = make_pipeline(MinMaxScaler(clip=True), KNeighborsClassifier(3))
    model.fit(voices.iloc[train_idx], y.iloc[train_idx])
    accs.append(accuracy_score(y.iloc[test_idx], model.predict(voices.iloc[test_idx])))

print("accuracy by speakers never heard", np.mean(accs))
