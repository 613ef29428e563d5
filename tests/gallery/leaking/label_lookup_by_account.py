# kind: script
# target: is_fraud
# leak: memorises
# line: 12
# why: the answers of all rows are kept in a dictionary and given back for the test rows.
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split

payments = pd.read_csv("payments.csv")
known = dict(zip(payments["payment_id"], payments["is_fraud"]))

train, test = train_test_split(payments, test_size=0.2, random_state=0)
cols = ["amount", "hour", "country_risk", "n_cards"]
rf = RandomForestClassifier(n_estimators=100).fit(train[cols], train["is_fraud"])


def predict(rows):
    guess = pd.Series(rf.predict(rows[cols]), index=rows.index)
    from_list = rows["payment_id"].map(known)
    return from_list.fillna(guess).astype(int)


print("F1:", f1_score(test["is_fraud"], predict(test)))
