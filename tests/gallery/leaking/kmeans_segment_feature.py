# kind: script
# target: responded
# leak: fit-before-split
# line: 16
# why: the customer segments are found with the test customers among them.
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier


def add_segments(frame, cols, k=6):
    frame = frame.copy()
    km = KMeans(n_clusters=k, n_init=10, random_state=0)
    frame["segment"] = km.fit_predict(frame[cols])
    return frame


customers = pd.read_csv("campaign.csv")
rfm = ["recency", "frequency", "monetary"]
customers = add_segments(customers, rfm)

train_df, test_df = train_test_split(customers, test_size=0.3, random_state=11)
use = rfm + ["segment", "age"]

tree = DecisionTreeClassifier(max_depth=6, min_samples_leaf=25)
tree.fit(train_df[use], train_df["responded"])
print(accuracy_score(test_df["responded"], tree.predict(test_df[use])))
