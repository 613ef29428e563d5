# kind: script
# target: survived
# why: gaps are filled with constants, nothing is learned from the data before the split.
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

titanic = pd.read_csv("titanic.csv")
titanic["age"] = titanic["age"].fillna(-1)
titanic["fare"] = titanic["fare"].fillna(0)
titanic["cabin"] = titanic["cabin"].fillna("U").str[0]
titanic["embarked"] = titanic["embarked"].fillna("S")
titanic["female"] = titanic["sex"].map({"female": 1, "male": 0})

X = titanic[["pclass", "female", "age", "fare", "sibsp", "parch"]]
y = titanic["survived"]

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=0)
rf = RandomForestClassifier(n_estimators=200, max_depth=7, random_state=0)
rf.fit(X_train, y_train)
print("test accuracy: {:.1%}".format(rf.score(X_test, y_test)))
