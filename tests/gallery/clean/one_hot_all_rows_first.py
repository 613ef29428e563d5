# kind: script
# target: attrition
# why: dummy columns only name the categories, no value of another row goes into them.
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import train_test_split

hr = pd.read_csv("hr_attrition.csv", index_col="employee_number")
y = hr.pop("attrition").map({"Yes": 1, "No": 0})

cats = ["department", "job_role", "marital_status", "overtime"]
X = pd.get_dummies(hr[cats + ["age", "monthly_income", "years_at_company"]], columns=cats)
X["monthly_income"] = X["monthly_income"] / 1000

a, b, ya, yb = train_test_split(X, y, test_size=0.33, random_state=99, stratify=y)
lr = LogisticRegression(C=0.5, max_iter=500, solver="liblinear")
lr.fit(a, ya)

print(confusion_matrix(yb, lr.predict(b)))
print("score", lr.score(b, yb))
