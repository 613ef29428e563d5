# kind: solution
# target: n_claims
# why: the edges of the bins are found by the discretiser when it is fitted in the fold.
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import PoissonRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, SplineTransformer


def build():
    prep = ColumnTransformer([
        ("bins", KBinsDiscretizer(n_bins=10, strategy="quantile"), ["driver_age", "car_age"]),
        ("brand", OneHotEncoder(handle_unknown="ignore"), ["brand", "fuel", "region"]),
        ("curve", SplineTransformer(n_knots=6, degree=3), ["density"]),
    ])
    return make_pipeline(prep, PoissonRegressor(alpha=1e-3, max_iter=500))
