# kind: script
# target: subtype
# why: The choice of genes is repeated inside each round of leave-one-out without the patient left out.
import pandas as pd
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, StandardScaler
from sklearn.svm import LinearSVC

expression = pd.read_csv("lymphoma_expression.csv", index_col=0)
y = LabelEncoder().fit_transform(expression["subtype"])
X = expression.drop(columns="subtype").to_numpy(dtype=float)
print("patients x genes:", X.shape)

pipe = make_pipeline(
    SelectKBest(f_classif, k=50),
    StandardScaler(),
    LinearSVC(C=0.01, max_iter=20000),
)
acc = cross_val_score(pipe, X, y, cv=LeaveOneOut(), n_jobs=-1)
print("leave-one-out accuracy: %.3f" % acc.mean())
