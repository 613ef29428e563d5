# kind: script
# target: clearance
# leak: chosen-on-test
# line: 35
# why: the winner among the models and settings is the one with the best R2 on the test rows, which is then quoted as its result.
import itertools

import pandas as pd
from sklearn.ensemble import AdaBoostRegressor, RandomForestRegressor
from sklearn.linear_model import Lasso
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeRegressor


def candidates():
    for alpha in (0.01, 0.1, 1.0):
        yield f"lasso {alpha}", Lasso(alpha=alpha)
    for depth, leaf in itertools.product((3, 6, None), (1, 10)):
        yield f"tree {depth}/{leaf}", DecisionTreeRegressor(max_depth=depth, min_samples_leaf=leaf, random_state=0)
    yield "forest", RandomForestRegressor(100, random_state=0)
    yield "ada", AdaBoostRegressor(random_state=0)


class Contest:
    def __init__(self, frame, target):
        X, y = frame.drop(columns=target), frame[target]
        self.fit_X, self.test_X, self.fit_y, self.test_y = train_test_split(X, y, test_size=0.3, random_state=2)

    def score(self, model):
        return r2_score(self.test_y, model.fit(self.fit_X, self.fit_y).predict(self.test_X))

    def winner(self):
        table = {name: self.score(model) for name, model in candidates()}
        best = max(table, key=table.get)
        return best, table[best]


contest = Contest(pd.read_csv("pharmacokinetics.csv"), target="clearance")
name, result = contest.winner()
print(f"We report {name}: R2 = {result:.3f} on held-out patients")
