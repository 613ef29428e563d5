# kind: script
# target: converted
# leak: tuned-on-test
# line: 41
# why: the cutoff maximises F1 on the test part and the F1 at that cutoff is the reported result.
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_recall_curve
from sklearn.model_selection import train_test_split
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
pipe.fit(X_tr, y_tr)


def best_cutoff(truth, scores):
    prec, rec, thr = precision_recall_curve(truth, scores)
    f1 = 2 * prec * rec / np.clip(prec + rec, 1e-9, None)
    return thr[f1[:-1].argmax()]


scores = pipe.predict_proba(X_te)[:, 1]
cutoff = best_cutoff(y_te, scores)
print(f"cutoff {cutoff:.3f}")
print(f"F1 on test {f1_score(y_te, scores >= cutoff):.3f}")
