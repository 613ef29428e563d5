# kind: script
# target: is_fraud
# leak: fit-before-split
# line: 15
# why: the z-scores use the mean and deviation of all transactions before the split.
import polars as pl
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import average_precision_score
from sklearn.model_selection import train_test_split

tx = pl.read_csv("transactions.csv")
feats = ["amount", "merchant_risk", "n_last_24h", "distance_home"]

tx = tx.with_columns(
    [((pl.col(c) - pl.col(c).mean()) / pl.col(c).std()).alias(c) for c in feats]
)

X = tx.select(feats).to_numpy()
y = tx["is_fraud"].to_numpy()
X_a, X_b, y_a, y_b = train_test_split(X, y, test_size=0.2, stratify=y, random_state=3)

sgd = SGDClassifier(loss="log_loss", class_weight="balanced", random_state=3)
sgd.fit(X_a, y_a)
print("AP:", average_precision_score(y_b, sgd.decision_function(X_b)))
