# kind: script
# target: close
# time: Date
# leak: shuffled-time-split
# line: 26
# why: a daily series with lagged closes is split at random, so test days lie between training days that contain their values.
import pandas as pd
import yfinance as yf
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_squared_error, r2_score
from sklearn.model_selection import train_test_split

TICKER = "AAPL"

prices = yf.download(TICKER, start="2012-01-01", end="2023-12-31")
prices.columns = [str(c).lower() for c in prices.columns]

data = pd.DataFrame({"close": prices["close"]})
for i in range(1, 11):
    data[f"lag_{i}"] = data["close"].shift(i)
data["ma_20"] = data["close"].shift(1).rolling(20).mean()
data["vol_20"] = data["close"].pct_change().shift(1).rolling(20).std()
data = data.dropna()

X, y = data.drop(columns="close"), data["close"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)

lr = LinearRegression()
lr.fit(X_train, y_train)
pred = lr.predict(X_test)

print("MSE:", mean_squared_error(y_test, pred))
print("R2 :", r2_score(y_test, pred))
print("Tomorrow:", lr.predict(X.tail(1))[0])
