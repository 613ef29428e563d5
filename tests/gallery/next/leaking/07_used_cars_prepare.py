# kind: script
# target: price
# leak: preprocessing-before-split
# line: 26
# why: prepare() scales every numeric column with the minimum and maximum of the whole table, and the split comes afterwards.
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split

CATS = ["make", "model", "fuel", "gearbox"]
NUMS = ["mileage", "year", "engine_cc", "power_hp", "doors"]


def load(path):
    df = pd.read_csv(path, na_values=["-", "n/a"])
    df = df.dropna(subset=["price"])
    df = df[df["price"].between(500, 150_000)]
    return df.reset_index(drop=True)


def prepare(df):
    out = df.copy()
    for c in NUMS:
        lo, hi = out[c].min(), out[c].max()
        out[c] = (out[c] - lo) / (hi - lo)
        out[c] = out[c].fillna(-1)
    out[CATS] = out[CATS].fillna("unknown")
    return pd.get_dummies(out[NUMS + CATS], columns=CATS, dtype=float)


def main():
    cars = load("used_cars.csv")
    target = np.log(cars["price"])
    features = prepare(cars)
    tr_x, te_x, tr_y, te_y = train_test_split(features, target, test_size=0.2, random_state=13)
    rf = RandomForestRegressor(n_estimators=400, min_samples_leaf=2, n_jobs=-1, random_state=13)
    rf.fit(tr_x, tr_y)
    mae = mean_absolute_error(np.exp(te_y), np.exp(rf.predict(te_x)))
    print(f"MAE on the test cars: {mae:,.0f}")


if __name__ == "__main__":
    main()
