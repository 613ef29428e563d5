# kind: script
# target: defect
# leak: resampled-before-split
# line: 18
# why: Defective parts are copied many times before the folds are made, so copies of one part lie on both sides.
import numpy as np
import pandas as pd
from sklearn.metrics import recall_score
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import resample

parts = pd.read_csv("line4_parts.csv", index_col="serial")
good = parts[parts["defect"] == 0]
bad = parts[parts["defect"] == 1]
print(len(good), "good,", len(bad), "bad")

bad_up = resample(bad, replace=True, n_samples=len(good), random_state=0)
balanced = pd.concat([good, bad_up]).sample(frac=1, random_state=0)

X = balanced.drop("defect", axis=1).values
y = balanced["defect"].values

recalls = []
skf = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
for train_idx, test_idx in skf.split(X, y):
    tree = DecisionTreeClassifier(max_depth=12)
    tree.fit(X[train_idx], y[train_idx])
    recalls.append(recall_score(y[test_idx], tree.predict(X[test_idx])))

print("mean recall on defects: %.3f" % np.mean(recalls))
