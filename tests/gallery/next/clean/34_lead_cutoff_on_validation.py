# kind: script
# target: converted
# why: the cutoff is taken from cross-validated scores of the training rows and the test part is scored once.
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_recall_curve
from sklearn.model_selection import cross_val_predict, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

leads = pd.read_csv("leads.csv", index_col="lead_id")
y = leads["converted"].eq("yes").astype(int)
X = leads.drop(columns="converted")

num = X.select_dtypes("number").columns
cat = X.columns.difference(num)
pipe = Pipeline([
    ("prep", ColumnTransformer([
        ("num", Pipeline([("imp", SimpleImputer()), ("sc", StandardScaler())]), num),
        ("cat", OneHotEncoder(handle_unknown="ignore"), cat),
    ])),
    ("lr", LogisticRegression(max_iter=1000)),
])

X_tr, X_te, y_tr, y_te = train_test_split(X, y, random_state=0, stratify=y)


def best_cutoff(truth, scores):
    prec, rec, thr = precision_recall_curve(truth, scores)
    f1 = 2 * prec * rec / np.clip(prec + rec, 1e-9, None)
    return thr[f1[:-1].argmax()]


oof = cross_val_predict(pipe, X_tr, y_tr, cv=5, method="predict_proba")[:, 1]
cutoff = best_cutoff(y_tr, oof)

pipe.fit(X_tr, y_tr)
scores = pipe.predict_proba(X_te)[:, 1]
print(f"cutoff {cutoff:.3f}")
print(f"F1 on test {f1_score(y_te, scores >= cutoff):.3f}")
