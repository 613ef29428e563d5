# kind: script
# target: label
# leak: fit-before-split
# line: 19
# why: Vocabulary and document frequencies come from all messages, the test messages among them.
# Homework 3 - spam filter
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB
from sklearn.metrics import classification_report, confusion_matrix

messages = pd.read_csv("spam.csv", encoding="latin-1")[["v1", "v2"]]
messages.columns = ["label", "text"]
messages = messages.drop_duplicates("text")

# task 1: turn the text into numbers
tfidf = TfidfVectorizer(stop_words="english", lowercase=True, min_df=2)
features = tfidf.fit_transform(messages["text"])
print(features.shape)

# task 2: split
labels = messages["label"].map({"ham": 0, "spam": 1})
x_train, x_test, y_train, y_test = train_test_split(features, labels, test_size=0.3, random_state=123)

# task 3: model
nb = MultinomialNB(alpha=0.3)
nb.fit(x_train, y_train)

# task 4: evaluation
pred = nb.predict(x_test)
print(confusion_matrix(y_test, pred))
print(classification_report(y_test, pred))
