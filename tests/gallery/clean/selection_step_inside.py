# kind: solution
# target: relapse
# why: the markers are chosen by a step of the pipeline within the training part.
from functools import partial

from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.feature_selection import SelectKBest, VarianceThreshold, mutual_info_classif
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

score = partial(mutual_info_classif, random_state=0)


def build():
    return make_pipeline(
        make_column_transformer((SimpleImputer(), make_column_selector(pattern="^m_"))),
        VarianceThreshold(),
        StandardScaler(),
        SelectKBest(score, k=30),
        LogisticRegression(C=0.2, max_iter=2000),
    )
