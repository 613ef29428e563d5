# kind: script
# target: status
# group: speaker
# leak: groups-split
# line: 21
# why: Every speaker has several recordings and the random split puts the same voice on both sides.
import pandas as pd
from sklearn.metrics import balanced_accuracy_score, matthews_corrcoef
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVC

rec = pd.read_csv("parkinsons.data")
# name looks like phon_R01_S07_3: study, speaker, number of the recording
rec["speaker"] = rec["name"].str.split("_").str[2]
print(rec.groupby("speaker").size().describe())

y = rec["status"]
X = rec.drop(columns=["name", "speaker", "status"])
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=4)

pipe = Pipeline([("scale", MinMaxScaler((-1, 1))), ("svm", SVC(C=10, gamma=0.2))])
pipe.fit(X_train, y_train)
y_hat = pipe.predict(X_test)
print("balanced accuracy", balanced_accuracy_score(y_test, y_hat))
print("MCC", matthews_corrcoef(y_test, y_hat))
