# kind: script
# target: fraud
# leak: target-encoding
# line: 18
# why: the encoder sees the labels of all claims before the test claims are put aside.
import category_encoders as ce
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from xgboost import XGBClassifier

claims = pd.read_csv("insurance_claims.csv")
y = claims.pop("fraud")
X = claims.drop(columns=["claim_id", "policy_number"])

cats = X.select_dtypes("object").columns.tolist()
enc = ce.TargetEncoder(cols=cats, smoothing=10)
X = enc.fit_transform(X, y)

X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.2, stratify=y, random_state=21)
xgb = XGBClassifier(n_estimators=300, max_depth=5, learning_rate=0.1)
xgb.fit(X_tr, y_tr)
print("test AUC", roc_auc_score(y_te, xgb.predict_proba(X_te)[:, 1]))
