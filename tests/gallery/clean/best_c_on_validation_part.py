# kind: script
# target: sentiment
# why: the regularisation is chosen on a validation part and the test reviews are scored once at the end.
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline


def make(C):
    return make_pipeline(TfidfVectorizer(min_df=3), LogisticRegression(C=C, max_iter=1000))


reviews = pd.read_csv("reviews.csv").drop_duplicates("text")
dev, test = train_test_split(reviews, test_size=0.2, random_state=1)
train, val = train_test_split(dev, test_size=0.25, random_state=2)

best_acc, best_C = 0.0, None
for C in [0.01, 0.1, 0.3, 1, 3, 10, 30]:
    pipe = make(C).fit(train["text"], train["sentiment"])
    acc = accuracy_score(val["sentiment"], pipe.predict(val["text"]))
    print(C, round(acc, 4))
    if acc > best_acc:
        best_acc, best_C = acc, C

final = make(best_C).fit(dev["text"], dev["sentiment"])
print("test accuracy", accuracy_score(test["sentiment"], final.predict(test["text"])))
