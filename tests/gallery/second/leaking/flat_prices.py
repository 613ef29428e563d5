# kind: script
# target: price
# leak: target-among-features
# line: 23
# why: The price per square metre is computed from the price that is to be predicted and stays a feature.
from pathlib import Path

import numpy as np
import pandas as pd
from catboost import CatBoostRegressor
from sklearn.metrics import mean_absolute_percentage_error
from sklearn.model_selection import train_test_split

DATA = Path(__file__).parent / "flats.csv"
CATS = ["district", "heating", "condition"]


def add_features(flats: pd.DataFrame) -> pd.DataFrame:
    flats = flats.copy()
    flats["age"] = 2023 - flats["built"]
    flats["sqm_per_room"] = flats["area"] / flats["rooms"]
    flats["top_floor"] = (flats["floor"] == flats["floors_total"]).astype(int)
    flats["price_sqm"] = flats["price"] / flats["area"]
    flats[CATS] = flats[CATS].fillna("unknown").astype(str)
    return flats


def main() -> None:
    flats = add_features(pd.read_csv(DATA))
    y = np.log(flats["price"])
    X = flats.drop(columns=["price", "listing_url", "title"])
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.15, random_state=99)
    model = CatBoostRegressor(iterations=800, depth=6, cat_features=CATS, verbose=0)
    model.fit(X_train, y_train)
    print(mean_absolute_percentage_error(np.exp(y_test), np.exp(model.predict(X_test))))


if __name__ == "__main__":
    main()
