# kind: script
# target: survived
# leak: train-score
# line: 18
# why: the accuracy is measured on the very rows the tree was fitted on.
import pandas as pd
from sklearn.tree import DecisionTreeClassifier

titanic = pd.read_csv("titanic.csv")
titanic["age"] = titanic["age"].fillna(-1)
titanic["female"] = (titanic["sex"] == "female").astype(int)

X = titanic[["pclass", "female", "age", "fare", "sibsp", "parch"]]
y = titanic["survived"]

tree = DecisionTreeClassifier(random_state=0)
tree.fit(X, y)
print("Accuracy of the model: {:.1%}".format(tree.score(X, y)))
