# kind: solution
# target: approved
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler


def lower(col):
    return col.fillna("").str.lower()


def build():
    def words(**kw):
        return make_pipeline(FunctionTransformer(lower), TfidfVectorizer(**kw))

    prep = ColumnTransformer([
        ("essay", words(ngram_range=(1, 2), min_df=5, max_features=20000), "essay"),
        ("title", words(analyzer="char_wb", ngram_range=(2, 4), min_df=5), "title"),
        ("cost", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["price", "quantity"]),
    ])
    return Pipeline([("prep", prep), ("lr", LogisticRegression(C=2.0, max_iter=1000))])
