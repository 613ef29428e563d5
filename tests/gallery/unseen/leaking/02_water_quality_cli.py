# kind: script
# target: potable
# leak: fit-before-split
# line: 24
# why: Missing values are filled from the nearest rows of the whole table before the test rows are set aside.
"""Train a model which says whether a water sample is potable."""
import argparse

import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import KNNImputer
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split


def load(path):
    frame = pd.read_csv(path)
    frame.columns = [c.strip().lower().replace(" ", "_") for c in frame.columns]
    return frame.drop_duplicates()


def fill_gaps(features, neighbours):
    imputer = KNNImputer(n_neighbors=neighbours)
    filled = imputer.fit_transform(features)
    return pd.DataFrame(filled, columns=features.columns, index=features.index)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="water_potability.csv")
    parser.add_argument("--neighbours", type=int, default=5)
    parser.add_argument("--trees", type=int, default=300)
    args = parser.parse_args()

    frame = load(args.data)
    target = frame["potable"]
    features = fill_gaps(frame.drop(columns=["potable"]), args.neighbours)

    x_tr, x_te, y_tr, y_te = train_test_split(features, target, test_size=0.2, random_state=0)
    forest = RandomForestClassifier(n_estimators=args.trees, n_jobs=-1, random_state=0)
    forest.fit(x_tr, y_tr)
    guess = forest.predict(x_te)
    print(f"accuracy {accuracy_score(y_te, guess):.3f}  f1 {f1_score(y_te, guess):.3f}")


if __name__ == "__main__":
    main()
