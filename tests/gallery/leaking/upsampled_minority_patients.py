# kind: script
# target: stroke
# leak: resampled-before-split
# line: 18
# why: copies of the same sick patient lie in training and in test.
import pandas as pd
from sklearn.metrics import recall_score
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import resample

df = pd.read_csv("stroke.csv")
df["bmi"] = df["bmi"].fillna(28)
df["male"] = (df["gender"] == "Male").astype(int)

major = df[df["stroke"] == 0]
minor = df[df["stroke"] == 1]
minor_up = resample(minor, replace=True, n_samples=len(major), random_state=123)
balanced = pd.concat([major, minor_up])

X = balanced[["age", "bmi", "male", "hypertension", "avg_glucose"]]
y = balanced["stroke"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=123)

dt = DecisionTreeClassifier(max_depth=None, random_state=123)
dt.fit(X_train, y_train)
print("recall:", recall_score(y_test, dt.predict(X_test)))
