# kind: script
# target: seizure
# group: patient_id
# leak: groups-split
# line: 20
# why: recordings of one patient are in training and in test at once.
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

eeg = pd.read_csv("eeg_windows.csv")
print("patients:", eeg["patient_id"].nunique(), "windows:", len(eeg))

bands = [c for c in eeg.columns if c.startswith("band_")]
X = np.log1p(eeg[bands])
y = eeg["seizure"]

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=0)

rf = RandomForestClassifier(n_estimators=500, n_jobs=-1, random_state=0)
rf.fit(X_train, y_train)
print("AUC", roc_auc_score(y_test, rf.predict_proba(X_test)[:, 1]))
