# kind: solution
# target: readmitted
# why: The share of labels only weighs the classes; rows are not changed before the stopping part is cut off.
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import train_test_split
from xgboost import XGBClassifier


class Weighted(BaseEstimator, ClassifierMixin):
    def fit(self, X, y):
        y = np.asarray(y)
        Z = X.select_dtypes("number")
        self.cols_ = Z.columns
        weight = (1 - y.mean()) / y.mean()
        a, b, ya, yb = train_test_split(Z, y, test_size=0.1, stratify=y, random_state=0)
        self.xgb_ = XGBClassifier(n_estimators=2000, scale_pos_weight=weight, early_stopping_rounds=30)
        self.xgb_.fit(a, ya, eval_set=[(a, ya), (b, yb)], verbose=False)
        self.classes_ = self.xgb_.classes_
        return self

    def predict(self, X):
        return self.xgb_.predict(X[self.cols_])

    def predict_proba(self, X):
        return self.xgb_.predict_proba(X[self.cols_])


def build():
    return Weighted()
