"""What each column predicts alone: a column that does nearly all of the work is written after the outcome."""

import os

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.model_selection import cross_val_score

frame = pd.read_csv(os.environ["RATIONALE_DATA"])
target = os.environ["RATIONALE_TARGET"]
frame = frame[frame[target].notna()]
labels = frame[target]
is_class = labels.nunique() <= 20
if is_class:
    labels = labels.astype(str)
    model = HistGradientBoostingClassifier(max_iter=40, max_leaf_nodes=8, random_state=0)
    measure = "balanced_accuracy"
else:
    model = HistGradientBoostingRegressor(max_iter=40, max_leaf_nodes=8, random_state=0)
    measure = "r2"
chance = 1 / labels.nunique() if is_class else 0.0
found = {}
for name in frame.columns.drop(target)[:40]:
    column = frame[name]
    if not pd.api.types.is_numeric_dtype(column):
        column = pd.Series(pd.factorize(column)[0], index=column.index).replace(-1, np.nan)
    try:
        found[name] = cross_val_score(model, column.to_frame().to_numpy(dtype=float), labels, cv=3, scoring=measure).mean()
    except ValueError as error:
        print(f"{name} could not be looked at: {error}")
for name, score in sorted(found.items(), key=lambda item: -item[1])[:10]:
    print(f"{name}: {score:.4f}")
best = max(found.values(), default=chance)
print(f"best alone: {best:.4f}")
if best > 0.95:
    print("A column predicts the target nearly alone. Ask when it is written; if that is after the outcome, leave it out.")
else:
    print("No single column gives the answer away. A leak by a pair of columns or by the split is not ruled out.")
