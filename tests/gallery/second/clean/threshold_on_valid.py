# kind: script
# target: no_show
import pandas as pd
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split

visits = pd.read_csv("appointments.csv", parse_dates=["ScheduledDay", "AppointmentDay"])
visits["no_show"] = (visits.pop("No-show") == "Yes").astype(int)
visits["wait_days"] = (visits.AppointmentDay.dt.normalize() - visits.ScheduledDay.dt.normalize()).dt.days
visits["female"] = (visits["Gender"] == "F").astype(int)
visits = visits[visits["Age"].between(0, 110)]
# one visit per patient, so that nobody appears twice
visits = visits.sort_values("ScheduledDay").drop_duplicates("PatientId", keep="first")

cols = ["Age", "wait_days", "female", "Scholarship", "Hipertension", "Diabetes", "SMS_received"]
X, y = visits[cols], visits["no_show"]
X_rest, X_test, y_rest, y_test = train_test_split(X, y, test_size=0.2, random_state=14, stratify=y)
X_train, X_valid, y_train, y_valid = train_test_split(X_rest, y_rest, test_size=0.2, random_state=14)

rf = RandomForestClassifier(300, min_samples_leaf=10, n_jobs=-1, random_state=14)
rf.fit(X_train, y_train)

p_valid = rf.predict_proba(X_valid)[:, 1]
grid = np.linspace(0.05, 0.6, 56)
best = max(grid, key=lambda t: f1_score(y_valid, p_valid >= t))
p_test = rf.predict_proba(X_test)[:, 1]
print(f"threshold {best:.2f} from validation, F1 on test {f1_score(y_test, p_test >= best):.4f}")
