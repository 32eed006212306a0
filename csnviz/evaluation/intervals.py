"""How sure a metric is, given that these participants were filmed and not others.

Frames of one person resemble each other, so people are drawn, not frames: each draw takes as many participants as there are,
with repeats, and keeps every frame of each. Everything but the drawing is done once, in sums per participant.
"""

import numpy as np
import pandas as pd
from jaxtyping import Float, Int64

from csnviz.data.tables import PredictionTable
from csnviz.errors import InputError
from csnviz.evaluation.metrics import both_known
from csnviz.evaluation.summary import ACROSS, MEAN_AU, WITHIN, MetricTable, cuts, summarise

# What is summed over the frames of a participant, for one action unit (e estimate, y label; the last three count frames).
_SUMS = ("n", "e", "y", "ee", "yy", "ey", "error", "true_positives", "estimated", "coded")

_KEYS = ["metric", "au", "group_by"]


def summarise_with_intervals(
    predictions: PredictionTable, draws: int = 1000, seed: int = 0, coverage: float = 0.95
) -> MetricTable:
    """What `summarise` says, with an interval beside every number about all participants (see `bootstrap_intervals`)."""
    rows = summarise(predictions).rows.drop(columns=["low", "high", "draws"])
    intervals = bootstrap_intervals(predictions, draws, seed, coverage)
    joined = rows.merge(intervals.assign(group="all"), on=[*_KEYS, "group"], how="left")
    return MetricTable(joined.assign(draws=joined["draws"].fillna(0).astype(int)))


def bootstrap_intervals(
    predictions: PredictionTable, draws: int = 1000, seed: int = 0, coverage: float = 0.95
) -> pd.DataFrame:
    """Participant-cluster percentile intervals: metric, au (or "mean"), group_by (across, within), low, high, draws.

    `draws` counts the draws in which the number was defined; with fewer than two participants nothing can be drawn, and the
    interval is NaN with 0 draws. The same seed gives the same interval.
    """
    sums = _sums_of(predictions)
    if len(sums) < 2:
        return _interval_rows(_drawn_values(predictions, sums, np.ones((1, len(sums)), np.int64)), np.nan).assign(
            draws=0
        )
    return _interval_rows(_drawn_values(predictions, sums, _draw(len(sums), draws, seed)), coverage)


def bootstrap_difference(
    first: PredictionTable, second: PredictionTable, draws: int = 1000, seed: int = 0, coverage: float = 0.95
) -> pd.DataFrame:
    """How much higher the second method's metrics are than the first's: metric, au, group_by, difference, low, high, draws.

    Both methods meet the same draws of participants, so what they share cancels. InputError when the tables are not about the
    same frames.
    """
    check_same_frames(first, second)
    sums = _sums_of(first), _sums_of(second)
    people = len(sums[0])
    # The first line takes everybody once: the difference itself.
    weights = np.concatenate([np.ones((1, people), np.int64), _draw(people, draws, seed)])
    one, other = (_drawn_values(table, part, weights) for table, part in zip((first, second), sums, strict=True))
    difference = {key: other[key] - one[key] for key in one}
    rows = _interval_rows({key: values[1:] for key, values in difference.items()}, coverage if people > 1 else np.nan)
    rows.insert(3, "difference", [values[0] for values in difference.values()])
    return rows


def check_same_frames(first: PredictionTable, second: PredictionTable) -> None:
    """InputError unless both tables hold the same frames in the same order, and the same action units."""
    if first.aus != second.aus:
        raise InputError(
            f"{first.method} and {second.method} estimate different AUs. Compare tables with the same AUs."
        )
    if list(first.rows["frame_id"]) != list(second.rows["frame_id"]):
        raise InputError(
            f"{first.method} and {second.method} are not about the same frames. Select the same rows of both."
        )


def _draw(people: int, draws: int, seed: int) -> Int64[np.ndarray, "D P"]:
    """How often each participant is taken in each draw."""
    return np.random.default_rng(seed).multinomial(people, np.full(people, 1 / people), size=draws)


