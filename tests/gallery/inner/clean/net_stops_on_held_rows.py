# kind: solution
# target: load
# why: Smallest and largest values come from the rows that the net is trained on, and the held rows only stop it.
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import train_test_split
from tensorflow import keras


class Net(BaseEstimator, RegressorMixin):
    def __init__(self, units=64, patience=10):
        self.units = units
        self.patience = patience

    def fit(self, X, y):
        A = np.asarray(X, dtype="float32")
        A_tr, A_va, y_tr, y_va = train_test_split(A, np.asarray(y), test_size=0.15, random_state=1)
        self.lo_, self.hi_ = A_tr.min(axis=0), A_tr.max(axis=0)
        self.net_ = keras.Sequential([keras.layers.Dense(self.units, activation="relu"), keras.layers.Dense(1)])
        self.net_.compile(optimizer="adam", loss="mse")
        stop = keras.callbacks.EarlyStopping(patience=self.patience, restore_best_weights=True)
        self.net_.fit(self._scale(A_tr), y_tr, validation_data=(self._scale(A_va), y_va), epochs=300,
                      callbacks=[stop], verbose=0)
        return self

    def _scale(self, A):
        return (A - self.lo_) / (self.hi_ - self.lo_ + 1e-6)

    def predict(self, X):
        return self.net_.predict(self._scale(np.asarray(X, dtype="float32")), verbose=0).ravel()


def build():
    return Net()
