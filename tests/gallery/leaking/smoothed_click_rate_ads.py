# kind: script
# target: clicked
# leak: target-encoding
# line: 14
# why: the smoothed click rates of every category contain the clicks of the test rows.
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split


def smooth_rate(frame, key, label, weight=50):
    prior = frame[label].mean()
    agg = frame.groupby(key)[label].agg(["sum", "count"])
    rate = (agg["sum"] + weight * prior) / (agg["count"] + weight)
    return frame[key].map(rate)


impressions = pd.read_csv("impressions.csv")
for key in ["site_id", "app_category", "device_model"]:
    impressions[key + "_ctr"] = smooth_rate(impressions, key, "clicked")

feature_cols = [c for c in impressions.columns if c.endswith("_ctr")] + ["hour", "banner_pos"]
train, test = train_test_split(impressions, test_size=0.2, random_state=17)

model = LGBMClassifier(n_estimators=250, num_leaves=63)
model.fit(train[feature_cols], train["clicked"])
p = model.predict_proba(test[feature_cols])[:, 1]
print("logloss:", log_loss(test["clicked"], p))
