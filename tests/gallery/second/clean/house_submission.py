# kind: script
# target: SalePrice
import numpy as np
import pandas as pd
from catboost import CatBoostRegressor
from sklearn.model_selection import KFold

train = pd.read_csv("../input/train.csv")
test = pd.read_csv("../input/test.csv")
n_train = len(train)
target = np.log1p(train.pop("SalePrice"))

# same cleaning for both files, constants only
both = pd.concat([train, test], ignore_index=True).drop(columns="Id")
grades = {"Ex": 5, "Gd": 4, "TA": 3, "Fa": 2, "Po": 1}
for c in [c for c in both if c.endswith(("Qual", "Cond", "QC", "Qu")) and both[c].dtype == object]:
    both[c] = both[c].map(grades).fillna(0)
cat_cols = list(both.select_dtypes("object"))
both[cat_cols] = both[cat_cols].fillna("None").astype(str)
num_cols = [c for c in both if c not in cat_cols]
both[num_cols] = both[num_cols].fillna(-999)
both["TotalSF"] = both["TotalBsmtSF"] + both["1stFlrSF"] + both["2ndFlrSF"]
X, X_sub = both[:n_train], both[n_train:]

oof, sub = np.zeros(n_train), np.zeros(len(X_sub))
for i, (tr, va) in enumerate(KFold(5, shuffle=True, random_state=2).split(X)):
    cb = CatBoostRegressor(iterations=1200, learning_rate=0.04, depth=6, random_seed=i, verbose=0)
    cb.fit(X.iloc[tr], target.iloc[tr], cat_features=cat_cols)
    oof[va] = cb.predict(X.iloc[va])
    sub += cb.predict(X_sub) / 5
print("CV RMSE:", np.sqrt(np.mean((oof - target) ** 2)))
pd.DataFrame({"Id": test["Id"], "SalePrice": np.expm1(sub)}).to_csv("submission.csv", index=False)
