# kind: script
# target: bought
# leak: target-encoding
# line: 15
# why: The purchase rate of each city is taken over all rows, so each test row's own answer is part of its feature.
import pandas as pd
from catboost import CatBoostClassifier
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import train_test_split

visits = pd.read_csv("shop_visits.csv")

# replace the high cardinality columns by their conversion rate
for col in ["city", "campaign", "browser"]:
    visits[col + "_rate"] = visits.groupby(col)["bought"].transform("mean")
    visits = visits.drop(columns=col)

visits["weekend"] = visits["weekday"].isin([5, 6]).astype(int)

train, test = train_test_split(visits, test_size=0.2, random_state=99, stratify=visits["bought"])
y_train = train.pop("bought")
y_test = test.pop("bought")

cb = CatBoostClassifier(iterations=500, depth=6, verbose=0, random_seed=99)
cb.fit(train, y_train)
p = cb.predict_proba(test)[:, 1]
print("logloss", log_loss(y_test, p))
print("auc", roc_auc_score(y_test, p))
