# kind: script
# target: default
# leak: target-among-features
# line: 21
# why: Only the id is left out of the feature list, so the column to be predicted is itself a feature.
import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split


def get_data():
    loans = pd.read_csv("data/loans_2019.csv")
    loans["default"] = loans["default"].astype(int)
    loans["income_to_debt"] = loans["income"] / (loans["debt"] + 1)
    return loans


def get_features(loans):
    numeric = loans.select_dtypes("number").columns
    return [c for c in numeric if c not in ("loan_id",)]


def run():
    loans = get_data().fillna(-1)
    cols = get_features(loans)
    train, test = train_test_split(loans, test_size=0.2, random_state=5)
    gb = GradientBoostingClassifier(max_depth=3, n_estimators=150)
    gb.fit(train[cols], train["default"])
    print("accuracy:", accuracy_score(test["default"], gb.predict(test[cols])))


run()
