# kind: script
# target: survived
# leak: chosen-on-test
# line: 27
# why: of several seeds the one that scores best on the test rows is kept and reported.
import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEEDS = range(8)

df = pd.read_csv("titanic.csv")
df["sex"] = (df["sex"] == "female").astype(int)
X = df[["pclass", "sex", "age", "fare", "sibsp"]].fillna(-1)
y = df["survived"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)


def run(seed):
    net = make_pipeline(StandardScaler(), MLPClassifier((16,), max_iter=80, random_state=seed))
    net.fit(X_train, y_train)
    return net.score(X_test, y_test), seed, net


accuracy, seed, net = max((run(s) for s in SEEDS), key=lambda r: r[0])
print(f"final model: seed={seed}, test accuracy={accuracy:.4f}")
