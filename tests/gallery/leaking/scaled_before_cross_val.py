# kind: script
# target: quality
# leak: outside-fold
# line: 17
# why: the scaling is fitted once on all rows and not inside the folds.
import pandas as pd
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.preprocessing import RobustScaler
from sklearn.svm import SVC

wine = pd.read_csv("winequality.csv", sep=";")
wine["quality"] = (wine["quality"] >= 7).astype(int)

X = wine.drop("quality", axis=1).values
y = wine["quality"].values

X = RobustScaler().fit_transform(X)

skf = StratifiedKFold(n_splits=10, shuffle=True, random_state=0)
svc = SVC(C=2.0, gamma="scale")
acc = cross_val_score(svc, X, y, cv=skf, scoring="balanced_accuracy")
print(acc.round(3))
print("mean", acc.mean())
