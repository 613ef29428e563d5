# kind: script
# target: label
# leak: fit-before-split
# line: 23
# why: vocabulary and document frequencies come from all texts, also from the test texts.
import argparse

import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB

parser = argparse.ArgumentParser()
parser.add_argument("--csv", default="tickets.csv")
parser.add_argument("--max-features", type=int, default=20000)
args = parser.parse_args()

tickets = pd.read_csv(args.csv).dropna(subset=["body", "label"])
tickets["body"] = tickets["body"].str.lower()

vectorizer = TfidfVectorizer(max_features=args.max_features, ngram_range=(1, 2))
vectorizer.fit(tickets["body"])

train, test = train_test_split(tickets, test_size=0.2, random_state=13)
nb = MultinomialNB(alpha=0.1)
nb.fit(vectorizer.transform(train["body"]), train["label"])
pred = nb.predict(vectorizer.transform(test["body"]))
print("macro f1", f1_score(test["label"], pred, average="macro"))
