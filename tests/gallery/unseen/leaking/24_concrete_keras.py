# kind: script
# target: strength
# leak: test-for-stopping
# line: 31
# why: The test set decides when training ends and which weights are kept, and then gives the final error.
import pandas as pd
import tensorflow as tf
from sklearn.model_selection import train_test_split

df = pd.read_csv("concrete.csv")
X = df.drop("strength", axis=1).astype("float32")
y = df["strength"].astype("float32")

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=13)

norm = tf.keras.layers.Normalization()
norm.adapt(X_train.to_numpy())

net = tf.keras.Sequential([
    norm,
    tf.keras.layers.Dense(128, activation="relu"),
    tf.keras.layers.Dropout(0.2),
    tf.keras.layers.Dense(64, activation="relu"),
    tf.keras.layers.Dense(1),
])
net.compile(optimizer=tf.keras.optimizers.Adam(1e-3), loss="mse", metrics=["mae"])

stop = tf.keras.callbacks.EarlyStopping(monitor="val_loss", patience=25, restore_best_weights=True)
net.fit(
    X_train.to_numpy(), y_train.to_numpy(),
    validation_data=(X_test.to_numpy(), y_test.to_numpy()),
    epochs=1000, batch_size=32, callbacks=[stop], verbose=0,
)
loss, mae = net.evaluate(X_test.to_numpy(), y_test.to_numpy(), verbose=0)
print("test MAE in MPa:", mae)
