# kind: solution
# target: default
# why: the stacker trains its last model on cross-validated predictions, and every base model brings its own preprocessing.
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, StackingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer


def base_models():
    linear = make_pipeline(
        SimpleImputer(),
        QuantileTransformer(output_distribution="normal", n_quantiles=200, random_state=0),
        LogisticRegression(max_iter=2000),
    )
    forest = make_pipeline(
        SimpleImputer(strategy="constant", fill_value=-1),
        RandomForestClassifier(n_estimators=400, min_samples_leaf=5, random_state=0),
    )
    boost = HistGradientBoostingClassifier(learning_rate=0.05, early_stopping=False, random_state=0)
    return [("linear", linear), ("forest", forest), ("boost", boost)]


def build():
    return StackingClassifier(
        estimators=base_models(),
        final_estimator=LogisticRegression(),
        cv=StratifiedKFold(5, shuffle=True, random_state=0),
        stack_method="predict_proba",
        n_jobs=-1,
    )
