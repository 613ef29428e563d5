# kind: solution
# target: visitors
# time: date
# split: time
# leak: future-values
# line: 24
# why: the moving averages are centred, half of every window lies after the day of the row.
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import RidgeCV


class Footfall(BaseEstimator, RegressorMixin):
    SIGNALS = ("rain_mm", "temp_c", "parking_cars")
    WINDOWS = (3, 7, 15)

    def __init__(self, alphas=(0.1, 1.0, 10.0, 100.0)):
        self.alphas = alphas

    def _table(self, X):
        t = X.set_index("date", append=True).droplevel(0).sort_index()
        feats = t[list(self.SIGNALS)].copy()
        for s in self.SIGNALS:
            for w in self.WINDOWS:
                feats[f"{s}_ma{w}"] = t[s].rolling(w, min_periods=1, center=True).mean()
        feats["dow"] = feats.index.dayofweek
        feats["month"] = feats.index.month
        feats["weekend"] = (feats["dow"] >= 5).astype(float)
        return feats.loc[X["date"]].to_numpy(dtype=float)

    def fit(self, X, y):
        self.ridge_ = RidgeCV(alphas=self.alphas).fit(self._table(X), y)
        return self

    def predict(self, X):
        return self.ridge_.predict(self._table(X))


def build():
    return Footfall()
