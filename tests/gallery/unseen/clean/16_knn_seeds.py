# kind: script
# target: variety
# why: The number of neighbours is chosen by cross-validation within the training rows and the test rows are used once.
# Exercise: find the best k for k-nearest neighbours
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

seeds = pd.read_csv("wheat_seeds.csv").dropna()
X = seeds[["area", "perimeter", "length", "width", "asymmetry"]]
y = seeds["variety"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=1, stratify=y)

scores = []
for k in range(1, 31):
    knn = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=k))
    scores.append(cross_val_score(knn, X_train, y_train, cv=10).mean())

plt.plot(range(1, 31), scores)
plt.xlabel("k")
plt.ylabel("accuracy in cross-validation")
plt.savefig("k.png")

best_k = scores.index(max(scores)) + 1
final = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=best_k)).fit(X_train, y_train)
print("best k:", best_k)
print("accuracy of our model:", final.score(X_test, y_test))
