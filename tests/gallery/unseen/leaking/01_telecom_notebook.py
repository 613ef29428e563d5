# kind: script
# target: churned
# leak: fit-before-split
# line: 25
# why: The scaler learns its means and deviations from all customers, those of the test part included.
# %%
import pandas as pd
import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

# %%
df = pd.read_csv("telecom_customers.csv")
df.head()

# %%
df["total_charges"] = pd.to_numeric(df["total_charges"], errors="coerce").fillna(0)
y = (df["churned"] == "Yes").astype(int)
X = df[["tenure", "monthly_charges", "total_charges", "support_calls"]]

# %%
sc = StandardScaler()
X_scaled = sc.fit_transform(X)

# %%
X_train, X_test, y_train, y_test = train_test_split(X_scaled, y, test_size=0.25, stratify=y, random_state=7)
clf = LogisticRegression(C=0.5)
clf.fit(X_train, y_train)

# %%
print("AUC:", roc_auc_score(y_test, clf.predict_proba(X_test)[:, 1]))
