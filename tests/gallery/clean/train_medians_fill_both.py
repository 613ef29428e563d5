# kind: script
# target: default
# why: the medians come from the training rows and fill the gaps of both parts.
import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

loans = pd.read_csv("loans.csv")
print(loans.isna().mean().sort_values(ascending=False).head(10))

numeric = ["income", "loan_amount", "dti", "credit_score", "employment_years"]
X_train, X_valid, y_train, y_valid = train_test_split(
    loans[numeric], loans["default"], test_size=0.3, random_state=7
)

medians = X_train.median()
X_train = X_train.fillna(medians)
X_valid = X_valid.fillna(medians)

gbm = GradientBoostingClassifier(n_estimators=300, learning_rate=0.05, max_depth=3)
gbm.fit(X_train, y_train)
score = roc_auc_score(y_valid, gbm.predict_proba(X_valid)[:, 1])
print("validation auc:", score)
