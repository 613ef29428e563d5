# kind: script
# target: subscribed
# why: rounds and cut-off are chosen on the validation part; the test part is scored once at the end.
import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.metrics import f1_score, precision_recall_curve
from sklearn.model_selection import train_test_split

campaign = pd.read_csv("campaign.csv")
features = ["visits", "minutes", "coupons"]


def three_ways(df, seed=0):
    rest, test = train_test_split(df, test_size=0.2, stratify=df["subscribed"], random_state=seed)
    train, valid = train_test_split(rest, test_size=0.25, stratify=rest["subscribed"], random_state=seed)
    return train, valid, test


train, valid, test = three_ways(campaign)
gbm = lgb.LGBMClassifier(n_estimators=1500, learning_rate=0.03, verbose=-1)
gbm.fit(
    train[features], train["subscribed"],
    eval_set=[(valid[features], valid["subscribed"])],
    callbacks=[lgb.early_stopping(50, verbose=False)],
)

precision, recall, cuts = precision_recall_curve(valid["subscribed"], gbm.predict_proba(valid[features])[:, 1])
f1 = 2 * precision * recall / (precision + recall + 1e-12)
cut = float(cuts[np.argmax(f1[:-1])])

decided = (gbm.predict_proba(test[features])[:, 1] >= cut).astype(int)
print("cut", cut, "test F1", f1_score(test["subscribed"], decided))
