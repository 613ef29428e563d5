# kind: script
# target: forged
# coding: utf-8

# In[1]:
import pandas as pd
from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.metrics import accuracy_score

# In[2]:
df = pd.read_csv('banknotes.csv', names=['var', 'skew', 'kurt', 'entropy', 'forged'])
df.describe()

# In[3]:
X = df.drop('forged', axis=1)
y = df['forged']
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=101)

# In[5]:
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)

# In[6]:
knn = KNeighborsClassifier(n_neighbors=5)
knn.fit(X_train, y_train)
print('train:', accuracy_score(y_train, knn.predict(X_train)))
print('test: ', accuracy_score(y_test, knn.predict(X_test)))
