# kind: script
# target: charges
# leak: train-score
# line: 21
# why: The reported R2 and error come from the same people the forest was fitted on.
import pandas as pd
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.metrics import mean_absolute_error, r2_score

people = pd.read_csv("insurance.csv")
people["smoker"] = (people["smoker"] == "yes") * 1
people["sex"] = (people["sex"] == "male") * 1
regions = pd.get_dummies(people.pop("region"), prefix="region", dtype=int)
people = people.join(regions)

y = people.pop("charges")
model = ExtraTreesRegressor(n_estimators=500, random_state=1)
model.fit(people, y)

predicted = model.predict(people)
print("R2 of the final model: %.3f" % r2_score(y, predicted))
print("MAE of the final model: %.2f USD" % mean_absolute_error(y, predicted))

top = sorted(zip(model.feature_importances_, people.columns), reverse=True)[:5]
for weight, name in top:
    print(f"{name:<12} {weight:.3f}")
