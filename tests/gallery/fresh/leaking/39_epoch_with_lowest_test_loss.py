# kind: script
# target: consumption
# leak: chosen-on-test
# line: 29
# why: the weights kept are those of the epoch with the least loss on the test rows.
import numpy as np
import pandas as pd
from sklearn.linear_model import SGDRegressor

data = pd.read_csv("households.csv").sample(frac=1, random_state=8)
n = int(len(data) * 0.75)
train, test = data.iloc[:n], data.iloc[n:]

names = ["x1", "x2", "x3"]
mu, sd = train[names].mean(), train[names].std()
A, B = ((part[names] - mu) / sd for part in (train, test))
a, b = train["consumption"].to_numpy(), test["consumption"].to_numpy()


def mse(p, t):
    return float(np.mean((p - t) ** 2))


sgd = SGDRegressor(learning_rate="constant", eta0=0.005, random_state=8)
history, kept = [], None
for epoch in range(60):
    sgd.partial_fit(A.to_numpy(), a)
    history.append(mse(sgd.predict(B.to_numpy()), b))
    if history[-1] == min(history):
        kept = (sgd.coef_.copy(), sgd.intercept_.copy())

coef, intercept = kept
print("test MSE", mse(B.to_numpy() @ coef + intercept, b))
