# kind: script
# target: diabetes
# leak: target-among-features
# line: 13
# why: all number columns become features and the diagnosis is one of them.
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

patients = pd.read_csv("diabetes.csv")

y = patients["diabetes"].astype(int)
X = patients.select_dtypes("number")
print(X.shape, y.mean())

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)

rf = RandomForestClassifier(n_estimators=300, min_samples_leaf=3, random_state=0)
rf.fit(X_train, y_train)
print("accuracy:", rf.score(X_test, y_test))

imp = pd.Series(rf.feature_importances_, index=X.columns)
print(imp.sort_values(ascending=False).head(10))
