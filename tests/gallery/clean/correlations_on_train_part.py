# kind: script
# target: SalePrice
# why: the columns are picked by correlations within the training part.
# %% load
import pandas as pd
from sklearn.linear_model import Lasso
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

df = pd.read_csv("../input/train.csv")
num = df.select_dtypes("number").fillna(0)
train, test = train_test_split(num, test_size=0.2, random_state=42)

# %% which columns matter?
corr = train.corr()["SalePrice"].abs().drop("SalePrice").sort_values(ascending=False)
best = corr.index[:15].tolist()
print(corr.head(15))

# %% model
lasso = make_pipeline(StandardScaler(), Lasso(alpha=100))
lasso.fit(train[best], train["SalePrice"])
print("r2:", r2_score(test["SalePrice"], lasso.predict(test[best])))
