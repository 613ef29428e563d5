# kind: script
# target: claim_amount
# leak: target-encoding
# line: 17
# why: The encoder sees the claim amounts of all rows before cross-validation deals them into folds.
import category_encoders as ce
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import cross_val_score

policies = pd.read_csv("policies.csv").dropna(subset=["claim_amount"])
y = policies["claim_amount"]
X = policies.drop(columns=["claim_amount", "policy_number"])

categorical = ["vehicle_model", "postcode", "occupation"]
encoder = ce.TargetEncoder(cols=categorical, smoothing=5.0)
X = encoder.fit_transform(X, y)

X = X.fillna(-999)
model = RandomForestRegressor(n_estimators=200, min_samples_leaf=3, n_jobs=-1, random_state=3)
mae = -cross_val_score(model, X, y, cv=5, scoring="neg_mean_absolute_error")
print("MAE per fold:", mae.round(1))
print("mean:", mae.mean().round(1))
