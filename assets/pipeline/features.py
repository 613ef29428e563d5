"""Columns in, a matrix of numbers for a network out; what it learned is plain JSON."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import HashingVectorizer

from data import time_parts
from settings import Settings

MAX_LEVELS = 60
WORDS = HashingVectorizer(n_features=256, ngram_range=(1, 2), alternate_sign=False)


class Encoder:
    """Standardised numbers and times with a flag for gaps, a place for each frequent category, hashed words."""

    def __init__(self, columns: dict[str, list[str]], state: dict[str, Any] | None = None) -> None:
        self.columns, self.state = columns, state or {}

    def fit(self, features: pd.DataFrame) -> "Encoder":
        numbers, (low, middle, high) = self._numbers(features), (0.0, 0.0, 0.0)
        logs, medians, means, stds, gaps = [], [], [], [], []
        for values in numbers.T:
            found = values[np.isfinite(values)]
            is_log = False
            if len(found):
                low, middle, high = np.quantile(found, (0.05, 0.5, 0.95))
                is_log = bool(found.min() >= 0 and middle > 0 and high - middle > 4 * (middle - low))
            found = np.log1p(found) if is_log else found
            logs.append(is_log)
            gaps.append(len(found) < len(values))
            medians.append(float(np.median(found)) if len(found) else 0.0)
            means.append(float(found.mean()) if len(found) else 0.0)
            stds.append(float(found.std()) or 1.0 if len(found) else 1.0)
        frequent = max(2, min(10, len(features) // 100))
        levels = {}
        for name in self.columns["categories"]:
            counts = features[name].fillna("(none)").value_counts()
            levels[name] = sorted(counts[counts >= frequent].index[:MAX_LEVELS])
        rarity = {}
        for name in self.columns["texts"]:
            found = (WORDS.transform(features[name].fillna("")) > 0).sum(axis=0)
            rarity[name] = (np.log((1 + len(features)) / (1 + np.asarray(found).ravel())) + 1).tolist()
        self.state = {"logs": logs, "medians": medians, "means": means, "stds": stds, "gaps": gaps, "levels": levels, "rarity": rarity}
        return self

    def transform(self, features: pd.DataFrame) -> np.ndarray:
        numbers, state = self._numbers(features), self.state
        gaps = ~np.isfinite(numbers)
        for at in np.flatnonzero(state["logs"]):
            numbers[:, at] = np.log1p(np.clip(numbers[:, at], 0, None))
        numbers = np.where(gaps, state["medians"], numbers)
        scaled = np.clip((numbers - state["means"]) / state["stds"], -8, 8)  # a far value should not drown the others
        parts = [scaled, gaps[:, np.array(state["gaps"], dtype=bool)]]
        for name, levels in state["levels"].items():
            place = pd.Index(levels).get_indexer(features[name].fillna("(none)"))
            parts.append(np.eye(len(levels) + 1)[np.where(place < 0, len(levels), place)])  # the last place is for all others
        for name, rarity in state["rarity"].items():
            parts.append(WORDS.transform(features[name].fillna("")).toarray() * np.array(rarity))
        return np.hstack(parts).astype("float32")

    def _numbers(self, features: pd.DataFrame) -> np.ndarray:
        numbers = features[self.columns["numbers"]].to_numpy("float64", copy=True)
        return np.hstack([numbers, time_parts(features[self.columns["times"]])]) if self.columns["times"] else numbers
