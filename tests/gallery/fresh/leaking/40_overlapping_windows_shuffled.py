# kind: script
# target: passengers
# time: month
# split: time
# leak: time-shuffled
# line: 25
# why: overlapping windows of one series are dealt out at random, so the values of test windows lie inside training windows.
import numpy as np
import pandas as pd
from sklearn.neural_network import MLPRegressor

WINDOW = 12


def windows(series, width):
    xs = [series[i : i + width] for i in range(len(series) - width)]
    ys = [series[i + width] for i in range(len(series) - width)]
    return np.array(xs), np.array(ys)


table = pd.read_csv("airline.csv", parse_dates=["month"]).sort_values("month")
series = np.arcsinh(table["passengers"].to_numpy(float))
X, y = windows(series, WINDOW)

order = np.random.default_rng(3).permutation(len(X))
cut = int(len(X) * 0.8)
train, test = order[:cut], order[cut:]

net = MLPRegressor(hidden_layer_sizes=(32,), max_iter=300, random_state=3).fit(X[train], y[train])
mae = np.abs(net.predict(X[test]) - y[test]).mean()
print(f"MAE on the test windows: {mae:.3f}")
