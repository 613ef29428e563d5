# kind: script
# target: redeemed
# why: Rates come from training rows only, for the training rows themselves out of fold.
import pandas as pd
from catboost import CatBoostClassifier
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import KFold, train_test_split

coupons = pd.read_csv("coupons.csv")
train, test = train_test_split(coupons, test_size=0.2, random_state=99, stratify=coupons["redeemed"])
train, test = train.reset_index(drop=True), test.reset_index(drop=True)
prior = train["redeemed"].mean()

for col in ["store", "product", "postcode"]:
    encoded = pd.Series(prior, index=train.index)
    for fit_idx, enc_idx in KFold(5, shuffle=True, random_state=0).split(train):
        rates = train.iloc[fit_idx].groupby(col)["redeemed"].mean()
        encoded.iloc[enc_idx] = train[col].iloc[enc_idx].map(rates).fillna(prior).to_numpy()
    test[col + "_rate"] = test[col].map(train.groupby(col)["redeemed"].mean()).fillna(prior)
    train[col + "_rate"] = encoded
    train, test = train.drop(columns=col), test.drop(columns=col)

y_train = train.pop("redeemed")
y_test = test.pop("redeemed")

cb = CatBoostClassifier(iterations=500, depth=6, verbose=0, random_seed=99)
cb.fit(train, y_train)
p = cb.predict_proba(test)[:, 1]
print("logloss", log_loss(y_test, p))
print("auc", roc_auc_score(y_test, p))
