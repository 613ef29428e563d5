# kind: script
# target: sentiment
# why: The vocabulary is learnt from the training reviews alone.
# Homework 4 - movie reviews
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import classification_report, confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB

reviews = pd.read_csv("movie_reviews.csv")
reviews["text"] = reviews["text"].str.replace("<br />", " ", regex=False).str.lower()
reviews = reviews.drop_duplicates("text")

# task 1: split
labels = reviews["sentiment"].map({"neg": 0, "pos": 1})
text_train, text_test, y_train, y_test = train_test_split(
    reviews["text"], labels, test_size=0.3, random_state=123
)

# task 2: turn the text into numbers
tfidf = TfidfVectorizer(stop_words="english", min_df=2)
x_train = tfidf.fit_transform(text_train)
x_test = tfidf.transform(text_test)
print(x_train.shape, x_test.shape)

# task 3: model
nb = MultinomialNB(alpha=0.3)
nb.fit(x_train, y_train)

# task 4: evaluation
pred = nb.predict(x_test)
print(confusion_matrix(y_test, pred))
print(classification_report(y_test, pred))
