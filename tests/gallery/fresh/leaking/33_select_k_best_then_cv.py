# kind: script
# target: relapse
# leak: outside-fold
# line: 13
# why: the ten columns are picked with the labels of every row, then judged by folds of the same rows.
import pandas as pd
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.svm import SVC


def informative(X, y, k):
    picker = SelectKBest(f_classif, k=k).fit(X, y)
    return X.loc[:, picker.get_support()]


df = pd.read_csv("methylation.csv", index_col=0)
y = df.pop("relapse")
X = df.select_dtypes("number")

X_small = informative(X, y, k=10)
print("kept:", list(X_small.columns))

cv = RepeatedStratifiedKFold(n_splits=5, n_repeats=2, random_state=0)
scores = cross_val_score(SVC(C=1.0, kernel="linear"), X_small, y, cv=cv, scoring="roc_auc")
print(f"AUC {scores.mean():.3f} +- {scores.std():.3f}")
