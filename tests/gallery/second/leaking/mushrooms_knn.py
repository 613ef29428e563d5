# kind: script
# target: poisonous
# leak: tuned-on-test
# line: 30
# why: The number of neighbours with the best test accuracy wins and that same accuracy is reported.
import pandas as pd
import numpy as np
import matplotlib.pyplot as plt
from sklearn.neighbors import KNeighborsClassifier
from sklearn.model_selection import train_test_split

df = pd.read_csv('secondary_mushrooms.csv', sep=';')
df['poisonous'] = np.where(df['class'] == 'p', 1, 0)
X = df[['cap-diameter', 'stem-height', 'stem-width']].values
y = df['poisonous'].values
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=.3, random_state=10)

# elbow method
acc = []
ks = range(1, 40, 2)
for k in ks:
    knn = KNeighborsClassifier(n_neighbors=k)
    knn.fit(X_train, y_train)
    acc.append(knn.score(X_test, y_test))

plt.plot(ks, acc, marker='o')
plt.xlabel('k'); plt.ylabel('accuracy')
plt.show()

best_k = ks[int(np.argmax(acc))]
final = KNeighborsClassifier(n_neighbors=best_k).fit(X_train, y_train)
print('Final model k=%d, accuracy %.4f' % (best_k, final.score(X_test, y_test)))
