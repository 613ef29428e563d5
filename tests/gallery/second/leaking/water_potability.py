# kind: script
# target: Potability
# leak: fit-before-split
# line: 19
# why: Gaps are filled with column means over the whole table, so the means contain the test rows.
import pandas as pd
import matplotlib.pyplot as plt
import seaborn as sns
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, confusion_matrix
from sklearn.model_selection import train_test_split

water = pd.read_csv("water_potability.csv")
print(water.isna().sum())
sns.heatmap(water.corr(), annot=True)
plt.savefig("corr.png")

for col in ["ph", "Sulfate", "Trihalomethanes"]:
    water[col] = water[col].fillna(water[col].mean())

y = water.pop("Potability")
x_train, x_test, y_train, y_test = train_test_split(water, y, test_size=0.3, random_state=42)
rf = RandomForestClassifier(n_estimators=300, min_samples_leaf=3, n_jobs=-1)
rf.fit(x_train, y_train)
pred = rf.predict(x_test)
print("acc", accuracy_score(y_test, pred))
print(confusion_matrix(y_test, pred))
