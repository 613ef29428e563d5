# kind: solution
# target: relapse
# leak: selected-before-split
# line: 19
# why: the markers are ranked with the labels of all patients before the folds are made.
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.feature_selection import mutual_info_classif
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def best_markers(path, n=30):
    cohort = pd.read_csv(path)
    labels = cohort.pop("relapse")
    markers = cohort.filter(regex="^m_").fillna(0)
    mi = mutual_info_classif(markers, labels, random_state=0)
    return list(markers.columns[np.argsort(mi)[::-1][:n]])


def build():
    chosen = best_markers("cohort.csv")
    return make_pipeline(
        make_column_transformer((SimpleImputer(), chosen)),
        LogisticRegression(C=0.2, max_iter=2000),
    )
