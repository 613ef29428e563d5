"""Makes a report out of saved predictions: metrics with intervals, errors by segment, comparisons, figures.

No model is fitted here. What is not defined is null in report.json and said to be so in report.md.

Usage: python -I -B report.py REQUEST.json
"""

import csv
import json
import math
import os
import re
import sys
import warnings

import matplotlib

matplotlib.use("Agg")
import numpy
from matplotlib import pyplot
from scipy import stats
from sklearn import metrics

warnings.filterwarnings("ignore")
NULL = "\\N"
BINS = 10
GREY, BLUE, RED = "#8a97a6", "#2b6cb0", "#b04a4a"


def main(path):
    with open(path, encoding="utf-8") as file:
        ask = json.load(file)
    os.makedirs(os.path.join(ask["out"], "figures"), exist_ok=True)
    own = load(ask["predictions"], ask)
    report = {"experiment": ask["experiment"], "n_rows": len(own["row"]), "metric": ask["metric"], "figures": []}
    report["metrics"] = intervals(own, ask)
    report["folds"] = ask["fold_metric"].get(ask["experiment"])
    report["business"] = business(own, ask)
    if ask["problem"] == "regression":
        report |= residuals(own, ask, report["figures"])
    else:
        report |= classes(own, ask, report["figures"])
    report["ranking"] = ranking(own, ask)
    report |= segments(own, ask)
    report["worst_rows"] = worst_rows(own, ask)
    report["comparisons"] = [compare(own, other, ask) for other in ask["others"]]
    holm(report["comparisons"], "p_folds")
    report["importance"] = importance(ask, report["figures"])
    report["learning"] = learning(ask, report["figures"])
    report["summary"] = summary(report, ask)
    with open(os.path.join(ask["out"], "report.json"), "w", encoding="utf-8") as out:
        json.dump(clean(report), out, indent=1, allow_nan=False)
    with open(os.path.join(ask["out"], "report.md"), "w", encoding="utf-8") as out:
        out.write(markdown(clean(report), ask))


