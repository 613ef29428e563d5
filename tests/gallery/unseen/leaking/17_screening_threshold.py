# kind: script
# target: diabetes
# leak: tuned-on-test
# line: 32
# why: The cut-off is picked on the test answers and the F1 of the same rows is given as the result.
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

people = pd.read_csv("screening.csv")
columns = ["glucose", "bmi", "age", "blood_pressure", "insulin", "pregnancies"]

X_train, X_test, y_train, y_test = train_test_split(
    people[columns], people["diabetes"], test_size=0.3, stratify=people["diabetes"], random_state=17
)

pipe = make_pipeline(
    make_column_transformer((SimpleImputer(strategy="median"), columns)),
    StandardScaler(),
    LogisticRegression(class_weight="balanced"),
)
pipe.fit(X_train, y_train)
proba = pipe.predict_proba(X_test)[:, 1]

cutoffs = np.arange(0.05, 0.95, 0.01)
f1s = [f1_score(y_test, (proba >= c).astype(int)) for c in cutoffs]
best = cutoffs[int(np.argmax(f1s))]

final = (proba >= best).astype(int)
print(f"cut-off {best:.2f}, F1 {f1_score(y_test, final):.3f}")
