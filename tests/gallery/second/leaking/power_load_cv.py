# kind: script
# target: load_mw
# time: ts
# leak: shuffled-time
# line: 31
# why: The folds are shuffled, so each validation quarter hour has training neighbours before and after it.
import argparse
import logging

import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import KFold, cross_validate

log = logging.getLogger("load")


def features(raw):
    out = pd.DataFrame(index=raw.index)
    out["minute_of_day"] = raw.index.hour * 60 + raw.index.minute
    out["weekday"] = raw.index.weekday
    out["yesterday"] = raw["load_mw"].shift(96)
    out["last_week"] = raw["load_mw"].shift(7 * 96)
    out["temp_yesterday"] = raw["temp"].shift(96)
    return out


def run(path, folds):
    raw = pd.read_csv(path, parse_dates=["ts"], index_col="ts").sort_index()
    X = features(raw).dropna()
    y = raw.loc[X.index, "load_mw"]
    splitter = KFold(n_splits=folds, shuffle=True, random_state=8)
    res = cross_validate(
        HistGradientBoostingRegressor(max_iter=300), X, y, cv=splitter,
        scoring=("neg_mean_absolute_error", "r2"),
    )
    log.info("MAE %.1f MW", -res["test_neg_mean_absolute_error"].mean())
    log.info("R2  %.3f", res["test_r2"].mean())


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    cli = argparse.ArgumentParser(description="Day-ahead load forecast")
    cli.add_argument("path")
    cli.add_argument("--folds", type=int, default=5)
    run(**vars(cli.parse_args()))
