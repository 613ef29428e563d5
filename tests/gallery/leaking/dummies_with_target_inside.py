# kind: script
# target: churned
# leak: target-among-features
# line: 15
# why: the dummies of the target give two columns and only one of them is taken out.
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import train_test_split

raw = pd.read_csv("subscribers.csv", index_col="subscriber_id")
encoded = pd.get_dummies(raw, columns=["plan", "region", "churned"])

target = encoded["churned_Yes"]
inputs = encoded.drop(columns=["churned_Yes"])

a, b, ya, yb = train_test_split(inputs, target, test_size=0.33, random_state=99)
lr = LogisticRegression(C=0.5, max_iter=500, solver="liblinear")
lr.fit(a, ya)

print(confusion_matrix(yb, lr.predict(b)))
print("score", lr.score(b, yb))
