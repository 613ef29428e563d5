# kind: script
# target: repair_cost
# why: The encoder is a step of the pipeline, so in each fold it sees the costs of the training rows only.
import category_encoders as ce
import pandas as pd
from sklearn.linear_model import HuberRegressor
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

repairs = pd.read_csv("repairs.csv").dropna(subset=["repair_cost"])
y = repairs["repair_cost"]
X = repairs.drop(columns=["repair_cost", "invoice_number"]).fillna({"mileage": 0, "age": 0})

model = make_pipeline(
    ce.TargetEncoder(cols=["vehicle_model", "workshop", "part"], smoothing=20.0),
    StandardScaler(),
    HuberRegressor(max_iter=1000),
)
mae = -cross_val_score(model, X, y, cv=5, scoring="neg_mean_absolute_error")
print("MAE per fold:", mae.round(1))
print("mean:", mae.mean().round(1))
