# kind: script
# target: default
# leak: tuned-on-test
# line: 22
# why: the cut-off is the one that gives the best F1 on the same test rows.
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split

credit = pd.read_csv("credit_default.csv")
X = credit.drop(columns=["id", "default"])
y = credit["default"]
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

clf = HistGradientBoostingClassifier(max_depth=4, random_state=0).fit(X_train, y_train)
scores = clf.predict_proba(X_test)[:, 1]

grid = np.linspace(0.05, 0.95, 91)
f1s = [f1_score(y_test, scores >= t) for t in grid]
best_t = grid[int(np.argmax(f1s))]

print("threshold", round(best_t, 2))
print("F1 on test", f1_score(y_test, scores >= best_t))
