# kind: script
# target: hypo_next_hour
# group: patient_id
# why: All rows of a patient go to one side of the split, and changes look back within the patient only.
import pandas as pd
import xgboost as xgb
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupShuffleSplit

SIGNALS = ["glucose", "insulin", "carbs", "heart_rate"]


def load(path):
    rows = pd.read_csv(path)
    rows = rows.sort_values(["patient_id", "minute"])
    for s in SIGNALS:
        rows[s] = rows.groupby("patient_id")[s].ffill()
        rows[s + "_change"] = rows.groupby("patient_id")[s].diff()
    return rows


rows = load("cgm.csv")
cols = SIGNALS + [s + "_change" for s in SIGNALS] + ["age"]
X, y, patients = rows[cols], rows["hypo_next_hour"], rows["patient_id"]

splitter = GroupShuffleSplit(n_splits=1, test_size=0.2, random_state=4)
train_idx, test_idx = next(splitter.split(X, y, groups=patients))
assert not set(patients.iloc[train_idx]) & set(patients.iloc[test_idx])

clf = xgb.XGBClassifier(n_estimators=400, max_depth=6, learning_rate=0.05)
clf.fit(X.iloc[train_idx], y.iloc[train_idx])
p = clf.predict_proba(X.iloc[test_idx])[:, 1]
print("test AUC:", roc_auc_score(y.iloc[test_idx], p))
