# kind: script
# target: sentiment
# leak: tuned-on-test
# line: 24
# why: the regularisation is chosen by the accuracy on the test reviews and that accuracy is reported.
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

reviews = pd.read_csv("reviews.csv")
text_tr, text_te, y_tr, y_te = train_test_split(
    reviews["text"], reviews["sentiment"], test_size=0.2, random_state=1
)

best_acc, best_C = 0.0, None
for C in [0.01, 0.1, 0.3, 1, 3, 10, 30]:
    pipe = make_pipeline(TfidfVectorizer(min_df=3), LogisticRegression(C=C, max_iter=1000))
    pipe.fit(text_tr, y_tr)
    acc = accuracy_score(y_te, pipe.predict(text_te))
    print(C, round(acc, 4))
    if acc > best_acc:
        best_acc, best_C = acc, C

print(f"Best C = {best_C}, accuracy = {best_acc:.4f}")
