# kind: script
# target: Survived
# leak: test-statistics
# line: 23
# why: medians for Age and Fare are computed on the concatenation of train and test passengers before the model is fitted.
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

tr = pd.read_csv("/kaggle/input/titanic/train.csv")
te = pd.read_csv("/kaggle/input/titanic/test.csv")
n_train = len(tr)
y = tr["Survived"]

# put both together so we only have to do everything once
full = pd.concat([tr.drop(columns="Survived"), te], ignore_index=True)

full["Title"] = full["Name"].str.extract(r" ([A-Za-z]+)\.", expand=False)
full["Title"] = full["Title"].replace(["Mlle", "Ms"], "Miss").replace("Mme", "Mrs")
full["FamilySize"] = full["SibSp"] + full["Parch"] + 1
full["IsAlone"] = np.where(full["FamilySize"] == 1, 1, 0)

full["Age"] = full["Age"].fillna(full.groupby("Title")["Age"].transform("median"))
full["Fare"] = full["Fare"].fillna(full["Fare"].median())
full["Embarked"] = full["Embarked"].fillna("S")
full["Sex"] = full["Sex"].map({"male": 0, "female": 1})

used = ["Pclass", "Sex", "Age", "Fare", "FamilySize", "IsAlone", "Embarked"]
X_all = pd.get_dummies(full[used], columns=["Embarked"]).fillna(0)
X, X_sub = X_all[:n_train], X_all[n_train:]

logit = LogisticRegression(max_iter=2000).fit(X, y)
pd.DataFrame({
    "PassengerId": te["PassengerId"],
    "Survived": logit.predict(X_sub),
}).to_csv("submission.csv", index=False)
