# kind: solution
# target: hba1c_next
# group: patient_id
# why: the number of the patient is not used and everything else is of the visit itself.
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

IDS = ["patient_id", "visit_id"]


def visit_table(X):
    X = X.drop(columns=[c for c in IDS if c in X.columns])
    X = X.assign(
        bmi=X["weight_kg"] / (X["height_cm"] / 100) ** 2,
        pulse_pressure=X["sbp"] - X["dbp"],
    )
    return X.select_dtypes("number")


def build():
    model = HistGradientBoostingRegressor(loss="absolute_error", min_samples_leaf=30)
    return make_pipeline(FunctionTransformer(visit_table), model)
