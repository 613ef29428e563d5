# kind: solution
# target: queue
# leak: preprocessing-before-split
# line: 24
# why: vocabulary and idf weights come from all tickets, also from those set aside to decide when to stop.
import copy

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split


class TicketRouter(BaseEstimator, ClassifierMixin):
    def __init__(self, text="body", max_epochs=40, patience=3):
        self.text = text
        self.max_epochs = max_epochs
        self.patience = patience

    def _vectorise(self, docs):
        self.tfidf_ = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        return self.tfidf_.fit_transform(docs)

    def fit(self, X, y):
        M = self._vectorise(X[self.text].fillna(""))
        y = np.asarray(y)
        M_tr, M_va, y_tr, y_va = train_test_split(M, y, test_size=0.15, stratify=y, random_state=0)

        self.classes_ = np.unique(y)
        clf = SGDClassifier(loss="log_loss", alpha=1e-5, random_state=0)
        best, wait = -1.0, 0
        for _ in range(self.max_epochs):
            clf.partial_fit(M_tr, y_tr, classes=self.classes_)
            score = f1_score(y_va, clf.predict(M_va), average="macro")
            if score > best:
                best, wait = score, 0
                self.clf_ = copy.deepcopy(clf)
            else:
                wait += 1
                if wait >= self.patience:
                    break
        self.val_f1_ = best
        return self

    def predict(self, X):
        return self.clf_.predict(self.tfidf_.transform(X[self.text].fillna("")))


def build():
    return TicketRouter()
