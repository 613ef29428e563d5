# kind: script
# target: spam
# why: dropping equal messages before the split keeps copies from lying on both sides.
import pandas as pd
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC


def load(path):
    sms = pd.read_csv(path, encoding="latin-1")
    sms["message"] = sms["message"].str.strip().str.lower()
    before = len(sms)
    sms = sms.dropna(subset=["message", "spam"]).drop_duplicates(subset="message")
    print(f"{before - len(sms)} rows dropped")
    return sms


if __name__ == "__main__":
    df = load("sms.csv")
    X_train, X_test, y_train, y_test = train_test_split(
        df["message"], df["spam"], test_size=0.2, random_state=42
    )
    model = Pipeline([("bow", CountVectorizer()), ("svm", LinearSVC(C=1.0))])
    model.fit(X_train, y_train)
    print(classification_report(y_test, model.predict(X_test)))
