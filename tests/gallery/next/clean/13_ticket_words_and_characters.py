# kind: solution
# target: queue
# why: both vectorisers are part of the pipeline; the cleaning works on each text alone.
import re

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

URL = re.compile(r"https?://\S+")
NUM = re.compile(r"\d+")


def tidy(frame):
    joined = frame["subject"].fillna("") + " \n " + frame["body"].fillna("")
    return joined.map(lambda s: NUM.sub(" 0 ", URL.sub(" url ", s.lower())))


def build():
    both = FeatureUnion([
        ("words", TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)),
        ("chars", TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), max_features=50_000)),
    ])
    return Pipeline([
        ("tidy", FunctionTransformer(tidy)),
        ("tfidf", both),
        ("clf", LogisticRegression(C=4.0, max_iter=1000, class_weight="balanced")),
    ])
