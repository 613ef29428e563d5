# kind: script
# target: sale_price
# leak: fit-before-split
# line: 20
# why: the transformer is fitted on train and test put together again.
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import PowerTransformer

homes = pd.read_csv("ames.csv")
cols = ["lot_area", "gr_liv_area", "total_bsmt_sf", "garage_area", "year_built"]
X_train, X_test, y_train, y_test = train_test_split(
    homes[cols].fillna(0), homes["sale_price"], test_size=0.2, random_state=5
)

pt = PowerTransformer()
both = pd.concat([X_train, X_test])
pt.fit(both)

X_train_t = pt.transform(X_train)
X_test_t = pt.transform(X_test)

ridge = Ridge(alpha=3.0).fit(X_train_t, y_train)
mae = mean_absolute_error(y_test, ridge.predict(X_test_t))
print(f"MAE on test: {mae:,.0f}")
