# kind: script
# target: Class
# leak: resampled-before-split
# line: 22
# why: Synthetic frauds are interpolated between all frauds, so test rows and their neighbours land in training.
# %%
import pandas as pd
from collections import Counter
from imblearn.over_sampling import SMOTE
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import precision_recall_fscore_support as prfs
from sklearn.model_selection import train_test_split

# %% load
cc = pd.read_csv("creditcard.csv")
cc = cc.drop_duplicates().drop(columns="Time")
X_all, y_all = cc.drop(columns="Class"), cc["Class"]
print("before", Counter(y_all))

# %% the classes are very uneven
sm = SMOTE(random_state=7, k_neighbors=5)
X_bal, y_bal = sm.fit_resample(X_all, y_all)
print("after", Counter(y_bal))

# %% model
X_train, X_test, y_train, y_test = train_test_split(X_bal, y_bal, test_size=0.2, random_state=7)
forest = RandomForestClassifier(n_estimators=120, n_jobs=-1, random_state=7)
forest.fit(X_train, y_train)

# %%
p, r, f, _ = prfs(y_test, forest.predict(X_test), average="binary")
print(f"precision {p:.3f}  recall {r:.3f}  f1 {f:.3f}")
