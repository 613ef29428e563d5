# kind: solution
# target: crop_yield
# why: The search refits imputer, scaler and ridge together in each of its folds.
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import KNNImputer
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler


def build():
    pipe = Pipeline([
        ("numbers", make_column_transformer(("passthrough", make_column_selector(dtype_include="number")))),
        ("fill", KNNImputer()),
        ("scale", StandardScaler()),
        ("ridge", Ridge()),
    ])
    grid = {
        "fill__n_neighbors": [3, 7, 15],
        "ridge__alpha": [0.01, 0.1, 1, 10, 100, 1000],
    }
    return GridSearchCV(pipe, grid, cv=KFold(5, shuffle=True, random_state=0), scoring="neg_mean_squared_error")
