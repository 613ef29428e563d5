# kind: script
# target: Outcome
# leak: preprocessing-before-split
# line: 29
# why: the scaler is fitted on the full feature matrix before the train/test split.
# %% [markdown]
# Homework 3: predict diabetes with an SVM
# %%
import numpy as np
import pandas as pd
from sklearn.metrics import classification_report, confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

df = pd.read_csv("diabetes.csv")
print(df.shape)
print(df.describe().T)

# %% zeros are really missing rows, drop them
cols = ["Glucose", "BloodPressure", "BMI"]
df = df[(df[cols] != 0).all(axis=1)]

X = df.drop("Outcome", axis=1)
y = df["Outcome"]

# %% scale the features
sc = StandardScaler()
X_scaled = sc.fit_transform(X)

X_train, X_test, y_train, y_test = train_test_split(X_scaled, y, test_size=0.25, random_state=42)

# %% model
svm = SVC(kernel="rbf", C=1.0, gamma="scale")
svm.fit(X_train, y_train)
y_pred = svm.predict(X_test)

print(confusion_matrix(y_test, y_pred))
print(classification_report(y_test, y_pred))
print("accuracy:", np.round((y_pred == y_test).mean(), 3))
