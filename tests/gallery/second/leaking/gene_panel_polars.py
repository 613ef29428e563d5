# kind: script
# target: relapse
# leak: fit-before-split
# line: 24
# why: The principal axes are learned from every sample and only then is the table cut into train and test.
import numpy as np
import polars as pl
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

SEED, N_AXES = 1234, 25

panel = (
    pl.read_csv("data/panel.csv")
    .filter(pl.col("relapse").is_not_null())
    .with_columns(pl.col(pl.Float64).fill_null(0.0))
    .sample(fraction=1.0, shuffle=True, seed=SEED)
)
genes = [name for name in panel.columns if name.startswith("ENSG")]
expr = np.log1p(panel.select(genes).to_numpy())
status = panel["relapse"].to_numpy()

axes = PCA(n_components=N_AXES, random_state=SEED).fit(expr)
scores = axes.transform(expr)

cut = int(len(scores) * 0.8)
model = LogisticRegression(C=0.3, max_iter=5000)
model.fit(scores[:cut], status[:cut])
auc = roc_auc_score(status[cut:], model.predict_proba(scores[cut:])[:, 1])
print(f"{len(genes)} genes -> {N_AXES} axes, hold-out AUC {auc:.4f}")
