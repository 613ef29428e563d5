# kind: script
# target: responded
# why: the clusters are found among the training customers and the others are assigned to them.
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

customers = pd.read_csv("campaign.csv")
rfm = ["recency", "frequency", "monetary"]
train_df, test_df = train_test_split(customers, test_size=0.3, random_state=11)

km = KMeans(n_clusters=6, n_init=10, random_state=0)
train_df = train_df.assign(segment=km.fit_predict(train_df[rfm]))
test_df = test_df.assign(segment=km.predict(test_df[rfm]))

use = rfm + ["segment", "age"]
tree = DecisionTreeClassifier(max_depth=6, min_samples_leaf=25)
tree.fit(train_df[use], train_df["responded"])
print(accuracy_score(test_df["responded"], tree.predict(test_df[use])))
