# kind: script
# target: malignant
# why: the split comes first, the moments are those of the training rows.
import numpy as np
import pandas as pd


class Moments:
    def __init__(self, A):
        self.m, self.s = A.mean(axis=0), A.std(axis=0) + 1e-9

    def __call__(self, A):
        return (A - self.m) / self.s


def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -30, 30)))


data = pd.read_csv("wdbc.csv").sample(frac=1.0, random_state=0)
t = data.pop("malignant").to_numpy(float)
A = data[["radius", "texture", "perimeter", "smoothness"]].to_numpy(float)

cut = int(0.8 * len(A))
scale = Moments(A[:cut])
A_fit, A_new = scale(A[:cut]), scale(A[cut:])

w, b = np.zeros(A.shape[1]), 0.0
for epoch in range(500):
    g = sigmoid(A_fit @ w + b) - t[:cut]
    w -= 0.1 * (A_fit.T @ g / cut + 1e-3 * w)
    b -= 0.1 * g.mean()

hits = (sigmoid(A_new @ w + b) > 0.5) == t[cut:]
print("accuracy on held-out rows", round(float(hits.mean()), 4))
