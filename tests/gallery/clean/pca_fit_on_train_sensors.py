# kind: script
# target: fault
# why: the components are found on the training readings and the test readings are projected on them.
from pathlib import Path

import pandas as pd
from sklearn.decomposition import PCA
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

DATA = Path("data") / "vibration.csv"


def main():
    table = pd.read_csv(DATA)
    readings, fault = table.filter(like="sensor_"), table["fault"]
    X_train, X_test, y_train, y_test = train_test_split(readings, fault, random_state=0)

    pca = PCA(n_components=10).fit(X_train)
    svc = SVC(kernel="rbf", C=10)
    svc.fit(pca.transform(X_train), y_train)
    print(classification_report(y_test, svc.predict(pca.transform(X_test))))


if __name__ == "__main__":
    main()
