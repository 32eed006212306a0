"""A method's metrics averaged over several trainings of it, and how sure the average is, given that these people were filmed.

Each training sees the same held-out people, so people are drawn once for all of them: the interval is that of
`csnviz.evaluation.intervals` around the mean. It speaks of other people, not of other trainings; their spread stands beside it.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float64, Int64

from csnviz.data.tables import PredictionTable
from csnviz.errors import InputError
from csnviz.evaluation.intervals import AS_IT_IS, interval_from, scale_of, values_of_draws
from csnviz.evaluation.person_sums import Key, PersonSums
from csnviz.evaluation.same_frames import check_same_frames

_KEYS = ["metric", "au", "group_by"]


def mean_over_seeds(
    tables: Sequence[PredictionTable], draws: int = 1000, seed: int = 0, coverage: float = 0.95
) -> pd.DataFrame:
    """metric, au (or "mean"), group_by (across, within), value (the mean over the tables), low, high, least and most of them.

    tables: one of each training, all about the same frames; InputError when they are not.
    """
    parts = _sums(tables)
    drawn = values_of_draws(lambda weights: _mean_values(parts, weights), len(parts[0]), draws, seed)
    rows = []
    for key, each in _single(parts).items():
        low, high, _ = interval_from(*drawn[key], scale_of(key[0]), coverage)
        rows.append([*key, float(drawn[key][0][0]), low, high, float(each.min()), float(each.max())])
    return pd.DataFrame(rows, columns=[*_KEYS, "value", "low", "high", "least", "most"])


def difference_over_seeds(
    first: Sequence[PredictionTable],
    second: Sequence[PredictionTable],
    draws: int = 1000,
    seed: int = 0,
    coverage: float = 0.95,
) -> pd.DataFrame:
    """How much higher the second method's metrics are than the first's, both averaged over their trainings: as `mean_over_seeds`.

    `least` and `most` are of training by training, in order: those with the same seed stand at the same place.
    """
    if len(first) != len(second):
        raise InputError(f"{len(first)} trainings are compared with {len(second)}. Compare as many with as many.")
    check_same_frames(first[0], second[0])
    one, other = _sums(first), _sums(second)

    def difference(weights: Int64[np.ndarray, "D P"]) -> dict[Key, Float64[np.ndarray, " D"]]:
        lower, higher = _mean_values(one, weights), _mean_values(other, weights)
        return {key: higher[key] - lower[key] for key in lower}

    drawn = values_of_draws(difference, len(one[0]), draws, seed)
    lower, higher = _single(one), _single(other)
    rows = []
    for key in lower:
        low, high, _ = interval_from(*drawn[key], AS_IT_IS, coverage)
        each = higher[key] - lower[key]
        rows.append([*key, float(drawn[key][0][0]), low, high, float(each.min()), float(each.max())])
    return pd.DataFrame(rows, columns=[*_KEYS, "value", "low", "high", "least", "most"])


def _sums(tables: Sequence[PredictionTable]) -> list[PersonSums]:
    if not tables:
        raise InputError("There is no training to average over. Name one table for each.")
    for table in tables[1:]:
        check_same_frames(tables[0], table)
    return [PersonSums.of(table) for table in tables]


def _mean_values(
    parts: Sequence[PersonSums], weights: Int64[np.ndarray, "D P"]
) -> dict[Key, Float64[np.ndarray, " D"]]:
    values = [part.values(weights) for part in parts]
    return {key: np.mean([each[key] for each in values], axis=0) for key in values[0]}


def _single(parts: Sequence[PersonSums]) -> dict[Key, Float64[np.ndarray, " S"]]:
    """Each training's own numbers, everybody taken once."""
    everybody = np.ones((1, len(parts[0])), np.int64)
    values = [part.values(everybody) for part in parts]
    return {key: np.array([each[key][0] for each in values]) for key in values[0]}
