# kind: script
# target: hba1c_next
# group: subject
# leak: groups-split
# line: 25
# why: several visits of one subject are spread over the folds because the groups are not handed over.
import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.model_selection import cross_val_predict
from sklearn.metrics import r2_score
from sklearn.pipeline import make_pipeline


def load_visits(path):
    v = pd.read_csv(path)
    v["bmi"] = v["weight_kg"] / (v["height_cm"] / 100) ** 2
    return v.dropna(subset=["hba1c_next"])


visits = load_visits("clinic_visits.csv").sample(frac=1, random_state=5)
inputs = ["age", "bmi", "hba1c", "sbp", "ldl", "metformin", "insulin"]

model = make_pipeline(SimpleImputer(), GradientBoostingRegressor(random_state=5))
pred = cross_val_predict(model, visits[inputs], visits["hba1c_next"], cv=10)
print("R2 =", round(r2_score(visits["hba1c_next"], pred), 3))
