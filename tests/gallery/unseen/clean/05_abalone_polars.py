# kind: script
# target: rings
# why: Means and deviations come from the training table and are used for both tables.
import polars as pl
from sklearn.metrics import mean_absolute_error
from sklearn.svm import SVR

SEED = 42

abalone = pl.read_csv("abalone.csv").with_columns((pl.col("height") * 200).alias("height_mm"))
abalone = abalone.drop("height").sample(fraction=1.0, shuffle=True, seed=SEED)
n_test = abalone.height // 5
test, train = abalone.head(n_test), abalone.slice(n_test)

inputs = [c for c in abalone.columns if c not in ("rings", "sex")]
mean = train.select(pl.col(inputs).mean()).row(0, named=True)
std = train.select(pl.col(inputs).std()).row(0, named=True)


def standardised(frame):
    return frame.select([(pl.col(c) - mean[c]) / std[c] for c in inputs]).to_numpy()


svr = SVR(C=5.0, epsilon=0.3)
svr.fit(standardised(train), train["rings"].to_numpy())
guess = svr.predict(standardised(test))
print("MAE:", round(mean_absolute_error(test["rings"].to_numpy(), guess), 3))
