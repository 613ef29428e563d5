# kind: script
# target: bad
# leak: target-encoding
# line: 17
# why: the weights of evidence are counted from the goods and bads of all applicants.
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

apps = pd.read_csv("applications.csv")
apps["income_band"] = pd.cut(apps["income"], [0, 1500, 2500, 4000, 7000, np.inf]).astype(str)


def woe_table(col):
    ct = pd.crosstab(apps[col], apps["bad"]) + 0.5
    share = ct / ct.sum()
    return np.log(share[0] / share[1])


woe_cols = []
for col in ["income_band", "housing", "purpose", "job"]:
    apps[f"woe_{col}"] = apps[col].map(woe_table(col))
    woe_cols.append(f"woe_{col}")

dev, oot = train_test_split(apps, test_size=0.3, random_state=2)
card = LogisticRegression().fit(dev[woe_cols], dev["bad"])
gini = 2 * roc_auc_score(oot["bad"], card.predict_proba(oot[woe_cols])[:, 1]) - 1
print(f"Gini {gini:.3f}")
