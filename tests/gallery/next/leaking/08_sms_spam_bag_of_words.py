# kind: script
# target: label
# leak: preprocessing-before-split
# line: 35
# why: the vocabulary and the document frequencies are learned from all messages, including those that end up in the test part.
import re
import string

import pandas as pd
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB

STOP = {"the", "a", "an", "and", "or", "to", "of", "in", "is", "it"}


def clean(msg: str) -> str:
    msg = re.sub(r"\d+", " number ", msg.lower())
    msg = msg.translate(str.maketrans("", "", string.punctuation))
    return " ".join(w for w in msg.split() if w not in STOP)


class SpamData:
    def __init__(self, path):
        raw = pd.read_csv(path, encoding="latin-1")[["v1", "v2"]]
        raw.columns = ["label", "text"]
        raw = raw.drop_duplicates("text")
        self.y = (raw["label"] == "spam").astype(int).to_numpy()
        self.docs = raw["text"].map(clean).tolist()

    def matrix(self):
        bow = CountVectorizer(min_df=2)
        counts = bow.fit_transform(self.docs)
        return TfidfTransformer().fit_transform(counts)


data = SpamData("spam.csv")
messages = data.matrix()
msg_train, msg_test, lab_train, lab_test = train_test_split(messages, data.y, test_size=0.3, random_state=101)

nb = MultinomialNB(alpha=0.1).fit(msg_train, lab_train)
guess = nb.predict(msg_test)
print("acc", accuracy_score(lab_test, guess))
print("f1 ", f1_score(lab_test, guess))
