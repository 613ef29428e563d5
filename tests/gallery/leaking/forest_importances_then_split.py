# kind: script
# target: attrition
# leak: selected-before-split
# line: 14
# why: the forest that ranks the columns was fitted on all employees with their labels.
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split


def important_columns(X, y, keep=12):
    ranker = RandomForestClassifier(n_estimators=500, random_state=0, n_jobs=-1)
    ranker.fit(X, y)
    ranking = pd.Series(ranker.feature_importances_, index=X.columns)
    return ranking.nlargest(keep).index


hr = pd.read_csv("hr_attrition.csv")
y = hr["attrition"].map({"Yes": 1, "No": 0})
X = pd.get_dummies(hr.drop(columns=["attrition", "employee_number"]))

cols = important_columns(X, y)
X_train, X_test, y_train, y_test = train_test_split(X[cols], y, stratify=y, random_state=12)

rf = RandomForestClassifier(n_estimators=300, min_samples_leaf=2, random_state=12)
rf.fit(X_train, y_train)
print(roc_auc_score(y_test, rf.predict_proba(X_test)[:, 1]))
