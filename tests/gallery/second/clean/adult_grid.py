# kind: script
# target: income
import argparse

import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.feature_selection import SelectPercentile, mutual_info_classif
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import LabelEncoder, OneHotEncoder, StandardScaler

parser = argparse.ArgumentParser()
parser.add_argument("--data", default="adult.csv")
parser.add_argument("--jobs", type=int, default=-1)
opts = parser.parse_args()

adult = pd.read_csv(opts.data, na_values="?", skipinitialspace=True)
y = LabelEncoder().fit_transform(adult.pop("income"))
X_dev, X_eval, y_dev, y_eval = train_test_split(adult, y, test_size=0.2, random_state=0)

prep = make_column_transformer(
    (make_pipeline(SimpleImputer(), StandardScaler()), make_column_selector(dtype_include="number")),
    (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include=object)),
)
pipe = Pipeline([
    ("prep", prep),
    ("select", SelectPercentile(mutual_info_classif)),
    ("clf", LogisticRegression(max_iter=2000)),
])
grid = {"select__percentile": [20, 50, 100], "clf__C": [0.01, 0.1, 1, 10]}
search = GridSearchCV(pipe, grid, cv=5, scoring="roc_auc", n_jobs=opts.jobs)
search.fit(X_dev, y_dev)
print(search.best_params_, "cv", round(search.best_score_, 4))
print("evaluation set:", round(search.score(X_eval, y_eval), 4))
