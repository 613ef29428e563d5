# kind: solution
# target: sale_price
# why: the numbers for the grades are written in the code and come from the data dictionary.
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

QUALITY = {"Ex": 5, "Gd": 4, "TA": 3, "Fa": 2, "Po": 1, "a": 5, "b": 4, "c": 3, "d": 2}
HEATING_RANK = {name: i for i, name in enumerate(["none", "wall", "gas", "district"])}


def graded(df):
    return (
        df.assign(
            kitchen=lambda d: d["kitchen"].map(QUALITY).fillna(0).astype(int),
            basement=lambda d: d["basement"].map(QUALITY).fillna(0).astype(int),
            heating=lambda d: d["heating"].map(HEATING_RANK).fillna(-1).astype(int),
        )
        .eval("total_quality = kitchen + basement")
        .loc[:, ["kitchen", "basement", "heating", "total_quality", "living_area"]]
    )


def build():
    return make_pipeline(FunctionTransformer(graded), GradientBoostingRegressor(subsample=0.8, random_state=0))
