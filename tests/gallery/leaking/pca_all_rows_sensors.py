# kind: script
# target: fault
# leak: fit-before-split
# line: 24
# why: the principal components are found on all readings, also those held back for the test.
from pathlib import Path

import pandas as pd
from sklearn.decomposition import PCA
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

DATA = Path("data") / "vibration.csv"


def load():
    table = pd.read_csv(DATA)
    return table.filter(like="sensor_"), table["fault"]


def main():
    readings, fault = load()
    components = PCA(n_components=10).fit_transform(readings)
    X_train, X_test, y_train, y_test = train_test_split(components, fault, random_state=0)
    model = SVC(kernel="rbf", C=10)
    model.fit(X_train, y_train)
    print(classification_report(y_test, model.predict(X_test)))


if __name__ == "__main__":
    main()
