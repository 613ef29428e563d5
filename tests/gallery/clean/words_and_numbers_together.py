# kind: solution
# target: urgent
# why: text and numbers are prepared side by side inside one estimator.
import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler


def clean(texts):
    return texts.fillna("").str.replace(r"\d+", " # ", regex=True).str.lower()


def build():
    words = make_pipeline(
        FunctionTransformer(clean),
        HashingVectorizer(n_features=2**16, alternate_sign=False),
        TfidfTransformer(),
    )
    counts = make_pipeline(
        SimpleImputer(strategy="constant", fill_value=0),
        FunctionTransformer(np.log1p),
        StandardScaler(),
    )
    both = ColumnTransformer([
        ("words", words, "body"),
        ("counts", counts, ["n_replies", "n_attachments"]),
    ])
    return make_pipeline(both, SGDClassifier(loss="log_loss", alpha=1e-5, random_state=0))
