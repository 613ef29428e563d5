# kind: script
# target: attrition
# leak: train-score
# line: 30
# why: The models are ranked and reported by their accuracy on the rows they were fitted on.
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

staff = pd.read_csv("hr_attrition.csv")
y = staff["attrition"].eq("Yes").astype(int)
X = pd.get_dummies(staff.drop(columns=["attrition", "employee_number"]), drop_first=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)

models = {
    "logistic regression": LogisticRegression(max_iter=5000),
    "naive bayes": GaussianNB(),
    "decision tree": DecisionTreeClassifier(),
    "random forest": RandomForestClassifier(n_estimators=200),
}

results = []
for name, model in models.items():
    model.fit(X_train, y_train)
    y_pred = model.predict(X_train)
    results.append((name, accuracy_score(y_train, y_pred)))

table = pd.DataFrame(results, columns=["model", "accuracy"]).sort_values("accuracy", ascending=False)
print(table.to_string(index=False))
print("We recommend the", table.iloc[0]["model"], "for production.")
