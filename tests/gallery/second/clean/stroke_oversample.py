# kind: script
# target: stroke
import pandas as pd
from imblearn.over_sampling import SMOTE
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split

stroke = pd.read_csv("healthcare-dataset-stroke-data.csv").set_index("id")
stroke["ever_married"] = stroke["ever_married"].eq("Yes").astype(int)
stroke["urban"] = stroke.pop("Residence_type").eq("Urban").astype(int)
stroke = stroke.drop(columns=["gender", "work_type", "smoking_status"])

X, y = stroke.drop(columns="stroke"), stroke["stroke"]
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=21)

bmi_median = X_train["bmi"].median()
X_train = X_train.fillna({"bmi": bmi_median})
X_test = X_test.fillna({"bmi": bmi_median})

X_res, y_res = SMOTE(random_state=21).fit_resample(X_train, y_train)
print("resampled", X_res.shape, "test stays at", X_test.shape)

rf = RandomForestClassifier(n_estimators=300, random_state=21).fit(X_res, y_res)
print(classification_report(y_test, rf.predict(X_test), digits=3))
