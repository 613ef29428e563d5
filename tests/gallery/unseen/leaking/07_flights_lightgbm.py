# kind: script
# target: late
# leak: target-among-features
# line: 19
# why: The label is computed from arr_delay and arr_delay stays among the features.
import lightgbm as lgb
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

flights = pd.read_csv("flights_sample.csv")
flights = flights[flights["cancelled"] == 0].copy()
flights["late"] = (flights["arr_delay"] > 15).astype(int)

for col in ["carrier", "origin", "dest"]:
    flights[col] = flights[col].astype("category")

flights["dep_hour"] = flights["sched_dep_time"] // 100
X = flights.drop(columns=["late", "tail_num", "cancelled"])
y = flights["late"]

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=11)

model = lgb.LGBMClassifier(n_estimators=400, learning_rate=0.05, num_leaves=63)
model.fit(X_train, y_train)

auc = roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])
print(f"AUC on unseen flights: {auc:.4f}")
for name, gain in sorted(zip(X.columns, model.feature_importances_), key=lambda t: -t[1])[:5]:
    print(name, gain)
