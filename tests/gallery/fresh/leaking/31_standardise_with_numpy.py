# kind: script
# target: malignant
# leak: outside-fold
# line: 31
# why: mean and deviation are those of all rows, the test rows too.
import numpy as np
import pandas as pd


def standardise(A):
    return (A - A.mean(axis=0)) / (A.std(axis=0) + 1e-9)


def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -30, 30)))


def train_logreg(A, t, lr=0.1, epochs=500, l2=1e-3):
    w, b = np.zeros(A.shape[1]), 0.0
    for _ in range(epochs):
        g = sigmoid(A @ w + b) - t
        w -= lr * (A.T @ g / len(t) + l2 * w)
        b -= lr * g.mean()
    return w, b


data = pd.read_csv("wdbc.csv")
A = data[["radius", "texture", "perimeter", "smoothness"]].to_numpy(float)
t = data["malignant"].to_numpy(float)

A = standardise(A)

rng = np.random.RandomState(0)
perm = rng.permutation(len(A))
cut = int(0.8 * len(A))
tr, te = perm[:cut], perm[cut:]

w, b = train_logreg(A[tr], t[tr])
acc = ((sigmoid(A[te] @ w + b) > 0.5) == t[te]).mean()
print("accuracy on held-out rows", round(float(acc), 4))
