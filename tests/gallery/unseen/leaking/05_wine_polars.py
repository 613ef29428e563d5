# kind: script
# target: quality
# leak: fit-before-split
# line: 16
# why: Mean and deviation of each column are taken over all rows before a fifth of them becomes the test set.
import polars as pl
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split
from sklearn.svm import SVR

wine = pl.read_csv("winequality-red.csv", separator=";")
wine = wine.rename({c: c.replace(" ", "_") for c in wine.columns}).unique()
inputs = [c for c in wine.columns if c != "quality"]

wine = wine.with_columns(
    [((pl.col(c) - pl.col(c).mean()) / pl.col(c).std()).alias(c) for c in inputs]
)

X = wine.select(inputs).to_numpy()
y = wine["quality"].to_numpy()
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.2, random_state=42)

svr = SVR(C=3.0, epsilon=0.2)
svr.fit(X_tr, y_tr)
print("MAE:", round(mean_absolute_error(y_te, svr.predict(X_te)), 3))
