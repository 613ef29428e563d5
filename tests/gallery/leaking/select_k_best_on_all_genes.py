# kind: script
# target: tumor
# leak: selected-before-split
# line: 16
# why: the genes are chosen by their relation to the labels of all samples.
import pandas as pd
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

expr = pd.read_csv("gene_expression.csv", index_col=0)
tumor = (expr.pop("tumor") == "malignant").astype(int)
print("samples, genes:", expr.shape)

selector = SelectKBest(f_classif, k=50)
top = selector.fit_transform(expr, tumor)
names = expr.columns[selector.get_support()]
print("selected:", list(names[:10]), "...")

model = LogisticRegression(penalty="l2", C=0.1, max_iter=5000)
acc = cross_val_score(model, top, tumor, cv=10)
print("accuracy %.3f" % acc.mean())
