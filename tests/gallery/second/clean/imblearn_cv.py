# kind: script
# target: bankrupt
from imblearn.over_sampling import BorderlineSMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline
import pandas as pd
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.preprocessing import PowerTransformer
from sklearn.linear_model import LogisticRegression

firms = pd.read_csv("bankruptcy.csv")
firms.columns = [c.strip().lower().replace(" ", "_").replace("?", "") for c in firms.columns]
labels = firms.pop("bankrupt")
firms = firms.loc[:, ~firms.columns.duplicated()]

cv = StratifiedKFold(5, shuffle=True, random_state=2)
samplers = {
    "none": None,
    "random": RandomOverSampler(random_state=2),
    "borderline": BorderlineSMOTE(random_state=2),
}
rows = []
for name, sampler in samplers.items():
    steps = [PowerTransformer()] + ([sampler] if sampler is not None else [])
    model = make_pipeline(*steps, LogisticRegression(max_iter=3000, C=0.05))
    ap = cross_val_score(model, firms, labels, cv=cv, scoring="average_precision")
    rows.append({"sampler": name, "mean": ap.mean(), "std": ap.std()})
print(pd.DataFrame(rows).to_string(index=False))
