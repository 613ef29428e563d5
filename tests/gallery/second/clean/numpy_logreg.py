# kind: script
# target: y
import numpy as np

rng = np.random.default_rng(2718)
table = np.genfromtxt("cells.csv", delimiter=",", skip_header=1)   # last column is y
rng.shuffle(table)
X, y = table[:, :-1], table[:, -1]

cut = int(0.7 * len(X))
Xtr, Xte, ytr, yte = X[:cut], X[cut:], y[:cut], y[cut:]

mu, sigma = Xtr.mean(axis=0), Xtr.std(axis=0) + 1e-8
Xtr, Xte = (Xtr - mu) / sigma, (Xte - mu) / sigma
add_bias = lambda A: np.c_[np.ones(len(A)), A]
Xtr, Xte = add_bias(Xtr), add_bias(Xte)

w = np.zeros(Xtr.shape[1])
for epoch in range(2000):
    p = 1 / (1 + np.exp(-Xtr @ w))
    grad = Xtr.T @ (p - ytr) / len(ytr) + 1e-3 * w
    w -= 0.1 * grad
    if epoch % 500 == 0:
        loss = -np.mean(ytr * np.log(p + 1e-9) + (1 - ytr) * np.log(1 - p + 1e-9))
        print(epoch, "training loss", round(loss, 4))

print("test accuracy", np.mean((Xte @ w > 0) == yte))
