# kind: script
# target: no_show
# leak: resample-before-split
# line: 25
# why: copies of the same no-show are dealt to the training and the test rows.
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split


def rebalanced(frame, label, seed=0):
    groups = [g for _, g in frame.groupby(label)]
    size = max(len(g) for g in groups)
    return (
        pd.concat([g.sample(size, replace=True, random_state=seed) if len(g) < size else g for g in groups])
        .sample(frac=1.0, random_state=seed)
        .reset_index(drop=True)
    )


def prepare(path):
    visits = pd.read_csv(path)
    visits["long_wait"] = (visits["wait_days"] > 14).astype(int)
    return rebalanced(visits, "no_show")


visits = prepare("appointments.csv")
X = visits[["wait_days", "long_wait", "age", "sms", "prior_no_shows"]]
X_tr, X_te, y_tr, y_te = train_test_split(X, visits["no_show"], test_size=0.3, random_state=0)

rf = RandomForestClassifier(n_estimators=200, random_state=0).fit(X_tr, y_tr)
print(classification_report(y_te, rf.predict(X_te)))
