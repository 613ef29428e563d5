# kind: script
# target: stroke
# why: only training patients are repeated and the test keeps its real proportions.
import pandas as pd
from sklearn.metrics import recall_score
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import resample

df = pd.read_csv("stroke.csv")
df["bmi"] = df["bmi"].fillna(28)
df["male"] = (df["gender"] == "Male").astype(int)
cols = ["age", "bmi", "male", "hypertension", "avg_glucose"]

train, test = train_test_split(df, test_size=0.25, stratify=df["stroke"], random_state=123)

minor = train[train["stroke"] == 1]
major = train[train["stroke"] == 0]
minor_up = resample(minor, replace=True, n_samples=len(major), random_state=123)
train_bal = pd.concat([major, minor_up])

dt = DecisionTreeClassifier(max_depth=5, random_state=123)
dt.fit(train_bal[cols], train_bal["stroke"])
print("recall:", recall_score(test["stroke"], dt.predict(test[cols])))
