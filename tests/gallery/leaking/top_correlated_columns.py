# kind: script
# target: SalePrice
# leak: selected-before-split
# line: 18
# why: the columns are picked by their correlation with the price over all houses.
# %% load
import pandas as pd
from sklearn.linear_model import Lasso
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

df = pd.read_csv("../input/train.csv")
num = df.select_dtypes("number").fillna(0)

# %% which columns matter?
corr = num.corr()["SalePrice"].abs().sort_values(ascending=False)
best = corr.index[1:16].tolist()
print(corr.head(16))

# %% model
X_train, X_test, y_train, y_test = train_test_split(
    num[best], num["SalePrice"], test_size=0.2, random_state=42
)
lasso = make_pipeline(StandardScaler(), Lasso(alpha=100))
lasso.fit(X_train, y_train)
print("r2:", r2_score(y_test, lasso.predict(X_test)))
