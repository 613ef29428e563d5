# kind: script
# target: scrap
# why: Only rows of the training part are copied, after the split.
import pandas as pd
from sklearn.metrics import precision_score, recall_score
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import resample

castings = pd.read_csv("castings.csv", index_col="serial")
train, test = train_test_split(castings, test_size=0.25, stratify=castings["scrap"], random_state=0)

good = train[train["scrap"] == 0]
bad = train[train["scrap"] == 1]
print(len(good), "good,", len(bad), "bad")

bad_up = resample(bad, replace=True, n_samples=len(good), random_state=0)
balanced = pd.concat([good, bad_up]).sample(frac=1, random_state=0)

tree = DecisionTreeClassifier(max_depth=8, random_state=0)
tree.fit(balanced.drop("scrap", axis=1), balanced["scrap"])

pred = tree.predict(test.drop("scrap", axis=1))
print("recall on scrap: %.3f" % recall_score(test["scrap"], pred))
print("precision on scrap: %.3f" % precision_score(test["scrap"], pred))
