# kind: script
# target: Survived
# why: all statistics are learned in the pipeline from the training passengers, the test file is only predicted.
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

TRAIN = "/kaggle/input/titanic/train.csv"
TEST = "/kaggle/input/titanic/test.csv"


def add_columns(df):
    return df.assign(
        Title=df["Name"].str.extract(r" ([A-Za-z]+)\.", expand=False),
        Deck=df["Cabin"].str[0].fillna("U"),
        FamilySize=df["SibSp"] + df["Parch"] + 1,
        IsAlone=(df["SibSp"] + df["Parch"]).eq(0).astype(int),
    )


train = pd.read_csv(TRAIN, index_col="PassengerId").pipe(add_columns)
test = pd.read_csv(TEST, index_col="PassengerId").pipe(add_columns)

y = train.pop("Survived")
num = ["Age", "Fare", "FamilySize", "IsAlone"]
cat = ["Pclass", "Sex", "Embarked", "Title", "Deck"]

prep = make_column_transformer(
    (SimpleImputer(strategy="median"), num),
    (make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10),
    ), cat),
)
model = make_pipeline(prep, RandomForestClassifier(500, min_samples_leaf=3, random_state=1))

cv = StratifiedKFold(10, shuffle=True, random_state=1)
print("cv accuracy", cross_val_score(model, train, y, cv=cv).mean().round(4))

model.fit(train, y)
test.assign(Survived=model.predict(test))[["Survived"]].to_csv("submission.csv")
