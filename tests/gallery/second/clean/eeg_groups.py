# kind: script
# target: seizure
# group: subject
import numpy as np
import pandas as pd
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupShuffleSplit


def band_ratios(frame):
    """Row by row: each band relative to the total power of the same window."""
    bands = frame[["delta", "theta", "alpha", "beta", "gamma"]]
    rel = bands.div(bands.sum(axis=1), axis=0).add_prefix("rel_")
    rel["log_total"] = np.log(bands.sum(axis=1))
    return rel


eeg = pd.read_csv("eeg_windows.csv")
X, y, who = band_ratios(eeg), eeg["seizure"], eeg["subject"]

aucs = []
for tr, te in GroupShuffleSplit(n_splits=8, test_size=0.25, random_state=6).split(X, y, groups=who):
    assert not set(who.iloc[tr]) & set(who.iloc[te])
    forest = ExtraTreesClassifier(400, min_samples_leaf=5, n_jobs=-1, random_state=6)
    forest.fit(X.iloc[tr], y.iloc[tr])
    aucs.append(roc_auc_score(y.iloc[te], forest.predict_proba(X.iloc[te])[:, 1]))
print("AUC over unseen subjects: %.3f (%.3f)" % (np.mean(aucs), np.std(aucs)))
