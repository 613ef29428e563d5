# kind: script
# target: Survived
# why: train and test are joined only to write row-wise features once; all that is fitted is in a pipeline fitted on train.
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

train = pd.read_csv("input/train.csv")
test = pd.read_csv("input/test.csv").drop(columns="Survived", errors="ignore")
ntrain = len(train)

full = pd.concat([train, test], sort=False, ignore_index=True)
full["Title"] = full["Name"].str.extract(r"(\w+)", expand=False)
full["Title"] = full["Title"].replace({"Mlle": "Miss", "Ms": "Miss", "Mme": "Mrs"})
full["Family"] = full["SibSp"] + full["Parch"] + 1
full["Alone"] = (full["Family"] == 1).astype(int)
full["FarePerHead"] = full["Fare"] / full["Family"]
full["TicketLen"] = full["Ticket"].str.len()
train, test = full.iloc[:ntrain], full.iloc[ntrain:]

model = make_pipeline(
    make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["Title"]),
        (SimpleImputer(strategy="median"), ["Age", "FarePerHead", "Family", "Alone", "TicketLen"]),
    ),
    RandomForestClassifier(n_estimators=200, min_samples_leaf=3, random_state=1912),
)
y = train["Survived"].astype(int)
print("cv", np.mean(cross_val_score(model, train, y, cv=5)))
answer = model.fit(train, y).predict(test)
pd.DataFrame({"PassengerId": test["PassengerId"], "Survived": answer}).to_csv("submission.csv", index=False)
