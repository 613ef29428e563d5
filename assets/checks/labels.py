"""How far labels contradict each other: rows that are alike with other labels set a floor that no model gets under."""

import os

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

frame = pd.read_csv(os.environ["RATIONALE_DATA"])
target = os.environ["RATIONALE_TARGET"]
frame = frame[frame[target].notna()].sample(frac=1, random_state=0).head(4000)
labels, features = frame[target], frame.drop(columns=target)
is_class = labels.nunique() <= 20
numbers = features.select_dtypes("number")
words = features.select_dtypes(exclude="number")
words = words.loc[:, words.nunique() <= 30]
table = pd.concat([numbers.fillna(numbers.median()), pd.get_dummies(words)], axis=1).fillna(0).astype(float)
if is_class:
    for name, share in labels.value_counts(normalize=True).items():
        print(f"share of {name}: {share:.4f}")
if table.shape[1]:
    near = NearestNeighbors(n_neighbors=2).fit(StandardScaler().fit_transform(table))
    _, neighbours = near.kneighbors(StandardScaler().fit_transform(table))
    other = labels.to_numpy()[neighbours[:, 1]]
    if is_class:
        differs = float((labels.to_numpy() != other).mean())
        print(f"nearest rows with another label: {differs:.4f}")
    else:
        differs = float(np.abs(labels.to_numpy() - other).mean() / (labels.std() or 1))
        print(f"difference of nearest rows in standard deviations: {differs:.4f}")
same = frame.duplicated(subset=list(features.columns), keep=False)
contradictions = int(frame[same].groupby(list(features.columns), dropna=False)[target].nunique().gt(1).sum())
print(f"equal rows with different labels: {contradictions}")
print("What nearest rows disagree on is an upper bound for the floor: columns that are missing here may tell them apart.")
