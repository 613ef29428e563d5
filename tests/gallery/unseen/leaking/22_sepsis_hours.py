# kind: script
# target: sepsis
# group: patient_id
# leak: groups-split
# line: 29
# why: Each patient has many hourly rows and the random split puts hours of one patient on both sides.
import pandas as pd
import xgboost as xgb
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

VITALS = ["heart_rate", "resp_rate", "temp", "map", "o2sat"]


def load_hours(path):
    hours = pd.read_csv(path)
    hours = hours.sort_values(["patient_id", "icu_hour"])
    for v in VITALS:
        past = hours.groupby("patient_id")[v]
        hours[v] = past.ffill()
        hours[v + "_change"] = hours.groupby("patient_id")[v].diff()
    return hours


hours = load_hours("icu_hours.csv")
cols = VITALS + [v + "_change" for v in VITALS] + ["age", "icu_hour"]
print(hours["patient_id"].nunique(), "patients,", len(hours), "rows")

X_train, X_test, y_train, y_test = train_test_split(
    hours[cols], hours["sepsis"], test_size=0.2, stratify=hours["sepsis"], random_state=4
)

clf = xgb.XGBClassifier(n_estimators=400, max_depth=8, learning_rate=0.1)
clf.fit(X_train, y_train)
print("test AUC:", roc_auc_score(y_test, clf.predict_proba(X_test)[:, 1]))
