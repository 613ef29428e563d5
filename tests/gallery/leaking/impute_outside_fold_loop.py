# kind: script
# target: readmitted
# leak: outside-fold
# line: 16
# why: the neighbours that fill the gaps are looked for in all rows before the loop over folds.
import numpy as np
import pandas as pd
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.impute import KNNImputer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

stays = pd.read_csv("hospital_stays.csv")
labs = ["creatinine", "sodium", "hemoglobin", "wbc", "glucose"]

values = KNNImputer(n_neighbors=8).fit_transform(stays[labs])
labels = stays["readmitted"].to_numpy()

fold_auc = []
folds = StratifiedKFold(5, shuffle=True, random_state=31)
for i, (fit_idx, val_idx) in enumerate(folds.split(values, labels)):
    et = ExtraTreesClassifier(n_estimators=400, random_state=i, n_jobs=-1)
    et.fit(values[fit_idx], labels[fit_idx])
    prob = et.predict_proba(values[val_idx])[:, 1]
    fold_auc.append(roc_auc_score(labels[val_idx], prob))
    print(f"fold {i}: {fold_auc[-1]:.4f}")

print("overall", np.mean(fold_auc), "+/-", np.std(fold_auc))
