# kind: script
# target: failure
# why: early stopping watches a fraction of the training rows.
import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from tensorflow import keras

machines = pd.read_csv("predictive_maintenance.csv")
y = machines["failure"].values
X = machines[["air_temp", "process_temp", "rpm", "torque", "tool_wear"]].values

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=10)
sc = StandardScaler().fit(X_train)
X_train, X_test = sc.transform(X_train), sc.transform(X_test)

net = keras.Sequential([
    keras.layers.Input(shape=(X_train.shape[1],)),
    keras.layers.Dense(64, activation="relu"),
    keras.layers.Dropout(0.3),
    keras.layers.Dense(1, activation="sigmoid"),
])
net.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"])

stop = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
net.fit(X_train, y_train, epochs=100, batch_size=64,
        validation_split=0.15, callbacks=[stop], verbose=0)

print(net.evaluate(X_test, y_test, verbose=0))
