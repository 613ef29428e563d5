# kind: script
# target: price
# leak: test-for-stopping
# line: 29
# why: Training keeps the best iteration on the hold-out pool and then reports the error of that pool.
import sys

import numpy as np
import pandas as pd
from catboost import CatBoostRegressor, Pool


class DiamondExperiment:
    cats = ["cut", "color", "clarity"]

    def __init__(self, path, seed=0):
        frame = pd.read_csv(path)
        frame = frame[(frame[["x", "y", "z"]] > 0).all(axis=1)]
        rng = np.random.default_rng(seed)
        mask = rng.random(len(frame)) < 0.75
        self.fit_pool = self._pool(frame[mask])
        self.hold_pool = self._pool(frame[~mask])

    def _pool(self, part):
        return Pool(part.drop(columns="price"), np.log1p(part["price"]), cat_features=self.cats)

    def train(self):
        self.model = CatBoostRegressor(iterations=5000, learning_rate=0.05, loss_function="RMSE")
        self.model.fit(self.fit_pool, eval_set=self.hold_pool, use_best_model=True, verbose=500)
        return self

    def report(self):
        truth = np.expm1(self.hold_pool.get_label())
        guess = np.expm1(self.model.predict(self.hold_pool))
        return float(np.abs(truth - guess).mean())


if __name__ == "__main__":
    print("hold-out MAE in dollars:", DiamondExperiment(sys.argv[1]).train().report())
