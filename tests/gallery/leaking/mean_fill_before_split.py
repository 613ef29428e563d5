# kind: script
# target: default
# leak: fit-before-split
# line: 15
# why: missing values are filled with means that were taken over train and test together.
import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

loans = pd.read_csv("loans.csv")
print(loans.isna().mean().sort_values(ascending=False).head(10))

numeric = ["income", "loan_amount", "dti", "credit_score", "employment_years"]
loans[numeric] = loans[numeric].fillna(loans[numeric].mean())

X = loans[numeric]
y = loans["default"]
X_train, X_valid, y_train, y_valid = train_test_split(X, y, test_size=0.3, random_state=7)

gbm = GradientBoostingClassifier(n_estimators=300, learning_rate=0.05, max_depth=3)
gbm.fit(X_train, y_train)
score = roc_auc_score(y_valid, gbm.predict_proba(X_valid)[:, 1])
print("validation auc:", score)
