# kind: script
# target: label
# why: the vocabulary is learned by the pipeline from the training texts only.
import argparse

import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline

parser = argparse.ArgumentParser()
parser.add_argument("--csv", default="tickets.csv")
parser.add_argument("--max-features", type=int, default=20000)
args = parser.parse_args()

tickets = pd.read_csv(args.csv).dropna(subset=["body", "label"])
tickets["body"] = tickets["body"].str.lower()
train, test = train_test_split(tickets, test_size=0.2, random_state=13)

clf = Pipeline([
    ("tfidf", TfidfVectorizer(max_features=args.max_features, ngram_range=(1, 2))),
    ("nb", MultinomialNB(alpha=0.1)),
])
clf.fit(train["body"], train["label"])
print("macro f1", f1_score(test["label"], clf.predict(test["body"]), average="macro"))
