# kind: script
# target: readmitted
# why: the imputer is made and fitted inside the loop, on the training rows of the fold.
import numpy as np
import pandas as pd
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.impute import KNNImputer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

stays = pd.read_csv("hospital_stays.csv")
labs = ["creatinine", "sodium", "hemoglobin", "wbc", "glucose"]
values = stays[labs].to_numpy()
labels = stays["readmitted"].to_numpy()

fold_auc = []
folds = StratifiedKFold(5, shuffle=True, random_state=31)
for i, (fit_idx, val_idx) in enumerate(folds.split(values, labels)):
    imputer = KNNImputer(n_neighbors=8)
    X_fit = imputer.fit_transform(values[fit_idx])
    X_val = imputer.transform(values[val_idx])
    et = ExtraTreesClassifier(n_estimators=400, random_state=i, n_jobs=-1)
    et.fit(X_fit, labels[fit_idx])
    fold_auc.append(roc_auc_score(labels[val_idx], et.predict_proba(X_val)[:, 1]))
    print(f"fold {i}: {fold_auc[-1]:.4f}")

print("overall", np.mean(fold_auc), "+/-", np.std(fold_auc))
