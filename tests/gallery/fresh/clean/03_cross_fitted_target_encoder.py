# kind: solution
# target: sale_price
# why: TargetEncoder cross-fits within fit_transform, and it is a step of the searched pipeline.
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import TargetEncoder


def build():
    columns = ColumnTransformer(
        [
            ("te", TargetEncoder(target_type="continuous", cv=5), ["brand", "model", "fuel"]),
            ("num", "passthrough", ["km", "year"]),
        ]
    )
    pipe = Pipeline([("cols", columns), ("rf", RandomForestRegressor(n_estimators=60, random_state=0))])
    space = {"rf__max_depth": [5, 10, None], "rf__min_samples_leaf": [1, 3, 10], "cols__te__smooth": ["auto", 10.0]}
    return RandomizedSearchCV(pipe, space, n_iter=4, cv=3, random_state=0, scoring="neg_mean_absolute_error")
