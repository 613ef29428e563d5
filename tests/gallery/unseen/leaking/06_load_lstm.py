# kind: script
# target: load_mw
# time: timestamp
# leak: fit-before-split
# line: 19
# why: The smallest and largest load are looked up in the whole series, the weeks kept for testing included.
import numpy as np
import pandas as pd
from sklearn.preprocessing import MinMaxScaler
from tensorflow import keras
from tensorflow.keras import layers

LOOKBACK = 48

series = pd.read_csv("grid_load.csv", parse_dates=["timestamp"], index_col="timestamp").sort_index()
values = series[["load_mw"]].to_numpy()

scaler = MinMaxScaler(feature_range=(0, 1))
scaled = scaler.fit_transform(values)

cut = int(len(scaled) * 0.8)


def windows(data, start, stop):
    x, y = [], []
    for i in range(max(start, LOOKBACK), stop):
        x.append(data[i - LOOKBACK:i])
        y.append(data[i, 0])
    return np.array(x), np.array(y)


x_train, y_train = windows(scaled, 0, cut)
x_test, y_test = windows(scaled, cut, len(scaled))

model = keras.Sequential([
    layers.Input(shape=(LOOKBACK, 1)),
    layers.LSTM(64),
    layers.Dense(1),
])
model.compile(optimizer="adam", loss="mse")
model.fit(x_train, y_train, epochs=20, batch_size=64, verbose=2)

forecast = scaler.inverse_transform(model.predict(x_test))
truth = scaler.inverse_transform(y_test.reshape(-1, 1))
print("MAPE", np.mean(np.abs((truth - forecast) / truth)) * 100)
