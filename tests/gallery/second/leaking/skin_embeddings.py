# kind: script
# target: malignant
# group: patient_id
# leak: groups-split
# line: 28
# why: Stratified folds ignore patient_id, so pictures of one patient end up in training and validation.
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

meta = pd.read_csv("lesions.csv")            # image_id, patient_id, site, malignant
emb = np.load("embeddings.npy")              # one row per picture, same order
assert len(meta) == len(emb)

per_patient = meta["patient_id"].value_counts()
print(f"{len(per_patient)} patients, {per_patient.mean():.1f} pictures each")
labels = meta["malignant"].to_numpy()


def one_fold(a, b):
    lr = LogisticRegression(C=0.02, max_iter=3000, class_weight="balanced")
    lr.fit(emb[a], labels[a])
    return roc_auc_score(labels[b], lr.decision_function(emb[b]))


folds = StratifiedKFold(10, shuffle=True, random_state=33).split(emb, labels)
aucs = [one_fold(a, b) for a, b in folds]
print("mean %.4f  min %.4f  max %.4f" % (np.mean(aucs), min(aucs), max(aucs)))