def _sums_of(predictions: PredictionTable) -> Float[np.ndarray, "P A K"]:
    """The sums of _SUMS for every participant and action unit, all that the metrics need."""
    estimate, label = predictions.estimate.astype(float), predictions.label.astype(float)
    known = both_known(estimate, label)
    present = np.array(cuts(predictions))
    estimated, coded = known & (estimate >= present[:, 0]), known & (label >= present[:, 1])
    error = np.abs(estimate - label)
    # ICC does not see a constant; taking one off first keeps the sums of squares sharp.
    estimate, label = (np.where(known, values - _middle(values, known), 0.0) for values in (estimate, label))
    products = estimate**2, label**2, estimate * label
    counted = np.where(known, error, 0.0), estimated & coded, estimated, coded
    frames = np.stack([known, estimate, label, *products, *counted], axis=-1)
    who, people = pd.factorize(predictions.rows["participant"])
    sums = np.zeros((len(people), *frames.shape[1:]))
    np.add.at(sums, who, frames)
    return sums


def _middle(values: Float[np.ndarray, "N A"], known: np.ndarray) -> Float[np.ndarray, " A"]:
    """A value in the midst of each column; exactly the column's value when it is constant."""
    return np.array([np.median(v[k]) if k.any() else 0.0 for v, k in zip(values.T, known.T, strict=True)])


def _drawn_values(
    predictions: PredictionTable, sums: Float[np.ndarray, "P A K"], weights: Int64[np.ndarray, "D P"]
) -> dict[tuple[str, str, str], Float[np.ndarray, " D"]]:
    """For each metric, action unit and grouping, its value in every draw."""
    pooled = _metrics_from(np.einsum("dp,pak->dak", weights, sums), predictions.quantity)
    single = _metrics_from(sums, predictions.quantity)
    values = {}
    for metric in pooled:
        for group_by, drawn in ((ACROSS, pooled[metric]), (WITHIN, _mean_of_people(single[metric], weights))):
            for column, au in enumerate(predictions.aus.columns):
                values[metric, au, group_by] = drawn[:, column]
            values[metric, MEAN_AU, group_by] = _mean_of_units(drawn)
    return values


def _metrics_from(sums: Float[np.ndarray, "G A K"], quantity: str) -> dict[str, Float[np.ndarray, "G A"]]:
    """The metrics of each group of frames from its sums, NaN where `metrics` has NaN."""
    n, e, y, ee, yy, ey, error, hits, estimated, coded = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = {
            "f1": 2 * hits / (estimated + coded),
            "precision": hits / estimated,
            "recall": hits / coded,
            "accuracy": (n - estimated - coded + 2 * hits) / n,
        }
        total = (ee - e**2 / n) + (yy - y**2 / n)
        # Rounding leaves a trace of spread where there is none.
        total = np.where((n >= 2) & (total > 1e-12 * (ee + yy)), total, np.nan)
        agreement = {"icc31": 2 * (ey - e * y / n) / total, "mae": error / n}
    return scores if quantity == "occurrence" else {**agreement, **scores}


def _mean_of_people(values: Float[np.ndarray, "P A"], weights: Int64[np.ndarray, "D P"]) -> Float[np.ndarray, "D A"]:
    defined = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return (weights @ np.where(defined, values, 0.0)) / (weights @ defined.astype(float))


def _mean_of_units(values: Float[np.ndarray, "D A"]) -> Float[np.ndarray, " D"]:
    defined = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.where(defined, values, 0.0).sum(axis=1) / defined.sum(axis=1)


def _interval_rows(values: dict[tuple[str, str, str], Float[np.ndarray, " D"]], coverage: float) -> pd.DataFrame:
    rows = []
    for key, drawn in values.items():
        defined = drawn[~np.isnan(drawn)]
        tails = [(1 - coverage) / 2, (1 + coverage) / 2]
        known = len(defined) > 0 and not np.isnan(coverage)
        low, high = np.quantile(defined, tails) if known else (np.nan, np.nan)
        rows.append([*key, low, high, len(defined) if known else 0])
    return pd.DataFrame(rows, columns=[*_KEYS, "low", "high", "draws"])
