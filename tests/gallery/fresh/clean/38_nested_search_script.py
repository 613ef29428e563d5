# kind: script
# target: clearance
# why: the search of the inner folds is itself judged by outer folds that it never sees.
import pandas as pd
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PowerTransformer
from sklearn.svm import SVR

pk = pd.read_csv("pharmacokinetics.csv")
X, y = pk[["dose", "weight", "age"]], pk["clearance"]

inner = KFold(3, shuffle=True, random_state=1)
outer = KFold(5, shuffle=True, random_state=2)

svr = TransformedTargetRegressor(make_pipeline(PowerTransformer(), SVR()), transformer=PowerTransformer())
grid = {"regressor__svr__C": [0.1, 1, 10], "regressor__svr__epsilon": [0.05, 0.2]}
search = GridSearchCV(svr, grid, cv=inner, scoring="neg_mean_absolute_error")

result = cross_validate(search, X, y, cv=outer, scoring=("r2", "neg_mean_absolute_error"), return_estimator=True)
for fold, (est, mae) in enumerate(zip(result["estimator"], -result["test_neg_mean_absolute_error"])):
    print(fold, est.best_params_, round(float(mae), 3))
print("nested MAE", -result["test_neg_mean_absolute_error"].mean())
