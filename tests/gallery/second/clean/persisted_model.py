# kind: script
# target: spam
"""Train once, keep the pipeline on disk, score the held-out mails from the stored copy."""
import json
from pathlib import Path

import joblib
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import fbeta_score
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import Pipeline

STORE = Path("models")


def split():
    mails = pd.read_csv("mails.csv").drop_duplicates("text")
    return train_test_split(mails["text"], mails["spam"], test_size=0.2, random_state=12)


def fit_and_store():
    texts, _, labels, _ = split()
    pipe = Pipeline([
        ("tfidf", TfidfVectorizer(stop_words="english", min_df=2)),
        ("nb", ComplementNB(alpha=0.2)),
    ])
    STORE.mkdir(exist_ok=True)
    joblib.dump(pipe.fit(texts, labels), STORE / "spam.joblib")


def score_stored():
    _, texts, _, labels = split()
    pipe = joblib.load(STORE / "spam.joblib")
    f = fbeta_score(labels, pipe.predict(texts), beta=0.5)
    (STORE / "spam.json").write_text(json.dumps({"f05": round(float(f), 4), "n": len(labels)}))
    return f


if __name__ == "__main__":
    fit_and_store()
    print(score_stored())
