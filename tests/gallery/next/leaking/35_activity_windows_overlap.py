# kind: script
# target: activity
# leak: groups-split
# line: 40
# why: windows of one recording overlap by 75 per cent and are split at random, so train and test share the same samples.
import glob

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

WIN, STEP = 128, 32


def describe(w):
    return np.concatenate([
        w.mean(0), w.std(0), w.min(0), w.max(0),
        np.abs(np.diff(w, axis=0)).mean(0),
        np.abs(np.fft.rfft(w, axis=0))[1:6].ravel(),
    ])


def windows(path):
    rec = pd.read_csv(path)
    xyz = rec[["ax", "ay", "az"]].to_numpy()
    lab = rec["activity"].to_numpy()
    for s in range(0, len(xyz) - WIN + 1, STEP):
        names, n = np.unique(lab[s:s + WIN], return_counts=True)
        yield describe(xyz[s:s + WIN]), names[n.argmax()]


feats, labels = [], []
for path in sorted(glob.glob("recordings/*.csv")):
    for f, l in windows(path):
        feats.append(f)
        labels.append(l)

Xtr, Xte, ytr, yte = train_test_split(
    np.stack(feats), np.array(labels), test_size=0.3, random_state=4, stratify=labels
)
rf = RandomForestClassifier(300, n_jobs=-1, random_state=4).fit(Xtr, ytr)
print("test accuracy:", accuracy_score(yte, rf.predict(Xte)))
