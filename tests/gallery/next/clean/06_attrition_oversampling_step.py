# kind: solution
# target: attrition
# why: oversampling is a step of the imblearn pipeline, so it happens in the training part of each inner fold only.
import pandas as pd
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from scipy.stats import loguniform, randint
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import RandomizedSearchCV
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler


def numeric_view(X: pd.DataFrame) -> pd.DataFrame:
    return X.assign(overtime=X["overtime"].eq("Yes").astype(int)).select_dtypes("number").fillna(0)


def build():
    pipe = Pipeline([
        ("view", FunctionTransformer(numeric_view)),
        ("scale", MinMaxScaler(clip=True)),
        ("smote", SMOTE(k_neighbors=5, random_state=0)),
        ("gbm", GradientBoostingClassifier(random_state=0)),
    ])
    space = {
        "smote__sampling_strategy": [0.3, 0.5, 1.0],
        "gbm__learning_rate": loguniform(1e-2, 3e-1),
        "gbm__max_depth": randint(2, 6),
        "gbm__n_estimators": randint(80, 400),
    }
    return RandomizedSearchCV(pipe, space, n_iter=25, scoring="f1", cv=5, random_state=0)
