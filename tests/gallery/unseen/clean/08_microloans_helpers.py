# kind: script
# target: default
# why: Features are all numeric columns but the id and the target, and the score comes from rows set aside.
import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import accuracy_score, brier_score_loss
from sklearn.model_selection import train_test_split

ID, TARGET = "loan_id", "default"


def get_data():
    loans = pd.read_csv("data/microloans.csv")
    loans[TARGET] = loans[TARGET].astype(int)
    loans["income_to_amount"] = loans["income"] / (loans["amount"] + 1)
    return loans


def get_features(loans):
    numeric = loans.select_dtypes("number").columns
    return [c for c in numeric if c not in (ID, TARGET)]


def run():
    loans = get_data().fillna(-1)
    cols = get_features(loans)
    train, test = train_test_split(loans, test_size=0.2, random_state=5, stratify=loans[TARGET])
    gb = GradientBoostingClassifier(max_depth=3, n_estimators=150)
    gb.fit(train[cols], train[TARGET])
    for name, part in (("train", train), ("test", test)):
        p = gb.predict_proba(part[cols])[:, 1]
        print(name, "accuracy", accuracy_score(part[TARGET], p > 0.5), "brier", brier_score_loss(part[TARGET], p))


run()
