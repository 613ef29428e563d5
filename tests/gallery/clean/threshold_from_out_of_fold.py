# kind: script
# target: default
# why: the cut-off comes from out-of-fold probabilities of the training rows.
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import cross_val_predict, train_test_split

credit = pd.read_csv("credit_default.csv")
X = credit.drop(columns=["id", "default"])
y = credit["default"]
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

clf = HistGradientBoostingClassifier(max_depth=4, random_state=0)
oof = cross_val_predict(clf, X_train, y_train, cv=5, method="predict_proba")[:, 1]

grid = np.linspace(0.05, 0.95, 91)
best_t = grid[int(np.argmax([f1_score(y_train, oof >= t) for t in grid]))]

clf.fit(X_train, y_train)
proba = clf.predict_proba(X_test)[:, 1]
print("threshold", round(best_t, 2))
print("F1 on test", f1_score(y_test, proba >= best_t))
