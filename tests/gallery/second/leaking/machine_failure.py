# kind: script
# target: failure
# leak: resampled-before-split
# line: 25
# why: Failures are copied many times before the split, so the same row sits in training and test.
import pandas as pd
from sklearn.metrics import f1_score, recall_score
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier


def balance(frame, label, seed):
    """Draw the rare class with replacement until both are equally large."""
    counts = frame[label].value_counts()
    rare, common = counts.idxmin(), counts.idxmax()
    extra = frame[frame[label] == rare].sample(counts[common] - counts[rare], replace=True, random_state=seed)
    return pd.concat([frame, extra]).sample(frac=1, random_state=seed).reset_index(drop=True)


sensors = pd.read_csv("predictive_maintenance.csv").rename(columns=str.lower)
sensors["type"] = sensors["type"].map(dict(L=0, M=1, H=2))
sensors["temp_gap"] = sensors["process_temp"] - sensors["air_temp"]
sensors["power"] = sensors["torque"] * sensors["speed"]

balanced = balance(sensors, "failure", seed=3)
cols = ["type", "temp_gap", "power", "torque", "speed", "wear_min"]
train, test = train_test_split(balanced, test_size=0.3, random_state=3)

tree = DecisionTreeClassifier(max_depth=12).fit(train[cols], train["failure"])
guess = tree.predict(test[cols])
for name, metric in {"recall": recall_score, "f1": f1_score}.items():
    print(name, metric(test["failure"], guess))
