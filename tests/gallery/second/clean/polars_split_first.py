# kind: script
# target: late
import polars as pl
from lightgbm import LGBMClassifier
from sklearn.metrics import log_loss, roc_auc_score

orders = (
    pl.read_csv("orders.csv")
    .with_columns(
        (pl.col("weight_g") / 1000).alias("kg"),
        (pl.col("length") * pl.col("width") * pl.col("height")).log1p().alias("log_volume"),
        (pl.col("seller_state") == pl.col("customer_state")).cast(pl.Int8).alias("same_state"),
    )
    .sample(fraction=1.0, shuffle=True, seed=40)
)
n_test = orders.height // 5
test, train = orders.head(n_test), orders.tail(orders.height - n_test)

numeric = ["kg", "log_volume", "distance_km", "price"]
means = train.select(pl.col(numeric).mean()).row(0, named=True)
stds = train.select(pl.col(numeric).std()).row(0, named=True)


def standardise(part: pl.DataFrame) -> pl.DataFrame:
    return part.with_columns([
        ((pl.col(c).fill_null(means[c]) - means[c]) / stds[c]).alias(c) for c in numeric
    ])


train, test = standardise(train), standardise(test)
use = numeric + ["same_state"]
model = LGBMClassifier(n_estimators=250, num_leaves=20, verbose=-1)
model.fit(train.select(use).to_numpy(), train["late"].to_numpy())
p = model.predict_proba(test.select(use).to_numpy())[:, 1]
print("auc", roc_auc_score(test["late"].to_numpy(), p), "logloss", log_loss(test["late"].to_numpy(), p))
