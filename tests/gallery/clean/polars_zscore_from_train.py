# kind: script
# target: is_fraud
# why: mean and deviation are computed on the training frame and used for both frames.
import polars as pl
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import average_precision_score
from sklearn.model_selection import train_test_split

tx = pl.read_csv("transactions.csv")
feats = ["amount", "merchant_risk", "n_last_24h", "distance_home"]

rows_a, rows_b = train_test_split(range(tx.height), test_size=0.2, random_state=3)
train, test = tx[list(rows_a)], tx[list(rows_b)]

mu = {c: train[c].mean() for c in feats}
sd = {c: train[c].std() for c in feats}


def scale(frame):
    return frame.select([((pl.col(c) - mu[c]) / sd[c]).alias(c) for c in feats]).to_numpy()


sgd = SGDClassifier(loss="log_loss", class_weight="balanced", random_state=3)
sgd.fit(scale(train), train["is_fraud"].to_numpy())
ap = average_precision_score(test["is_fraud"].to_numpy(), sgd.decision_function(scale(test)))
print("AP:", ap)
