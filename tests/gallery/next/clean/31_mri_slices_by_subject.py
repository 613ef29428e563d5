# kind: script
# target: tumour
# group: subject
# split: group
# why: all slices of a subject go to the same side of the split and of every inner fold.
import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, GroupKFold, GroupShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

emb = np.load("slice_embeddings.npy")
meta = pd.read_csv("slices.csv")
assert len(emb) == len(meta)

y = meta["tumour"].to_numpy()
subject = meta["subject"].to_numpy()

gss = GroupShuffleSplit(n_splits=1, test_size=0.25, random_state=10)
tr, te = next(gss.split(emb, y, groups=subject))
assert not set(subject[tr]) & set(subject[te])

pipe = make_pipeline(StandardScaler(), PCA(random_state=0), LogisticRegression(max_iter=2000))
grid = GridSearchCV(
    pipe,
    {"pca__n_components": [16, 32, 64], "logisticregression__C": [0.01, 0.1, 1.0]},
    cv=GroupKFold(5),
    scoring="roc_auc",
)
grid.fit(emb[tr], y[tr], groups=subject[tr])

slice_p = grid.predict_proba(emb[te])[:, 1]
print("slice AUC  ", roc_auc_score(y[te], slice_p))

per_subject = (
    pd.DataFrame({"subject": subject[te], "p": slice_p, "y": y[te]})
    .groupby("subject")
    .agg(p=("p", "mean"), y=("y", "max"))
)
print("subject AUC", roc_auc_score(per_subject["y"], per_subject["p"]))
