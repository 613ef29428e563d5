# kind: script
# target: target
# why: the data are split first, the scaler is fitted on the training rows and only applied to the test rows.
# %% Homework 4: heart disease with k-NN
import pandas as pd
from sklearn.metrics import accuracy_score, classification_report
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

df = pd.read_csv("heart.csv").drop_duplicates()
print(df.info())
print(df["target"].value_counts(normalize=True))

# %% split
X = df.drop(columns=["target"])
y = df["target"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=42, stratify=y)

# %% how many neighbours? (the scaler is inside, so each fold has its own)
search = GridSearchCV(
    Pipeline([("sc", StandardScaler()), ("knn", KNeighborsClassifier())]),
    {"knn__n_neighbors": list(range(1, 30, 2))},
    cv=5,
)
search.fit(X_train, y_train)
k = search.best_params_["knn__n_neighbors"]
print("k =", k)

# %% final model, step by step as in the lecture
sc = StandardScaler()
X_train_s = sc.fit_transform(X_train)
X_test_s = sc.transform(X_test)

knn = KNeighborsClassifier(n_neighbors=k).fit(X_train_s, y_train)
y_pred = knn.predict(X_test_s)
print("accuracy:", accuracy_score(y_test, y_pred))
print(classification_report(y_test, y_pred))
