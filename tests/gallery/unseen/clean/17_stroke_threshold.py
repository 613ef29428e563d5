# kind: script
# target: stroke
# why: The cut-off is picked on a validation part of its own and judged on the test part.
import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

people = pd.read_csv("stroke.csv")
columns = ["age", "bmi", "avg_glucose", "hypertension", "smoker"]

X_rest, X_test, y_rest, y_test = train_test_split(
    people[columns], people["stroke"], test_size=0.2, stratify=people["stroke"], random_state=17
)
X_train, X_val, y_train, y_val = train_test_split(
    X_rest, y_rest, test_size=0.25, stratify=y_rest, random_state=17
)

pipe = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression(class_weight="balanced"))
pipe.fit(X_train, y_train)

proba_val = pipe.predict_proba(X_val)[:, 1]
cutoffs = np.arange(0.05, 0.95, 0.01)
f1s = [f1_score(y_val, (proba_val >= c).astype(int)) for c in cutoffs]
best = cutoffs[int(np.argmax(f1s))]

final = (pipe.predict_proba(X_test)[:, 1] >= best).astype(int)
print(f"cut-off {best:.2f}, F1 on test {f1_score(y_test, final):.3f}")
