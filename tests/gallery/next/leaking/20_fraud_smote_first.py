# kind: script
# target: Class
# leak: resampling-before-split
# line: 21
# why: synthetic frauds are interpolated from all frauds before the split, so the test part holds neighbours of training rows.
import pandas as pd
import matplotlib.pyplot as plt
from imblearn.over_sampling import SMOTE
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import ConfusionMatrixDisplay, classification_report, roc_auc_score
from sklearn.model_selection import train_test_split

df = pd.read_csv("../input/creditcardfraud/creditcard.csv")
df = df.drop_duplicates().drop(["Time"], axis=1)

X = df.drop("Class", axis=1)
y = df["Class"]
print("before:", y.value_counts().to_dict())

sm = SMOTE(sampling_strategy="minority", random_state=42)
X_res, y_res = sm.fit_resample(X, y)
print("after:", y_res.value_counts().to_dict())

X_train, X_test, y_train, y_test = train_test_split(
    X_res, y_res, test_size=0.2, random_state=42, stratify=y_res
)

rf = RandomForestClassifier(n_estimators=100, n_jobs=-1, random_state=42)
rf.fit(X_train, y_train)

y_hat = rf.predict(X_test)
print(classification_report(y_test, y_hat, digits=4))
print("ROC AUC", roc_auc_score(y_test, rf.predict_proba(X_test)[:, 1]))
ConfusionMatrixDisplay.from_predictions(y_test, y_hat)
plt.savefig("confusion.png")
