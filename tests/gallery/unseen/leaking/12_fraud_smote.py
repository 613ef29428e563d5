# kind: script
# target: is_fraud
# leak: resampled-before-split
# line: 22
# why: Synthetic frauds are mixed from all frauds, so test rows are blends of training rows and the other way round.
import pandas as pd
from imblearn.over_sampling import SMOTE
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split

SEED = 2023


def main():
    cards = pd.read_csv("creditcard_transactions.csv")
    y = cards["is_fraud"]
    X = cards.drop(["is_fraud", "transaction_id"], axis=1)
    print("before:", y.value_counts().to_dict())

    sm = SMOTE(random_state=SEED, k_neighbors=5)
    X_res, y_res = sm.fit_resample(X, y)
    print("after:", y_res.value_counts().to_dict())

    X_train, X_test, y_train, y_test = train_test_split(X_res, y_res, test_size=0.3, random_state=SEED)
    rf = RandomForestClassifier(n_estimators=100, random_state=SEED, n_jobs=-1)
    rf.fit(X_train, y_train)
    print(classification_report(y_test, rf.predict(X_test), digits=4))


if __name__ == "__main__":
    main()
