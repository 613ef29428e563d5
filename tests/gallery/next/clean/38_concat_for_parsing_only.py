# kind: script
# target: sold_days
# why: train and test are joined for row-wise parsing only and separated again before anything is fitted.
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

train = pd.read_csv("train.csv")
test = pd.read_csv("test.csv")
y = train.pop("sold_days")
train.pop("id")
ids = test.pop("id")

both = pd.concat([train, test], keys=["train", "test"])
both["listed"] = pd.to_datetime(both["listed"], format="%d/%m/%Y")
both["dow"] = both["listed"].dt.dayofweek
both["month"] = both["listed"].dt.month
both["title_len"] = both["title"].fillna("").str.len()
both["n_words"] = both["title"].fillna("").str.split().str.len()
both["shouting"] = both["title"].fillna("").str.isupper().astype(int)
both["log_price"] = np.log1p(both["asking_price"])
both["size_cm"] = both["size"].str.extract(r"(\d+)\s*cm", expand=False).astype(float)
both = both.drop(columns=["listed", "title", "size", "asking_price", "seller_url"])
train, test = both.xs("train"), both.xs("test")

cats = ["category", "condition"]
model = Pipeline([
    ("codes", ColumnTransformer(
        [("ord", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), cats)],
        remainder="passthrough",
    )),
    ("gbm", HistGradientBoostingRegressor(loss="absolute_error", early_stopping=False)),
])
mae = -cross_val_score(model, train, y, cv=5, scoring="neg_mean_absolute_error")
print("MAE", mae.mean())
model.fit(train, y)
pd.DataFrame({"id": ids, "sold_days": model.predict(test)}).to_csv("sub.csv", index=False)
