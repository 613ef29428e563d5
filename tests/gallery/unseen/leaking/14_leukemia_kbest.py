# kind: script
# target: subtype
# leak: selected-before-split
# line: 19
# why: The fifty genes are chosen with the labels of all patients, then judged on those same patients.
import pandas as pd
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.preprocessing import LabelEncoder
from sklearn.svm import LinearSVC

expression = pd.read_csv("leukemia_expression.csv", index_col=0)
y = LabelEncoder().fit_transform(expression["subtype"])
X = expression.drop(columns="subtype").to_numpy(dtype=float)
print("patients x genes:", X.shape)

# 7000 genes are too many for 72 patients
selector = SelectKBest(f_classif, k=50)
X_small = selector.fit_transform(X, y)

acc = cross_val_score(LinearSVC(C=0.01, max_iter=20000), X_small, y, cv=LeaveOneOut())
print("leave-one-out accuracy: %.3f" % acc.mean())
