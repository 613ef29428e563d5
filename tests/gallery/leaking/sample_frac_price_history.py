# kind: script
# target: went_up
# time: day
# leak: shuffled-time
# line: 19
# why: the history is shuffled before it is cut, so the past is predicted from the future.
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

quotes = pd.read_csv("quotes.csv", parse_dates=["day"])
quotes = quotes.sort_values("day")
quotes["ret_1"] = quotes["close"].pct_change().shift(1)
quotes["ret_5"] = quotes["close"].pct_change(5).shift(1)
quotes["vol_20"] = quotes["close"].pct_change().rolling(20).std().shift(1)
quotes = quotes.dropna()

quotes = quotes.sample(frac=1, random_state=1).reset_index(drop=True)
n_train = int(len(quotes) * 0.7)
train, test = quotes.iloc[:n_train], quotes.iloc[n_train:]

cols = ["ret_1", "ret_5", "vol_20"]
pipe = make_pipeline(StandardScaler(), LogisticRegression())
pipe.fit(train[cols], train["went_up"])
print("hit rate", pipe.score(test[cols], test["went_up"]))
