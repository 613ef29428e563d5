# kind: script
# target: signal
import xgboost as xgb
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

df = pd.read_csv('higgs_sample.csv')
y = df.signal
X = df.drop(columns=['signal', 'event_id'])

# 60 / 20 / 20
X_tmp, X_test, y_tmp, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=77)
X_train, X_val, y_train, y_val = train_test_split(X_tmp, y_tmp, test_size=0.25, stratify=y_tmp, random_state=77)

clf = xgb.XGBClassifier(
    n_estimators=4000,
    learning_rate=0.03,
    max_depth=6,
    subsample=0.7,
    colsample_bytree=0.7,
    eval_metric='auc',
    early_stopping_rounds=80,
)
clf.fit(X_train, y_train, eval_set=[(X_train, y_train), (X_val, y_val)], verbose=200)
print('stopped at', clf.best_iteration)

for name, (a, b) in {'val': (X_val, y_val), 'test': (X_test, y_test)}.items():
    print(name, roc_auc_score(b, clf.predict_proba(a)[:, 1]))
