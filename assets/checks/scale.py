"""Values that throw a computation off: infinite, far outside the rest, or text among numbers."""

import os

import numpy as np
import pandas as pd

frame = pd.read_csv(os.environ["RATIONALE_DATA"])
target = os.environ["RATIONALE_TARGET"]
largest, n_far, n_mixed = 0.0, 0, 0
for name in frame.columns.drop(target):
    column = frame[name]
    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.notna().mean() > 0.5 and not pd.api.types.is_numeric_dtype(column):
        n_mixed += 1
        print(f"{name} words among numbers: {int(numbers.isna().sum() - column.isna().sum())}")
    if not pd.api.types.is_numeric_dtype(column):
        continue
    finite = numbers[np.isfinite(numbers)]
    if finite.empty:
        continue
    middle = finite.median()
    reach = (finite - middle).abs().median() or finite.std() or 1.0
    far = int(((finite - middle).abs() > 20 * reach).sum())
    n_far += far
    largest = max(largest, float(finite.abs().max()))
    if far:
        print(f"{name} far outside: {far}")
print(f"largest value: {largest:g}")
print(f"values far outside: {n_far}")
print(f"columns with words among numbers: {n_mixed}")
if largest > 1e6 or n_far:
    print("Some values are far larger than the rest: standardise or clip before anything is fitted by steps.")
else:
    print("The columns are on scales that a computation can bear; look at the step size instead.")
