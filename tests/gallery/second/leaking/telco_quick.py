# kind: script
# target: churned
# leak: target-among-features
# line: 17
# why: Every numeric column except the id becomes a feature, and churned is itself numeric.
import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import train_test_split

data = pd.read_csv("telco.csv")
data["churned"] = (data["Churn"] == "Yes").astype("int64")
data["Contract"] = data["Contract"].map({"Month-to-month": 1, "One year": 12, "Two year": 24})
data["TotalCharges"] = pd.to_numeric(data["TotalCharges"], errors="coerce").fillna(0)
data["PaperlessBilling"] = data["PaperlessBilling"].eq("Yes").astype(int)

y = data["churned"]
X = data.select_dtypes("number").drop(columns=["customer_no"])

X1, X2, y1, y2 = train_test_split(X, y, random_state=1)
gb = GradientBoostingClassifier(n_estimators=150).fit(X1, y1)
print("test accuracy", gb.score(X2, y2))
imp = pd.Series(gb.feature_importances_, X.columns).sort_values()
print(imp.tail(10))
