# kind: script
# target: subscribed
# why: The scaler is fitted on the training rows and only applied to the test rows.
# %%
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

# %%
df = pd.read_csv("bank_campaign.csv")
df.info()

# %%
y = (df["subscribed"] == "yes").astype(int)
X = df[["age", "balance", "previous_contacts", "children"]].fillna(0)

# %%
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=7)

# %%
sc = StandardScaler()
X_train = sc.fit_transform(X_train)
X_test = sc.transform(X_test)

# %%
clf = LogisticRegression(C=0.5)
clf.fit(X_train, y_train)
print("AUC:", roc_auc_score(y_test, clf.predict_proba(X_test)[:, 1]))
