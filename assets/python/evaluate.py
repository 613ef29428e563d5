"""Computes the scores from saved predictions and the labels that the solution never saw.

One line of JSON in, one line of JSON out, for each fold. Knows nothing of the solution: neither its code nor its
process. Its own hash is part of every result, and results are compared only where it is the same.

Request:  {"fold": 0, "problem": "binary", "positive": 1, "n_classes": 2, "truth": […], "predicted": […],
           "chances": [[…], …] or null, "score": […] or null}
Answer:   {"fold": 0, "metrics": {"roc_auc": 0.81, …}}; a metric that is not defined here is null.

Usage: python -I -B -u -X utf8 evaluate.py
"""

import json
import math
import sys
import warnings

import numpy
from sklearn import metrics

warnings.filterwarnings("ignore")


def evaluate(request):
    problem = request["problem"]
    truth, predicted = numpy.asarray(request["truth"]), numpy.asarray(request["predicted"])
    if problem == "regression":
        return regression(truth.astype("float64"), predicted.astype("float64"))
    chances = None if request["chances"] is None else numpy.asarray(request["chances"], dtype="float64")
    if problem == "binary":
        return binary(truth, predicted, chances, request["score"], request["positive"])
    return multiclass(truth, predicted, chances, request["n_classes"])


def regression(truth, predicted):
    return {
        "rmse": lambda: metrics.root_mean_squared_error(truth, predicted),
        "mae": lambda: metrics.mean_absolute_error(truth, predicted),
        "r2": lambda: metrics.r2_score(truth, predicted) if len(truth) > 1 else None,
        "median_ae": lambda: metrics.median_absolute_error(truth, predicted),
    }


def binary(truth, predicted, chances, score, positive):
    is_positive = (truth == positive).astype(int)
    says_positive = (predicted == positive).astype(int)
    chance = None if chances is None else chances[:, positive]
    if chance is not None:
        ranking = chance
    elif score is not None:
        ranking = numpy.asarray(score) * (1.0 if positive == 1 else -1.0)
    else:
        ranking = says_positive
    both = len(set(is_positive.tolist())) == 2
    return {
        "roc_auc": lambda: metrics.roc_auc_score(is_positive, ranking) if both else None,
        "average_precision": lambda: metrics.average_precision_score(is_positive, ranking) if is_positive.any() else None,
        "log_loss": lambda: None if chance is None else metrics.log_loss(is_positive, chance, labels=[0, 1]),
        "brier": lambda: None if chance is None else metrics.brier_score_loss(is_positive, chance),
        "f1": lambda: metrics.f1_score(is_positive, says_positive, zero_division=0.0),
        "precision": lambda: metrics.precision_score(is_positive, says_positive, zero_division=0.0),
        "recall": lambda: metrics.recall_score(is_positive, says_positive, zero_division=0.0),
        "balanced_accuracy": lambda: metrics.balanced_accuracy_score(is_positive, says_positive),
        "accuracy": lambda: metrics.accuracy_score(is_positive, says_positive),
    }


def multiclass(truth, predicted, chances, n_classes):
    labels = list(range(n_classes))
    whole = chances is not None and numpy.all(chances.sum(axis=1) > 0)
    share = chances / chances.sum(axis=1, keepdims=True) if whole else None
    return {
        "balanced_accuracy": lambda: metrics.balanced_accuracy_score(truth, predicted),
        "accuracy": lambda: metrics.accuracy_score(truth, predicted),
        "f1_macro": lambda: metrics.f1_score(truth, predicted, labels=labels, average="macro", zero_division=0.0),
        "log_loss": lambda: None if share is None else metrics.log_loss(truth, share, labels=labels),
        "roc_auc_ovr": lambda: None if share is None or len(set(truth.tolist())) < n_classes
        else metrics.roc_auc_score(truth, share, multi_class="ovr", labels=labels),
    }


def number(compute):
    try:
        value = compute()
    except ValueError:
        return None
    return None if value is None or not math.isfinite(value) else float(value)


def main():
    for line in sys.stdin:
        request = json.loads(line)
        scores = {name: number(compute) for name, compute in evaluate(request).items()}
        print(json.dumps({"fold": request["fold"], "metrics": scores}), flush=True)


if __name__ == "__main__":
    main()
