# kind: script
# target: toxic
# leak: outside-fold
# line: 21
# why: words, weights and topics are learnt from the comments of the rows to be predicted as well.
import pandas as pd
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

train = pd.read_csv("../input/train.csv")
test = pd.read_csv("../input/test.csv")

all_text = pd.concat([train["comment"], test["comment"]]).fillna("")

lsa = make_pipeline(
    TfidfVectorizer(analyzer="word", min_df=1, sublinear_tf=True),
    TruncatedSVD(n_components=5, random_state=4),
)
lsa.fit(all_text)

X_tr = lsa.transform(train["comment"].fillna(""))
X_te = lsa.transform(test["comment"].fillna(""))

clf = LogisticRegression(C=4.0, max_iter=1000).fit(X_tr, train["toxic"])
sub = pd.DataFrame({"id": test["id"], "toxic": clf.predict_proba(X_te)[:, 1]})
sub.to_csv("submission.csv", index=False)
