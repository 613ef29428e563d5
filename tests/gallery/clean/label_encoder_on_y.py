# kind: script
# target: species
# why: turning class names into numbers does not tell the model anything about the test rows.
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder

penguins = pd.read_csv("penguins.csv").dropna()

le = LabelEncoder()
y = le.fit_transform(penguins["species"])
X = penguins[["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]]

X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
clf = RandomForestClassifier(n_estimators=100, random_state=0).fit(X_train, y_train)

pred = clf.predict(X_test)
print("acc", accuracy_score(y_test, pred))
print("first predictions:", le.inverse_transform(pred[:5]))
