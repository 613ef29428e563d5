# kind: script
# target: organic_carbon
# why: The nearest-row imputer sits in the pipeline and is refitted within each fold.
"""Predict organic carbon in soil samples."""
import argparse

import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.impute import KNNImputer
from sklearn.model_selection import cross_validate
from sklearn.pipeline import Pipeline


def load(path):
    frame = pd.read_csv(path)
    frame.columns = [c.strip().lower() for c in frame.columns]
    return frame.drop_duplicates().dropna(subset=["organic_carbon"])


def make_model(neighbours, trees):
    return Pipeline([
        ("fill", KNNImputer(n_neighbors=neighbours)),
        ("forest", RandomForestRegressor(n_estimators=trees, n_jobs=-1, random_state=0)),
    ])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="soil.csv")
    parser.add_argument("--neighbours", type=int, default=5)
    parser.add_argument("--trees", type=int, default=300)
    args = parser.parse_args()

    frame = load(args.data)
    y = frame.pop("organic_carbon")
    result = cross_validate(
        make_model(args.neighbours, args.trees), frame, y, cv=5,
        scoring=("r2", "neg_mean_absolute_error"),
    )
    print("R2  %.3f" % result["test_r2"].mean())
    print("MAE %.3f" % -result["test_neg_mean_absolute_error"].mean())


if __name__ == "__main__":
    main()
