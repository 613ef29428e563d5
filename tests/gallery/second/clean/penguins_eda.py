# kind: script
# target: sex
# %% look around
import pandas as pd
import matplotlib.pyplot as plt
import seaborn as sns

penguins = pd.read_csv("penguins.csv").dropna(subset=["sex"])
print(penguins.describe(include="all"))
print(penguins.groupby("sex")[["bill_length_mm", "body_mass_g"]].mean())
print(penguins.groupby("species")["sex"].apply(lambda s: (s == "male").mean()))

fig, axes = plt.subplots(1, 2, figsize=(10, 4))
sns.histplot(penguins, x="body_mass_g", hue="sex", ax=axes[0])
sns.scatterplot(penguins, x="bill_length_mm", y="bill_depth_mm", hue="species", ax=axes[1])
fig.savefig("penguins.png")

# standardised copy, only for the picture of the correlations
num = penguins.select_dtypes("number")
z = (num - num.mean()) / num.std()
sns.clustermap(z.corr()).savefig("clusters.png")

# %% model
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X = penguins[["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]]
y = penguins["sex"].eq("male")
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=3)
logit = make_pipeline(StandardScaler(), LogisticRegression()).fit(X_train, y_train)
print("held out:", logit.score(X_test, y_test))
