# kind: script
# target: defaulted
# leak: target-encoding
# line: 16
# why: The default rate of each branch is averaged over all loans, the test loans' own labels included.
import pandas as pd
import xgboost as xgb
from sklearn.metrics import average_precision_score
from sklearn.model_selection import train_test_split

loans = pd.read_csv("loans_2019.csv")
loans["term"] = loans["term"].str.extract(r"(\d+)", expand=False).astype(float)
loans["income_ratio"] = loans["amount"] / loans["income"].clip(lower=1)

for key in ("branch", "occupation"):
    loans[key + "_rate"] = loans.groupby(key)["defaulted"].transform("mean")

features = ["amount", "term", "income_ratio", "age", "branch_rate", "occupation_rate"]
tr, te = train_test_split(loans, test_size=0.2, stratify=loans["defaulted"], random_state=5)

bst = xgb.XGBClassifier(n_estimators=400, max_depth=4, learning_rate=0.03, eval_metric="logloss")
bst.fit(tr[features], tr["defaulted"])
p = bst.predict_proba(te[features])[:, 1]
print("AP", round(average_precision_score(te["defaulted"], p), 4))
