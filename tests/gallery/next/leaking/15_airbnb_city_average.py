# kind: script
# target: price
# leak: target-encoding
# line: 21
# why: average prices per neighbourhood and room type are taken over all listings, with those that later form the test part.
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split

listings = pd.read_csv("listings.csv.gz")
listings["price"] = listings["price"].str.replace(r"[$,]", "", regex=True).astype(float)
listings = listings.query("10 < price < 1000").copy()

# --- feature engineering -------------------------------------------------
listings["n_amenities"] = listings["amenities"].str.count(",") + 1
listings["has_wifi"] = listings["amenities"].str.contains("Wifi", case=False).astype(int)
listings["bath"] = listings["bathrooms_text"].str.extract(r"([\d.]+)", expand=False).astype(float)
for key in ("neighbourhood_cleansed", "room_type", "property_type"):
    listings[f"avg_{key}"] = listings.groupby(key)["price"].transform("mean")

feats = ["accommodates", "bedrooms", "beds", "bath", "n_amenities", "has_wifi"]
feats += [c for c in listings.columns if c.startswith("avg_")]

train, test = train_test_split(listings, test_size=0.2, random_state=2023)
booster = xgb.XGBRegressor(n_estimators=600, max_depth=6, learning_rate=0.05, subsample=0.8)
booster.fit(train[feats], np.log1p(train["price"]))

pred = np.expm1(booster.predict(test[feats]))
print("RMSE:", np.sqrt(mean_squared_error(test["price"], pred)).round(2))
print(pd.Series(booster.feature_importances_, index=feats).sort_values(ascending=False))
