# kind: script
# target: subscribed
# leak: chosen-on-test
# line: 24
# why: the cut-off with the best F1 on the test rows is the one whose F1 is reported.
import numpy as np
import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import f1_score, precision_score, recall_score
from sklearn.model_selection import train_test_split

campaign = pd.read_csv("campaign.csv")
features = ["visits", "minutes", "coupons"]
X_train, X_test, y_train, y_test = train_test_split(
    campaign[features], campaign["subscribed"], test_size=0.2, stratify=campaign["subscribed"], random_state=99
)

gb = GradientBoostingClassifier(random_state=99).fit(X_train, y_train)
proba = gb.predict_proba(X_test)[:, 1]

best_cut, best_f1 = 0.5, 0.0
for cut in np.arange(0.05, 0.96, 0.01):
    f1 = f1_score(y_test, proba >= cut, zero_division=0)
    if f1 > best_f1:
        best_cut, best_f1 = cut, f1

decided = proba >= best_cut
print("cut-off", round(float(best_cut), 2), "F1", round(best_f1, 3))
print("precision", precision_score(y_test, decided, zero_division=0), "recall", recall_score(y_test, decided))
