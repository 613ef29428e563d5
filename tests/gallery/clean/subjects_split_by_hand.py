# kind: script
# target: hba1c_next
# group: subject
# why: subjects are drawn, not visits, so nobody is on both sides.
import numpy as np
import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.metrics import r2_score
from sklearn.pipeline import make_pipeline

visits = pd.read_csv("clinic_visits.csv").dropna(subset=["hba1c_next"])
visits["bmi"] = visits["weight_kg"] / (visits["height_cm"] / 100) ** 2

subjects = visits["subject"].unique()
rng = np.random.RandomState(5)
held_out = set(rng.choice(subjects, size=len(subjects) // 5, replace=False))
is_test = visits["subject"].isin(held_out)

inputs = ["age", "bmi", "hba1c", "sbp", "ldl", "metformin", "insulin"]
model = make_pipeline(SimpleImputer(), GradientBoostingRegressor(random_state=5))
model.fit(visits.loc[~is_test, inputs], visits.loc[~is_test, "hba1c_next"])
pred = model.predict(visits.loc[is_test, inputs])
print("R2 =", round(r2_score(visits.loc[is_test, "hba1c_next"], pred), 3))
