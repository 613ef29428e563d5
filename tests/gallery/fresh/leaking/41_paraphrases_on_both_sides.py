# kind: script
# target: positive
# leak: resample-before-split
# line: 32
# why: reworded copies of a review are made before the split, so a test review has its near copy among the training ones.
import random

import pandas as pd
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline

SYNONYMS = {"good": "great", "bad": "poor", "film": "movie", "boring": "dull", "love": "adore"}


class Reworder:
    def __init__(self, drop=0.1, seed=0):
        self.drop = drop
        self.random = random.Random(seed)

    def __call__(self, text):
        words = [SYNONYMS.get(w, w) for w in str(text).split() if self.random.random() > self.drop]
        return " ".join(words)

    def enlarge(self, frame, column, times):
        extra = [frame.assign(**{column: frame[column].map(self)}) for _ in range(times)]
        return pd.concat([frame, *extra], ignore_index=True)


reviews = pd.read_csv("reviews.csv")
reviews = Reworder().enlarge(reviews, "review", times=2)

train, test = train_test_split(reviews, test_size=0.2, random_state=0)
model = Pipeline([("bow", CountVectorizer()), ("nb", MultinomialNB())])
model.fit(train["review"], train["positive"])
print("accuracy", model.score(test["review"], test["positive"]))
