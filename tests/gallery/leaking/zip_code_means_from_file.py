# kind: solution
# target: price
# leak: target-encoding
# line: 12
# why: the mean price per zip code comes from the whole file, also from the rows to be judged.
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

houses = pd.read_csv("king_county.csv")
ZIP_MEAN = houses.groupby("zipcode")["price"].mean()
OVERALL = 540_000


def features(X):
    out = X[["bedrooms", "bathrooms", "sqft_living", "sqft_lot", "floors", "grade"]].copy()
    out["zip_price"] = X["zipcode"].map(ZIP_MEAN).fillna(OVERALL)
    return out


def build():
    return make_pipeline(
        FunctionTransformer(features),
        HistGradientBoostingRegressor(learning_rate=0.05, max_iter=500),
    )
