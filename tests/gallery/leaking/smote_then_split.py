# kind: script
# target: is_fraud
# leak: resampled-before-split
# line: 19
# why: the synthetic frauds are mixed from rows of which some end up in the test.
import pandas as pd
from imblearn.over_sampling import SMOTE
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split

cards = pd.read_csv("creditcard.csv")
print(cards["is_fraud"].value_counts(normalize=True))

X = cards.drop(columns=["is_fraud", "time"])
y = cards["is_fraud"]

sm = SMOTE(random_state=42, k_neighbors=5)
X_res, y_res = sm.fit_resample(X, y)

X_train, X_test, y_train, y_test = train_test_split(X_res, y_res, test_size=0.2, random_state=42)

rf = RandomForestClassifier(n_estimators=100, n_jobs=-1, random_state=42)
rf.fit(X_train, y_train)
print(classification_report(y_test, rf.predict(X_test), digits=4))
