# kind: script
# target: default
# why: imputer, scaler and encoder are fitted on the training part and only applied to the test part.
import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OneHotEncoder, StandardScaler

df = pd.read_csv("credit.csv")
y = df.pop("default")
num, cat = ["income", "utilisation", "age"], ["state"]

X_train, X_test, y_train, y_test = train_test_split(df, y, test_size=0.2, stratify=y, random_state=10)

imp, sc = SimpleImputer(strategy="median"), StandardScaler()
ohe = OneHotEncoder(handle_unknown="ignore", sparse_output=False)

train_num = sc.fit_transform(imp.fit_transform(X_train[num]))
test_num = sc.transform(imp.transform(X_test[num]))
train_cat = ohe.fit_transform(X_train[cat])
test_cat = ohe.transform(X_test[cat])

A_train, A_test = np.hstack([train_num, train_cat]), np.hstack([test_num, test_cat])
clf = LogisticRegression(max_iter=1000).fit(A_train, y_train)
print("AUC", round(roc_auc_score(y_test, clf.predict_proba(A_test)[:, 1]), 4))
