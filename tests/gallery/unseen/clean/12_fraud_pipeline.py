# kind: script
# target: is_fraud
# why: The resampling is part of the pipeline of imblearn, which applies it to training folds only.
import pandas as pd
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, cross_validate
from sklearn.preprocessing import RobustScaler

SEED = 2023


def main():
    payments = pd.read_csv("payments.csv")
    y = payments["is_fraud"]
    X = payments.drop(["is_fraud", "payment_id"], axis=1)
    print("classes:", y.value_counts().to_dict())

    pipe = Pipeline([
        ("scale", RobustScaler()),
        ("smote", SMOTE(random_state=SEED, k_neighbors=5)),
        ("rf", RandomForestClassifier(n_estimators=100, random_state=SEED, n_jobs=-1)),
    ])
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=SEED)
    scores = cross_validate(pipe, X, y, cv=folds, scoring=["average_precision", "recall", "precision"])
    for name in ("average_precision", "recall", "precision"):
        print(name, scores["test_" + name].mean().round(4))


if __name__ == "__main__":
    main()
