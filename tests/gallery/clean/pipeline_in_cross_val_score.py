# kind: script
# target: quality
# why: scaling is a step of the pipeline and is fitted anew in every fold.
import pandas as pd
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import RobustScaler
from sklearn.svm import SVC

wine = pd.read_csv("winequality.csv", sep=";")
wine["quality"] = (wine["quality"] >= 7).astype(int)

X = wine.drop("quality", axis=1).values
y = wine["quality"].values

pipe = make_pipeline(RobustScaler(), SVC(C=2.0, gamma="scale"))
skf = StratifiedKFold(n_splits=10, shuffle=True, random_state=0)
acc = cross_val_score(pipe, X, y, cv=skf, scoring="balanced_accuracy")
print(acc.round(3))
print("mean", acc.mean())
