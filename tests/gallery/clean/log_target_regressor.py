# kind: solution
# target: sale_price
# why: the target is transformed inside the regressor and turned back for the predictions.
import numpy as np
from sklearn.compose import TransformedTargetRegressor, make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ElasticNetCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PowerTransformer


def build():
    prep = make_column_transformer(
        (
            make_pipeline(SimpleImputer(strategy="median"), PowerTransformer()),
            make_column_selector(dtype_include="number"),
        ),
        (
            OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20),
            make_column_selector(dtype_include=object),
        ),
    )
    net = ElasticNetCV(l1_ratio=[0.1, 0.5, 0.9], cv=5, max_iter=20000)
    return TransformedTargetRegressor(make_pipeline(prep, net), func=np.log1p, inverse_func=np.expm1)
