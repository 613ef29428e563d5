# kind: script
# target: Class
# why: synthetic frauds are made from the training rows of the fold, the validation rows keep their natural shares.
import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE
from imblearn.under_sampling import RandomUnderSampler
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import RobustScaler

df = pd.read_csv("../input/creditcardfraud/creditcard.csv").drop_duplicates()
X = df.drop(columns=["Class", "Time"])
y = df["Class"]

skf = StratifiedKFold(n_splits=5, shuffle=True, random_state=42)
ap, auc = [], []
for fold, (train_idx, val_idx) in enumerate(skf.split(X, y)):
    X_train, X_val = X.iloc[train_idx].copy(), X.iloc[val_idx].copy()
    y_train, y_val = y.iloc[train_idx], y.iloc[val_idx]

    rs = RobustScaler().fit(X_train[["Amount"]])
    X_train["Amount"] = rs.transform(X_train[["Amount"]]).ravel()
    X_val["Amount"] = rs.transform(X_val[["Amount"]]).ravel()

    X_bal, y_bal = SMOTE(sampling_strategy=0.1, random_state=fold).fit_resample(X_train, y_train)
    X_bal, y_bal = RandomUnderSampler(sampling_strategy=0.5, random_state=fold).fit_resample(X_bal, y_bal)

    clf = RandomForestClassifier(n_estimators=200, n_jobs=-1, random_state=fold)
    clf.fit(X_bal, y_bal)
    p = clf.predict_proba(X_val)[:, 1]
    ap.append(average_precision_score(y_val, p))
    auc.append(roc_auc_score(y_val, p))
    print(f"fold {fold}: AP {ap[-1]:.4f}  AUC {auc[-1]:.4f}")

print("AP  %.4f +- %.4f" % (np.mean(ap), np.std(ap)))
print("AUC %.4f +- %.4f" % (np.mean(auc), np.std(auc)))
