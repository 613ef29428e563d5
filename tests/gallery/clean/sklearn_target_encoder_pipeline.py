# kind: script
# target: fraud
# why: the encoder crosses its own folds and is fitted inside each fold of the validation.
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import TargetEncoder

claims = pd.read_csv("insurance_claims.csv")
y = claims.pop("fraud")
X = claims.drop(columns=["claim_id", "policy_number"])

cats = X.select_dtypes("object").columns.tolist()
pre = ColumnTransformer(
    [("te", TargetEncoder(smooth="auto", cv=5, random_state=0), cats)],
    remainder="passthrough",
)
pipe = Pipeline([("pre", pre), ("hgb", HistGradientBoostingClassifier(random_state=0))])
auc = cross_val_score(pipe, X, y, cv=5, scoring="roc_auc")
print("AUC %.4f (+- %.4f)" % (auc.mean(), auc.std()))
