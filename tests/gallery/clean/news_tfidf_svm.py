# kind: solution
# target: topic
# why: the vectoriser learns its words from the training documents it is handed.
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC


def to_text(X):
    title = X["title"].fillna("")
    body = X["body"].fillna("")
    return (title + " " + title + " " + body).tolist()


def build():
    return make_pipeline(
        FunctionTransformer(to_text),
        TfidfVectorizer(min_df=5, stop_words="english", sublinear_tf=True, ngram_range=(1, 2)),
        LinearSVC(C=0.5),
    )
