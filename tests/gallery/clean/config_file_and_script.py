# kind: script
# target: converted
# why: only settings are read from the second file, the data are split before anything is fitted.
import json
import sys

import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from xgboost import XGBClassifier


def main(config_path):
    with open(config_path) as fh:
        cfg = json.load(fh)

    visits = pd.read_csv(cfg["data"])
    y = visits["converted"]
    X = visits[cfg["features"]].fillna(cfg.get("fill", -1))

    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=cfg["test_size"], random_state=cfg["seed"], stratify=y
    )
    model = XGBClassifier(**cfg["xgb"])
    model.fit(X_train, y_train)
    auc = roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])
    print(json.dumps({"auc": round(float(auc), 4), "n_test": len(y_test)}))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "config.json")
