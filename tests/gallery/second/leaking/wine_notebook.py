# kind: script
# target: good
# leak: fit-before-split
# line: 28
# why: The scaler takes mean and spread from all wines, the later test rows included.
# coding: utf-8

# In[1]:
import pandas as pd
import numpy as np
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.model_selection import train_test_split
from sklearn.metrics import classification_report

# In[2]:
df = pd.read_csv('../input/wine/winequality.csv', sep=';')
df.head()

# In[3]:
df['good'] = (df['quality'] >= 7).astype(int)
df = df.drop('quality', axis=1)
df['good'].value_counts()

# In[7]:
sc = StandardScaler()
feats = [c for c in df.columns if c != 'good']
df[feats] = sc.fit_transform(df[feats])

# In[8]:
train, test = train_test_split(df, test_size=0.25, random_state=0, stratify=df['good'])
clf = SVC(C=2.0, gamma='scale')
clf.fit(train[feats], train['good'])

# In[9]:
print(classification_report(test['good'], clf.predict(test[feats])))
