# kind: script
# target: tumor
# why: selection and tuning happen in the inner folds, the outer folds only judge.
import pandas as pd
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

expr = pd.read_csv("gene_expression.csv", index_col=0)
tumor = (expr.pop("tumor") == "malignant").astype(int)

pipe = Pipeline([
    ("select", SelectKBest(f_classif)),
    ("scale", StandardScaler()),
    ("lr", LogisticRegression(max_iter=5000)),
])
grid = {"select__k": [20, 50, 100], "lr__C": [0.01, 0.1, 1]}

inner = StratifiedKFold(3, shuffle=True, random_state=0)
outer = StratifiedKFold(5, shuffle=True, random_state=1)
search = GridSearchCV(pipe, grid, cv=inner, scoring="roc_auc", n_jobs=-1)
auc = cross_val_score(search, expr, tumor, cv=outer, scoring="roc_auc")
print("nested AUC %.3f +- %.3f" % (auc.mean(), auc.std()))
