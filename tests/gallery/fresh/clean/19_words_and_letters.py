# kind: solution
# target: urgent
# why: both vectorizers are branches of the pipeline and learn their vocabulary in fit only.
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer


def join_text(frame):
    return (frame["subject"].fillna("") + "\n" + frame["body"].fillna("")).str.lower()


def build():
    union = FeatureUnion([
        ("words", TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)),
        ("letters", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), max_features=5000)),
    ])
    pipe = Pipeline([
        ("text", FunctionTransformer(join_text)),
        ("union", union),
        ("clf", LogisticRegression(class_weight="balanced", max_iter=1000)),
    ])
    return GridSearchCV(pipe, {"clf__C": [0.5, 2.0], "union__words__min_df": [1, 3]}, cv=3, scoring="f1")
