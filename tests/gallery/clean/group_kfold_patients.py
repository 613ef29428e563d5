# kind: script
# target: seizure
# group: patient_id
# why: all windows of a patient stay in one fold.
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GroupKFold, cross_val_score

eeg = pd.read_csv("eeg_windows.csv")
print("patients:", eeg["patient_id"].nunique(), "windows:", len(eeg))

bands = [c for c in eeg.columns if c.startswith("band_")]
X = np.log1p(eeg[bands])
y = eeg["seizure"]

rf = RandomForestClassifier(n_estimators=500, n_jobs=-1, random_state=0)
auc = cross_val_score(
    rf, X, y, groups=eeg["patient_id"], cv=GroupKFold(n_splits=5), scoring="roc_auc"
)
print("AUC", auc.round(3), auc.mean().round(3))
