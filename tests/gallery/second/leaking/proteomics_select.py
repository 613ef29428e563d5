# kind: script
# target: responder
# leak: selected-before-split
# line: 18
# why: The forty best peptides are picked with the labels of all patients before cross-validation begins.
import pandas as pd
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

peptides = pd.read_csv("peptides_wide.csv", index_col="patient")
labels = peptides.pop("responder").astype(int)

# 6000 columns and 90 patients: far too many columns
picker = SelectKBest(f_classif, k=40)
small = picker.fit_transform(peptides, labels)
names = peptides.columns[picker.get_support()]
print("kept:", ", ".join(names[:10]), "...")

model = make_pipeline(StandardScaler(), LogisticRegression(penalty="l2", C=0.1))
cv = RepeatedStratifiedKFold(n_splits=5, n_repeats=10, random_state=0)
aucs = cross_val_score(model, small, labels, cv=cv, scoring="roc_auc")
print(f"AUC {aucs.mean():.3f} +/- {aucs.std():.3f}")
