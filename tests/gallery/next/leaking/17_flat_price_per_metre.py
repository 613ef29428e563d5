# kind: script
# target: price
# leak: target-in-features
# line: 17
# why: price_per_m2 is the target divided by the area and stays among the features together with the area.
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder


def engineer(df):
    df = df.assign(
        age=2024 - df["built"],
        price_per_m2=df["price"] / df["area_m2"],
        rooms_per_m2=df["rooms"] / df["area_m2"],
        is_top=lambda d: (d["floor"] == d["floors_total"]).astype(int),
    )
    return df.drop(columns=["built", "listing_url", "agent"])


flats = pd.read_parquet("flats.parquet").dropna(subset=["price", "area_m2"])
flats = engineer(flats)

X = flats.drop(columns="price")
y = flats["price"]

prep = make_column_transformer(
    (OneHotEncoder(handle_unknown="ignore", min_frequency=20), ["district", "wall_material"]),
    remainder="passthrough",
)
model = make_pipeline(prep, GradientBoostingRegressor(n_estimators=500, max_depth=4, random_state=0))

res = cross_validate(
    model, X, y,
    cv=KFold(5, shuffle=True, random_state=0),
    scoring=("r2", "neg_mean_absolute_percentage_error"),
)
print("R2   %.4f" % res["test_r2"].mean())
print("MAPE %.4f" % -res["test_neg_mean_absolute_percentage_error"].mean())
