# kind: script
# target: demand
# time: hour
# why: The scaler knows only the older four fifths, and each window ends before the hour it predicts.
import numpy as np
import pandas as pd
from sklearn.preprocessing import MinMaxScaler
from tensorflow import keras
from tensorflow.keras import layers

STEPS = 72

gas = pd.read_csv("gas_demand.csv", parse_dates=["hour"], index_col="hour").sort_index()
raw = gas[["demand"]].to_numpy()
cut = int(len(raw) * 0.8)

scaler = MinMaxScaler()
scaler.fit(raw[:cut])
scaled = scaler.transform(raw)


def windows(data, start, stop):
    x, y = [], []
    for i in range(max(start, STEPS), stop):
        x.append(data[i - STEPS:i])
        y.append(data[i, 0])
    return np.array(x), np.array(y)


x_train, y_train = windows(scaled, 0, cut)
x_test, y_test = windows(scaled, cut, len(scaled))

model = keras.Sequential([layers.Input(shape=(STEPS, 1)), layers.GRU(48), layers.Dense(1)])
model.compile(optimizer="adam", loss="mae")
model.fit(x_train, y_train, epochs=15, batch_size=128, verbose=2)

forecast = scaler.inverse_transform(model.predict(x_test)).ravel()
truth = raw[cut:].ravel()
print("MAE", np.abs(truth - forecast).mean())
print("MAE of yesterday's value", np.abs(truth - raw[cut - 24:-24].ravel()).mean())
