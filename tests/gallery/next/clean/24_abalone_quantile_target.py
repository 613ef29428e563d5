# kind: solution
# target: rings
# why: the transformation of the target is fitted on the training labels and inverted after predict.
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, PowerTransformer, QuantileTransformer

SIZES = ["length", "diameter", "height"]
WEIGHTS = ["whole_weight", "shucked_weight", "viscera_weight", "shell_weight"]


def build():
    prep = ColumnTransformer([
        ("sex", OneHotEncoder(drop="if_binary", handle_unknown="ignore"), ["sex"]),
        ("sizes", PowerTransformer(), SIZES + WEIGHTS),
    ])
    regressor = Pipeline([
        ("prep", prep),
        ("krr", KernelRidge(kernel="rbf")),
    ])
    wrapped = TransformedTargetRegressor(
        regressor=regressor,
        transformer=QuantileTransformer(n_quantiles=300, output_distribution="normal"),
    )
    grid = {
        "regressor__krr__alpha": [0.01, 0.1, 1.0],
        "regressor__krr__gamma": [0.01, 0.05, 0.2],
    }
    return GridSearchCV(wrapped, grid, cv=5, scoring="neg_mean_absolute_error")
