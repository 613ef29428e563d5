# kind: script
# target: spam
# leak: train-score
# line: 21
# why: the test rows are cut off but the report is made on the training rows.
import pandas as pd
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC


def train(df):
    X_train, X_test, y_train, y_test = train_test_split(
        df["message"], df["spam"], test_size=0.2, random_state=42
    )
    model = Pipeline([("bow", CountVectorizer()), ("svm", LinearSVC(C=1.0))])
    model.fit(X_train, y_train)
    y_pred = model.predict(X_train)
    print(classification_report(y_train, y_pred))
    return model


if __name__ == "__main__":
    sms = pd.read_csv("sms.csv", encoding="latin-1")
    train(sms)
