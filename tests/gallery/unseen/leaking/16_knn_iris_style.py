# kind: script
# target: species
# leak: tuned-on-test
# line: 26
# why: The number of neighbours is the one that scores best on the test set, and that very score is reported.
# Exercise: find the best k for k-nearest neighbours
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

penguins = pd.read_csv("penguins.csv").dropna()
X = penguins[["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]]
y = penguins["species"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=1)

scaler = StandardScaler().fit(X_train)
X_train = scaler.transform(X_train)
X_test = scaler.transform(X_test)

scores = []
for k in range(1, 41):
    knn = KNeighborsClassifier(n_neighbors=k)
    knn.fit(X_train, y_train)
    scores.append(knn.score(X_test, y_test))

plt.plot(range(1, 41), scores)
plt.xlabel("k")
plt.ylabel("accuracy")
plt.savefig("k.png")

best_k = scores.index(max(scores)) + 1
print("best k:", best_k)
print("accuracy of our model:", max(scores))
