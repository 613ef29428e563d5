# kind: script
# target: churned
# why: it only looks at the data and draws, no model is scored.
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from sklearn.preprocessing import StandardScaler

df = pd.read_csv("data/telco_churn.csv")
print(df.describe(include="all").T)
print(df.isna().sum())

# churn by contract
print(df.groupby("contract")["churned"].agg(["mean", "count"]))

num = df.select_dtypes("number")
sns.heatmap(num.corr(), cmap="coolwarm", center=0)
plt.savefig("corr.png", dpi=120)

z = pd.DataFrame(StandardScaler().fit_transform(num), columns=num.columns)
print("outliers per column:")
print((z.abs() > 3).sum())

df["tenure"].hist(by=df["churned"], bins=30, figsize=(8, 3))
plt.tight_layout()
plt.savefig("tenure.png")
