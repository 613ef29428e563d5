# kind: script
# target: attrition
# suspects: exit_interview_done
from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from xgboost import XGBClassifier


class Step(ABC):
    @abstractmethod
    def fit(self, X: pd.DataFrame) -> Step: ...

    @abstractmethod
    def apply(self, X: pd.DataFrame) -> pd.DataFrame: ...


@dataclass
class FillMedian(Step):
    medians: pd.Series | None = None

    def fit(self, X): self.medians = X.median(); return self
    def apply(self, X): return X.fillna(self.medians)


@dataclass
class Trainer:
    frame: pd.DataFrame
    label: str
    forbidden: list[str] = field(default_factory=lambda: ["exit_interview_done", "employee_no"])

    def cross_validate(self, k: int = 5) -> list[float]:
        X = self.frame.drop(columns=[self.label, *self.forbidden]).select_dtypes("number")
        y, scores = self.frame[self.label].to_numpy(), []
        for tr, va in StratifiedKFold(k, shuffle=True, random_state=0).split(X, y):
            step = FillMedian().fit(X.iloc[tr])
            clf = XGBClassifier(n_estimators=200, max_depth=3).fit(step.apply(X.iloc[tr]), y[tr])
            scores.append(roc_auc_score(y[va], clf.predict_proba(step.apply(X.iloc[va]))[:, 1]))
        return scores


if __name__ == "__main__":
    print(np.mean(Trainer(pd.read_csv("employees.csv"), "attrition").cross_validate()))
