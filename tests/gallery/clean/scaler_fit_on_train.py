# kind: script
# target: churned
# why: the scaler is fitted on the training rows and only applied to the test rows.
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

df = pd.read_csv("data/telco_churn.csv")
X = df[["tenure", "monthly_charges", "total_charges", "support_calls"]]
y = df["churned"]

X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.2, random_state=42, stratify=y
)

scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)

clf = LogisticRegression(max_iter=1000)
clf.fit(X_train, y_train)
print(f"AUC: {roc_auc_score(y_test, clf.predict_proba(X_test)[:, 1]):.4f}")
