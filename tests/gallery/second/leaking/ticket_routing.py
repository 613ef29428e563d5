# kind: script
# target: queue
# leak: fit-before-split
# line: 37
# why: Vocabulary and document frequencies come from all tickets before the test tickets are put aside.
"""Route helpdesk tickets to the right queue."""
import argparse
import re

import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split


def normalise(text):
    text = re.sub(r"https?://\S+", " url ", str(text).lower())
    return re.sub(r"[^a-zäöüß ]+", " ", text)


def load(path):
    tickets = pd.read_csv(path, usecols=["subject", "body", "queue"])
    tickets = tickets.dropna(subset=["queue"])
    texts = (tickets["subject"].fillna("") + " " + tickets["body"].fillna("")).map(normalise)
    return texts, tickets["queue"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("csv")
    parser.add_argument("--ngrams", type=int, default=2)
    args = parser.parse_args()

    texts, queue = load(args.csv)
    vectoriser = TfidfVectorizer(ngram_range=(1, args.ngrams), min_df=3, sublinear_tf=True)
    matrix = vectoriser.fit_transform(texts)
    Xtr, Xte, ytr, yte = train_test_split(matrix, queue, test_size=0.2, random_state=11)
    model = SGDClassifier(loss="log_loss", alpha=1e-5).fit(Xtr, ytr)
    print("macro F1: %.3f" % f1_score(yte, model.predict(Xte), average="macro"))


if __name__ == "__main__":
    main()