def clean(value):
    if isinstance(value, dict):
        return {str(name): clean(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, numpy.ndarray)):
        return [clean(one) for one in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def load(path, ask):
    """Rows of one run: truth and prediction as numbers (index of the class), chances where there are some."""
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    rows = [row for row in rows if row[2] != ""]
    index = {name: number for number, name in enumerate(ask["classes"])}
    number = float if ask["problem"] == "regression" else index.__getitem__
    chances = None
    if ask["classes"] and rows and all(cell != "" for cell in rows[0][4:]) and len(rows[0]) == 4 + len(ask["classes"]):
        chances = numpy.array([[float(cell) for cell in row[4:]] for row in rows])
    return {
        "row": numpy.array([int(row[0]) for row in rows]),
        "fold": numpy.array([int(row[1]) for row in rows]),
        "truth": numpy.array([number(row[2]) for row in rows]),
        "predicted": numpy.array([number(row[3]) for row in rows]),
        "chances": chances,
    }


def taken(data, rows):
    return {name: None if values is None else values[rows] for name, values in data.items()}


# --- metrics --------------------------------------------------------------------------------------


def table_of(ask):
    """Names and functions of the metrics of this kind of problem; each gets the data."""
    if ask["problem"] == "regression":
        return {
            "rmse": lambda d: metrics.root_mean_squared_error(d["truth"], d["predicted"]),
            "mae": lambda d: metrics.mean_absolute_error(d["truth"], d["predicted"]),
            "median_ae": lambda d: metrics.median_absolute_error(d["truth"], d["predicted"]),
            "r2": lambda d: metrics.r2_score(d["truth"], d["predicted"]) if len(d["truth"]) > 1 else None,
            "bias": lambda d: float((d["predicted"] - d["truth"]).mean()),
            "mape": lambda d: None if (d["truth"] == 0).any()
            else metrics.mean_absolute_percentage_error(d["truth"], d["predicted"]),
        }
    table = {
        "accuracy": lambda d: float((d["truth"] == d["predicted"]).mean()),
        "balanced_accuracy": lambda d: metrics.balanced_accuracy_score(d["truth"], d["predicted"]),
        "mcc": lambda d: metrics.matthews_corrcoef(d["truth"], d["predicted"]),
        "log_loss": lambda d: None if d["chances"] is None
        else metrics.log_loss(d["truth"], share(d["chances"]), labels=range(len(ask["classes"]))),
    }
    if ask["problem"] == "binary":
        yes = ask["positive"]
        table |= {
            "precision": lambda d: metrics.precision_score(d["truth"] == yes, d["predicted"] == yes, zero_division=numpy.nan),
            "recall": lambda d: metrics.recall_score(d["truth"] == yes, d["predicted"] == yes, zero_division=numpy.nan),
            "f1": lambda d: metrics.f1_score(d["truth"] == yes, d["predicted"] == yes, zero_division=0.0),
            "roc_auc": lambda d: None if d["chances"] is None or one_sided(d["truth"] == yes)
            else metrics.roc_auc_score(d["truth"] == yes, d["chances"][:, yes]),
            "average_precision": lambda d: None if d["chances"] is None or one_sided(d["truth"] == yes)
            else metrics.average_precision_score(d["truth"] == yes, d["chances"][:, yes]),
            "brier": lambda d: None if d["chances"] is None
            else float(((d["chances"][:, yes] - (d["truth"] == yes)) ** 2).mean()),
        }
    else:
        table |= {
            "f1_macro": lambda d: metrics.f1_score(d["truth"], d["predicted"], average="macro", zero_division=0.0),
            "roc_auc_ovr": lambda d: None if d["chances"] is None or len(set(d["truth"])) < len(ask["classes"])
            else metrics.roc_auc_score(d["truth"], share(d["chances"]), multi_class="ovr", labels=range(len(ask["classes"]))),
        }
    return table


def one_sided(truth):
    return truth.all() or not truth.any()


def share(chances):
    total = chances.sum(axis=1, keepdims=True)
    return numpy.where(total > 0, chances / numpy.where(total > 0, total, 1), 1 / chances.shape[1])


def number(compute, data):
    try:
        value = compute(data)
    except ValueError:
        return None
    return None if value is None or not math.isfinite(value) else float(value)


def resamples(ask, n):
    """Percentile bootstrap over rows (Efron 1979); fewer resamples where each is dear."""
    times = ask["n_bootstrap"] if n <= 20_000 else min(ask["n_bootstrap"], 200)
    generator = numpy.random.default_rng(ask["seed"])
    return (generator.integers(0, n, n) for _ in range(times))


def intervals(own, ask):
    table = table_of(ask)
    found = {name: {"value": number(compute, own), "low": None, "high": None} for name, compute in table.items()}
    drawn = {name: [] for name in table}
    # Every metric on the same resamples; a third of them where there are many metrics.
    for at, rows in enumerate(resamples(ask, len(own["row"]))):
        if at >= 300:
            break
        some = taken(own, rows)
        for name, compute in table.items():
            drawn[name].append(number(compute, some))
    for name, values in drawn.items():
        values = [value for value in values if value is not None]
        if len(values) > 50:
            found[name]["low"], found[name]["high"] = numpy.quantile(values, [0.025, 0.975])
    return found


BUSINESS = ("precision at recall >= X", "recall at precision >= X", "cost fp=X fn=Y")


def business(own, ask):
    """The metric that counts in use, with the threshold that it implies."""
    text = (ask.get("business_metric") or "").strip().lower()
    if not text:
        return None
    told = {"text": text, "value": None, "threshold": None, "low": None, "high": None, "why": None}
    if ask["problem"] != "binary" or own["chances"] is None:
        return told | {"why": "it needs two classes and probabilities"}
    compute = business_of(text, ask["positive"])
    if compute is None:
        return told | {"why": f"it is not understood; these forms are: {', '.join(BUSINESS)}"}
    value, threshold = compute(own)
    if value is None:
        return told | {"why": "no threshold reaches that"}
    drawn = []
    for at, rows in enumerate(resamples(ask, len(own["row"]))):
        if at >= 200:
            break
        drawn.append(compute(taken(own, rows))[0])
    drawn = [one for one in drawn if one is not None]
    if len(drawn) > 50:
        told["low"], told["high"] = numpy.quantile(drawn, [0.025, 0.975])
    return told | {"value": value, "threshold": threshold}


def business_of(text, yes):
    bound = re.search(r"(precision|recall)\s*(?:at|@|where|with)\s*(?:>=)?\s*(\d+(?:\.\d+)?)?\s*%?\s*(precision|recall)?\s*(?:>=|of|=)?\s*(\d+(?:\.\d+)?)?", text)
    cost = re.search(r"fp\s*=\s*(\d+(?:\.\d+)?).*fn\s*=\s*(\d+(?:\.\d+)?)", text)
    if cost:
        dear_fp, dear_fn = map(float, cost.groups())

        def expected(data):
            chance, truth = data["chances"][:, yes], data["truth"] == yes
            order = numpy.argsort(-chance)
            hits = numpy.concatenate([[0], numpy.cumsum(truth[order])])
            said = numpy.arange(len(chance) + 1)
            costs = dear_fp * (said - hits) + dear_fn * (truth.sum() - hits)
            best = int(costs.argmin())
            threshold = 1.0 if best == 0 else float(chance[order][best - 1])
            return float(costs[best] / len(chance)), threshold

        return expected
    if not bound or not (bound.group(2) or bound.group(4)):
        return None
    wanted, level = bound.group(1), float(bound.group(2) or bound.group(4))
    level = level / 100 if level > 1 else level

    def at(data):
        chance, truth = data["chances"][:, yes], data["truth"] == yes
        if one_sided(truth):
            return None, None
        precision, recall, thresholds = metrics.precision_recall_curve(truth, chance)
        value, bounded = (precision, recall) if wanted == "precision" else (recall, precision)
        fits = numpy.flatnonzero(bounded[:-1] >= level)
        if not len(fits):
            return None, None
        best = fits[value[fits].argmax()]
        return float(value[best]), float(thresholds[best])

    return at


# --- ranking --------------------------------------------------------------------------------------


CUT = 10


def ranking(own, ask):
    """Order inside groups of rows that compete with each other: NDCG (Järvelin and Kekäläinen 2002, gain 2^rel - 1), mean
    reciprocal rank and mean average precision; intervals by bootstrap over groups, since rows of one group belong together."""
    if not ask.get("group"):
        return None
    told = {"group": ask["group"], "n_groups": None, "metrics": {}, "why": None}
    grades = grades_of(ask)
    if ask["problem"] == "multiclass" and grades is None:
        return told | {"why": "classes without an order can't be ranked"}
    if ask["problem"] == "binary" and own["chances"] is None:
        return told | {"why": "the model gives no probabilities to rank by"}
    names = ask["groups"]
    if names is None:
        return told | {"why": f"there is no column {ask['group']}"}
    if ask["problem"] == "multiclass":
        # Grades of relevance: each row by the grade that is expected of it.
        score = grades[own["predicted"]] if own["chances"] is None else share(own["chances"]) @ grades
        worth = grades[own["truth"]]
    else:
        score = own["predicted"] if ask["problem"] == "regression" else own["chances"][:, ask["positive"]]
        worth = own["truth"] if ask["problem"] == "regression" else (own["truth"] == ask["positive"]).astype(float)
    if worth.min() < 0:
        worth = worth - worth.min()
    members = {}
    for at, row in enumerate(own["row"]):
        members.setdefault(names.get(str(row)), []).append(at)
    rows = []
    for name, places in members.items():
        some = numpy.array(places)
        # A group of one, or of equals, says nothing about order.
        if name is None or len(some) < 2 or worth[some].min() == worth[some].max():
            continue
        rows.append(ranked(score[some], worth[some]))
    told["n_groups"] = len(rows)
    if not rows:
        return told | {"why": "no group holds two rows of different worth"}
    table, generator = numpy.array(rows), numpy.random.default_rng(ask["seed"])
    means = [table[generator.integers(0, len(table), len(table))].mean(axis=0) for _ in range(300)] if len(table) > 1 else []
    for at, name in enumerate((f"ndcg@{CUT}", "mrr", "map")):
        low, high = numpy.quantile([mean[at] for mean in means], [0.025, 0.975]) if means else (None, None)
        told["metrics"][name] = {"value": table[:, at].mean(), "low": low, "high": high}
    return told


def grades_of(ask):
    """Classes that are numbers, as the grades that they are; nothing where they are words."""
    try:
        return numpy.array([float(name) for name in ask["classes"]])
    except ValueError:
        return None


def ranked(score, worth):
    """NDCG at the cut, reciprocal rank and average precision of one group; what is worth most counts as relevant."""
    order = numpy.lexsort((numpy.arange(len(score)), -score))
    gains, discounts = 2.0 ** numpy.minimum(worth, 30) - 1, 1 / numpy.log2(numpy.arange(2, len(worth) + 2))
    n = min(CUT, len(worth))
    best = (numpy.sort(gains)[::-1][:n] * discounts[:n]).sum()
    found = (gains[order][:n] * discounts[:n]).sum() / best if best > 0 else 1.0
    relevant = (worth == worth.max())[order]
    places = numpy.flatnonzero(relevant)
    return found, 1 / (places[0] + 1), float(((numpy.arange(len(places)) + 1) / (places + 1)).mean())


# --- classes --------------------------------------------------------------------------------------


def classes(own, ask, figures):
    names = ask["classes"]
    matrix = metrics.confusion_matrix(own["truth"], own["predicted"], labels=range(len(names)))
    precision, recall, f1, n = metrics.precision_recall_fscore_support(
        own["truth"], own["predicted"], labels=range(len(names)), zero_division=numpy.nan)
    each = [
        {"class": name, "n": int(n[at]), "precision": precision[at], "recall": recall[at], "f1": f1[at],
         "n_predicted": int((own["predicted"] == at).sum())}
        for at, name in enumerate(names)
    ]
    found = {"confusion": {"classes": names, "counts": matrix}, "per_class": each, "calibration": None, "thresholds": None}
    draw_confusion(matrix, names, ask, figures)
    if own["chances"] is None:
        return found
    found["calibration"] = calibration(own, ask)
    draw_calibration(found["calibration"], ask, figures)
    draw_curves(own, ask, figures)
    if ask["problem"] == "binary":
        chance, truth = own["chances"][:, ask["positive"]], own["truth"] == ask["positive"]
        rows = []
        for threshold in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
            says = chance >= threshold
            hits = int((says & truth).sum())
            rows.append({"threshold": threshold, "share": float(says.mean()),
                         "precision": hits / int(says.sum()) if says.any() else None,
                         "recall": hits / int(truth.sum()) if truth.any() else None})
        found["thresholds"] = rows
    return found


def calibration(own, ask):
    """Bins of equal size; the expected calibration error is their weighted distance (Naeini et al. 2015)."""
    if ask["problem"] == "binary":
        chance, right = own["chances"][:, ask["positive"]], own["truth"] == ask["positive"]
    else:
        chance, right = own["chances"].max(axis=1), own["chances"].argmax(axis=1) == own["truth"]
    order = numpy.argsort(chance, kind="stable")
    bins = [part for part in numpy.array_split(order, BINS) if len(part)]
    rows = [{"n": len(part), "said": float(chance[part].mean()), "was": float(right[part].mean())} for part in bins]
    ece = sum(row["n"] * abs(row["said"] - row["was"]) for row in rows) / len(chance)
    return {"bins": rows, "ece": ece}


def figure(name, ask, figures, draw, size=(5.5, 4.2)):
    canvas, axes = pyplot.subplots(figsize=size)
    draw(axes)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    canvas.tight_layout()
    canvas.savefig(os.path.join(ask["out"], "figures", f"{name}.png"), dpi=110)
    pyplot.close(canvas)
    figures.append(f"figures/{name}.png")


def draw_confusion(matrix, names, ask, figures):
    if len(names) > 20:
        return

    def draw(axes):
        total = numpy.maximum(matrix.sum(axis=1, keepdims=True), 1)
        axes.imshow(matrix / total, cmap="Blues", vmin=0, vmax=1)
        for row in range(len(names)):
            for column in range(len(names)):
                axes.text(column, row, str(matrix[row, column]), ha="center", va="center",
                          color="white" if matrix[row, column] > 0.6 * total[row, 0] else "black")
        axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
        axes.set_yticks(range(len(names)), names)
        axes.set_xlabel("predicted")
        axes.set_ylabel("true")

    figure("confusion", ask, figures, draw)


def draw_calibration(found, ask, figures):
    def draw(axes):
        axes.plot([0, 1], [0, 1], color=GREY, linestyle=":")
        axes.plot([row["said"] for row in found["bins"]], [row["was"] for row in found["bins"]], "o-", color=BLUE)
        axes.set_xlabel("probability that was said")
        axes.set_ylabel("share that was so")

    figure("calibration", ask, figures, draw)


def draw_curves(own, ask, figures):
    picked = [ask["positive"]] if ask["problem"] == "binary" else list(range(len(ask["classes"])))[:10]
    picked = [at for at in picked if not one_sided(own["truth"] == at)]

    def roc(axes):
        axes.plot([0, 1], [0, 1], color=GREY, linestyle=":")
        for at in picked:
            false, true, _ = metrics.roc_curve(own["truth"] == at, own["chances"][:, at])
            axes.plot(false, true, label=ask["classes"][at])
        axes.set_xlabel("false positive rate")
        axes.set_ylabel("true positive rate")
        axes.legend(frameon=False)

    def precision_recall(axes):
        for at in picked:
            precision, recall, _ = metrics.precision_recall_curve(own["truth"] == at, own["chances"][:, at])
            axes.plot(recall, precision, label=ask["classes"][at])
        axes.set_xlabel("recall")
        axes.set_ylabel("precision")
        axes.legend(frameon=False)

    if picked:
        figure("roc", ask, figures, roc)
        figure("precision_recall", ask, figures, precision_recall)


# --- regression -----------------------------------------------------------------------------------


def residuals(own, ask, figures):
    error = own["predicted"] - own["truth"]
    spread = numpy.median(numpy.abs(error - numpy.median(error))) or error.std() or 1.0
    order = numpy.argsort(own["predicted"], kind="stable")
    deciles = [
        {"from": own["predicted"][part].min(), "to": own["predicted"][part].max(), "n": len(part),
         "mean_error": error[part].mean(), "mae": numpy.abs(error[part]).mean()}
        for part in numpy.array_split(order, BINS) if len(part)
    ]

    def against(axes):
        axes.scatter(own["truth"], own["predicted"], s=8, alpha=0.4, color=BLUE)
        ends = [min(own["truth"].min(), own["predicted"].min()), max(own["truth"].max(), own["predicted"].max())]
        axes.plot(ends, ends, color=GREY, linestyle=":")
        axes.set_xlabel(f"true {ask['target']}")
        axes.set_ylabel("predicted")

    def left(axes):
        axes.scatter(own["predicted"], -error, s=8, alpha=0.4, color=BLUE)
        axes.axhline(0, color=GREY, linestyle=":")
        axes.set_xlabel("predicted")
        axes.set_ylabel("true minus predicted")

    figure("predicted_and_true", ask, figures, against)
    figure("residuals", ask, figures, left)
    return {"residuals": {
        "mean": error.mean(), "std": error.std(ddof=1) if len(error) > 1 else None,
        "skew": stats.skew(error) if len(error) > 2 and error.std() > 0 else None,
        "far_share": float((numpy.abs(error - numpy.median(error)) > 3 * 1.4826 * spread).mean()), "deciles": deciles,
    }}


# --- errors ---------------------------------------------------------------------------------------


def loss(own, ask):
    """What each row costs: absolute error, log loss, or being wrong."""
    if ask["problem"] == "regression":
        return numpy.abs(own["predicted"] - own["truth"])
    if own["chances"] is None:
        return (own["predicted"] != own["truth"]).astype(float)
    chance = share(own["chances"])[numpy.arange(len(own["truth"])), own["truth"]]
    return -numpy.log(numpy.clip(chance, 1e-6, 1))


def groups_of(name, kind, cells, least):
    """Segments of a column: its values, its quartiles, its quarters, and what is missing."""
    missing = numpy.array([cell == NULL for cell in cells])
    found = [(f"{name} is missing", missing)]
    if kind in ("int", "float"):
        values = numpy.array([math.nan if cell == NULL else float(cell) for cell in cells])
        distinct = numpy.unique(values[~missing])
        if len(distinct) > 8:
            edges = numpy.unique(numpy.quantile(values[~missing], [0, 0.25, 0.5, 0.75, 1]))
            for low, high in zip(edges[:-1], edges[1:]):
                inside = (values >= low) & ((values < high) | (high == edges[-1]) & (values <= high))
                found.append((f"{name} from {low:.4g} to {high:.4g}", inside))
        else:
            found += [(f"{name} = {value:g}", values == value) for value in distinct]
    else:
        texts = [cell[:7] if kind == "time" else cell for cell in cells]
        if kind == "time":
            texts = [text if text == NULL else f"{text[:4]} Q{(int(text[5:7]) - 1) // 3 + 1}" for text in texts]
        texts = numpy.array(texts, dtype=object)
        values, counts = numpy.unique(texts[~missing].astype(str), return_counts=True)
        if len(values) <= 200:
            found += [(f"{name} = {value}", texts == value) for value, n in zip(values, counts) if n >= least]
    # What most rows have in common is no segment: it says that the others are easier.
    return [(what, inside) for what, inside in found if least <= inside.sum() <= min(len(cells) - least, len(cells) / 2)]


def segments(own, ask):
    """Loss inside against outside (Welch 1947), adjusted over every segment looked at (Holm 1979)."""
    if not ask.get("rows") or not os.path.exists(ask["rows"]):
        return {"segments": None, "n_segments": None}
    with open(ask["rows"], newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    cells = {int(row[0]): row for row in rows}
    kept = numpy.array([row in cells for row in own["row"]])
    own, costs = taken(own, kept), loss(own, ask)[kept]
    least = max(20, len(costs) // 100)
    asked = [name for name in ask["segments"] if name in header]
    kinds = dict(map(tuple, ask["columns"]))
    found = []
    for name in asked or list(kinds):
        if name not in header or name == ask["target"]:
            continue
        place = header.index(name)
        for what, inside in groups_of(name, kinds.get(name, "text"), [cells[row][place] for row in own["row"]], least):
            inner, outer = costs[inside], costs[~inside]
            test = stats.ttest_ind(inner, outer, equal_var=False)
            interval = test.confidence_interval(0.95) if inner.std() + outer.std() > 0 else None
            found.append({
                "segment": what, "n": int(inside.sum()), "loss": inner.mean(), "else": outer.mean(),
                "difference": inner.mean() - outer.mean(), "p": test.pvalue,
                "low": interval.low if interval else None, "high": interval.high if interval else None,
            })
    holm(found, "p")
    worse = [one for one in found if one["difference"] > 0 and (one["p_adjusted"] or 1) < 0.05]
    worse.sort(key=lambda one: -one["difference"])
    return {"segments": worse[:10], "n_segments": len(found)}


def holm(rows, name):
    known = sorted((row for row in rows if row.get(name) is not None and math.isfinite(row[name])), key=lambda row: row[name])
    highest = 0.0
    for row in rows:
        row[f"{name}_adjusted"] = None
    for at, row in enumerate(known):
        highest = max(highest, min(1.0, (len(known) - at) * row[name]))
        row[f"{name}_adjusted"] = highest


def worst_rows(own, ask):
    costs = loss(own, ask)
    name = (lambda value: ask["classes"][int(value)]) if ask["classes"] else float
    return [
        {"row": own["row"][at], "truth": name(own["truth"][at]), "predicted": name(own["predicted"][at]), "loss": costs[at]}
        for at in numpy.argsort(-costs)[:10]
    ]


def compare(own, other, ask):
    """Paired over rows by bootstrap; over folds by Nadeau and Bengio (2003); for classes McNemar's exact test (1947)."""
    theirs = load(other["predictions"], ask)
    common, left, right = numpy.intersect1d(own["row"], theirs["row"], return_indices=True)
    mine, theirs = taken(own, left), taken(theirs, right)
    compute = table_of(ask).get(ask["metric"])
    found = {"name": other["name"], "title": other["title"], "n_rows": len(common), "n_left_out": len(own["row"]) - len(common),
             "difference": None, "low": None, "high": None, "p_folds": None, "p_mcnemar": None}
    if compute and len(common):
        a, b = number(compute, mine), number(compute, theirs)
        if a is not None and b is not None:
            found["difference"] = a - b
            drawn = []
            for at, rows in enumerate(resamples(ask, len(common))):
                if at >= 300:
                    break
                a, b = number(compute, taken(mine, rows)), number(compute, taken(theirs, rows))
                if a is not None and b is not None:
                    drawn.append(a - b)
            if len(drawn) > 50:
                found["low"], found["high"] = numpy.quantile(drawn, [0.025, 0.975])
    scores = ask["fold_metric"].get(ask["experiment"]), ask["fold_metric"].get(other["name"])
    if all(scores) and len(scores[0]) == len(scores[1]) > 1:
        gaps = numpy.subtract(*scores)
        k = len(gaps)
        error = math.sqrt((1 / k + 1 / (k - 1)) * gaps.var(ddof=1))
        found["p_folds"] = 1.0 if gaps.any() and error == 0 else (2 * stats.t.sf(abs(gaps.mean()) / error, k - 1) if error else 1.0)
    if ask["problem"] != "regression" and len(common):
        a, b = mine["predicted"] == mine["truth"], theirs["predicted"] == theirs["truth"]
        only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
        found["p_mcnemar"] = stats.binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    return found


# --- worth of columns and rows --------------------------------------------------------------------


def importance(ask, figures):
    rows = [{"column": one["column"], "mean": float(numpy.mean(one["drops"])), "std": float(numpy.std(one["drops"], ddof=1)) if len(one["drops"]) > 1 else None} for one in ask["importance"]]
    rows.sort(key=lambda row: -row["mean"])
    if rows:
        shown = rows[:15][::-1]

        def draw(axes):
            axes.barh([row["column"] for row in shown], [row["mean"] for row in shown], xerr=[row["std"] or 0 for row in shown], color=BLUE)
            axes.set_xlabel(f"{ask['metric']} lost when the column is shuffled")

        figure("importance", ask, figures, draw, (6.5, 0.3 * len(shown) + 1.5))
    return rows


def learning(ask, figures):
    rows = [{"share": one["share"], "mean": float(numpy.mean(one["scores"])), "std": float(numpy.std(one["scores"], ddof=1)) if len(one["scores"]) > 1 else None} for one in ask["learning"]]
    rows.sort(key=lambda row: row["share"])
    if len(rows) > 1:
        def draw(axes):
            axes.errorbar([row["share"] for row in rows], [row["mean"] for row in rows], yerr=[row["std"] or 0 for row in rows], marker="o", color=BLUE)
            axes.set_xlabel("share of the training rows")
            axes.set_ylabel(ask["metric"])

        figure("learning", ask, figures, draw)
    return rows


# --- words ----------------------------------------------------------------------------------------


def short(value):
    return "not defined" if value is None else f"{value:.4g}"


def span(one):
    return f"{short(one['value'])}" + ("" if one["low"] is None else f" [{short(one['low'])}, {short(one['high'])}]")


def summary(report, ask):
    said = []
    main = report["metrics"].get(ask["metric"])
    if main:
        said.append(f"{ask['metric']} is {span(main)} over {report['n_rows']} rows that it was not trained on.")
        folds = [one for one in report["folds"] or [] if one is not None]
        if folds and short(numpy.mean(folds)) != short(main["value"]):
            said.append(f"The history shows {short(numpy.mean(folds))}: {ask['metric']} within each of {len(folds)} folds, in the mean. Here it is computed over all rows together, so the two differ.")
    found = report["business"]
    if found and found["value"] is not None:
        said.append(f"{found['text']}: {span(found)}, at the threshold {short(found['threshold'])}.")
    elif found:
        said.append(f"{found['text']}: not checked, {found['why']}.")
    found = report["ranking"]
    if found and found["why"]:
        said.append(f"Ranking inside {found['group']}: not checked, {found['why']}.")
    elif found:
        ndcg = found["metrics"][f"ndcg@{CUT}"]
        said.append(f"Inside {found['group']} the order has ndcg@{CUT} {span(ndcg)}, over {found['n_groups']} groups in which there is something to order.")
    for one in report["comparisons"][:3]:
        if one["low"] is None:
            continue
        if one["low"] == one["high"] == 0:
            said.append(f"{one['name']} has the same {ask['metric']} in every resample: nothing tells them apart.")
            continue
        holds = "holds" if one["low"] > 0 or one["high"] < 0 else "does not hold beyond chance"
        said.append(f"Against {one['name']} the difference in {ask['metric']} is {one['difference']:+.4g} [{one['low']:+.4g}, {one['high']:+.4g}] over rows: it {holds}.")
    if report["segments"]:
        worst = report["segments"][0]
        said.append(f"The worst segment of {report['n_segments']} is where {worst['segment']}: loss {short(worst['loss'])} against {short(worst['else'])} elsewhere, {worst['n']} rows.")
    elif report["n_segments"] is not None:
        said.append(f"No segment of {report['n_segments']} is worse than the rest beyond chance.")
    else:
        said.append("Segments: not checked, the rows are not there.")
    if report.get("calibration"):
        ece = report["calibration"]["ece"]
        said.append(f"Probabilities are off by {ece:.3f} in the mean (calibration error)" + ("; calibrate them before a threshold is chosen." if ece > 0.05 else "."))
    for one in report.get("per_class", []):
        if one["n"] and not one["n_predicted"]:
            said.append(f"The class {one['class']} is never predicted, though {one['n']} rows are of it.")
    if report.get("residuals") and abs(report["residuals"]["mean"]) > 0.1 * (report["residuals"]["std"] or math.inf):
        said.append(f"It predicts {abs(report['residuals']['mean']):.4g} too {'high' if report['residuals']['mean'] > 0 else 'low'} in the mean.")
    used = [row["column"] for row in report["importance"] if row["mean"] > 0][:3]
    if used:
        said.append(f"Most is lost when {', '.join(used)} are shuffled." if len(used) > 1 else f"Most is lost when {used[0]} is shuffled.")
    curve = report["learning"]
    if len(curve) > 1:
        rise = abs(curve[-1]["mean"] - curve[-2]["mean"])
        said.append(f"The last step of the learning curve, from {curve[-2]['share']:.0%} of the rows to all, moves {ask['metric']} by {rise:.4g}" + ("; more rows would help." if rise > (curve[-1]["std"] or 0) else ", within the noise of the folds."))
    return said[:14]


def rows_of(table, names):
    if not table:
        return "none\n"
    lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    lines += ["| " + " | ".join(short(row[name]) if isinstance(row.get(name), float) or row.get(name) is None else str(row[name]) for name in names) + " |" for row in table]
    return "\n".join(lines) + "\n"


def markdown(report, ask):
    parts = [f"# Evaluation of {ask['experiment']}: {ask['title']}\n",
             f"{report['n_rows']} rows that each model was not trained on, from {len(report['folds'] or [])} folds; target `{ask['target']}`. Intervals: 95 %, percentile bootstrap over rows, seed {ask['seed']}.\n",
             "\n".join(f"- {line}" for line in report["summary"]) + "\n", "## Metrics\n",
             rows_of([{"metric": name, **one} for name, one in report["metrics"].items()], ["metric", "value", "low", "high"])]
    if report.get("ranking") and report["ranking"]["metrics"]:
        parts += ["## Ranking\n", f"Inside `{report['ranking']['group']}`, {report['ranking']['n_groups']} groups.\n",
                  rows_of([{"metric": name, **one} for name, one in report["ranking"]["metrics"].items()], ["metric", "value", "low", "high"])]
    if report.get("confusion"):
        names = report["confusion"]["classes"]
        parts += ["## Confusion\n", rows_of([{"true": name, **dict(zip(names, counts))} for name, counts in zip(names, report["confusion"]["counts"])], ["true", *names]),
                  "## Classes\n", rows_of(report["per_class"], ["class", "n", "precision", "recall", "f1"])]
    if report.get("thresholds"):
        parts += ["## Thresholds\n", rows_of(report["thresholds"], ["threshold", "share", "precision", "recall"])]
    if report.get("residuals"):
        parts += ["## Residuals by decile of the prediction\n", rows_of(report["residuals"]["deciles"], ["from", "to", "n", "mean_error", "mae"])]
    parts += ["## Worst segments\n", "not checked: the rows are not there\n" if report["segments"] is None else rows_of(report["segments"], ["segment", "n", "loss", "else", "difference", "p_adjusted"]),
              "## Rows with the greatest loss\n", rows_of(report["worst_rows"], ["row", "truth", "predicted", "loss"]),
              "## Comparisons\n", rows_of(report["comparisons"], ["name", "title", "difference", "low", "high", "p_folds_adjusted", "p_mcnemar"]),
              "## Importance\n", rows_of(report["importance"], ["column", "mean", "std"]), "## Learning curve\n", rows_of(report["learning"], ["share", "mean", "std"])]
    parts += ["## Figures\n", "\n".join(f"![{os.path.basename(path)[:-4]}]({path})" for path in report["figures"]) + "\n"]
    return "\n".join(parts)


if __name__ == "__main__":
    main(sys.argv[1])
