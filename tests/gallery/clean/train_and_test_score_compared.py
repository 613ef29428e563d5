# kind: script
# target: yield_t
# why: the training score is shown only beside the test score to see how much is overfitted.
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

fields = pd.read_csv("crop_yield.csv")
fields = pd.get_dummies(fields, columns=["crop", "soil"])
target = fields.pop("yield_t")

X_tr, X_te, y_tr, y_te = train_test_split(fields, target, test_size=0.25, random_state=2)

forest = RandomForestRegressor(n_estimators=500, min_samples_leaf=2, random_state=2)
forest.fit(X_tr, y_tr)

r2_train = r2_score(y_tr, forest.predict(X_tr))
r2_test = r2_score(y_te, forest.predict(X_te))
print(f"train R2 {r2_train:.3f}  test R2 {r2_test:.3f}  gap {r2_train - r2_test:.3f}")
