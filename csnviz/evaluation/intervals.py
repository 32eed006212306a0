"""How sure a metric is, given that these participants were filmed and not others.

Frames of one person resemble each other, so people are drawn, not frames: each draw takes as many participants as there are,
with repeats, and keeps every frame of each. The interval is the symmetric studentised one (bootstrap-t, after Efron and
Tibshirani 1993, section 12.5, and Hall 1988): a draw's distance from the number is measured in that draw's own standard error,
and the distance that the wanted share of draws stays within is laid around the number. The plain percentile interval is too
narrow where a few people carry a unit; tests/evaluation/test_coverage.py holds this one against cohorts drawn afresh.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from jaxtyping import Float64, Int64

from csnviz.data.tables import PredictionTable
from csnviz.evaluation.person_sums import Key, PersonSums
from csnviz.evaluation.same_frames import check_same_frames
from csnviz.evaluation.summary import MetricTable, summarise

FEWEST_PEOPLE = 3
"""With fewer participants there is no interval: two say nothing about how people differ."""

_KEYS = ["metric", "au", "group_by"]
_AT_ONCE = 100
# A standard error below this comes of rounding: nobody's absence changes anything.
_NO_SPREAD = 1e-9

Values = Float64[np.ndarray, " D"]
ValuesOf = Callable[[Int64[np.ndarray, "D P"]], dict[Key, Values]]
Scale = tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]


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
    """Participant-cluster bootstrap-t intervals: metric, au (or "mean"), group_by (across, within), low, high, draws.

    `draws` counts the draws that an interval stands on: those in which the number was defined and more than one participant
    came. There is no interval (NaN, 0 draws) where these people cannot carry one: with fewer than three participants; where nothing
    changes whomever one leaves out, which gives no sign of what others would do; and where so few show the unit that one draw in
    twenty has no standard error of its own. Intervals stay within the metric's range. The same seed gives the same one.
    """
    people = PersonSums.of(predictions)
    drawn = values_of_draws(people.values, len(people), draws, seed)
    rows = [[*key, *interval_from(*drawn[key], scale_of(key[0]), coverage)] for key in drawn]
    return pd.DataFrame(rows, columns=[*_KEYS, "low", "high", "draws"])


def bootstrap_difference(
    first: PredictionTable, second: PredictionTable, draws: int = 1000, seed: int = 0, coverage: float = 0.95
) -> pd.DataFrame:
    """How much higher the second method's metrics are than the first's: metric, au, group_by, difference, low, high, draws.

    Both methods meet the same draws of participants, so what they share cancels. Intervals as in `bootstrap_intervals`.
    InputError when the tables are not about the same frames.
    """
    check_same_frames(first, second)
    one, other = PersonSums.of(first), PersonSums.of(second)

    def difference(weights: Int64[np.ndarray, "D P"]) -> dict[Key, Values]:
        lower, higher = one.values(weights), other.values(weights)
        return {key: higher[key] - lower[key] for key in lower}

    drawn = values_of_draws(difference, len(one), draws, seed)
    rows = [[*key, drawn[key][0][0], *interval_from(*drawn[key], AS_IT_IS, coverage)] for key in drawn]
    return pd.DataFrame(rows, columns=[*_KEYS, "difference", "low", "high", "draws"])


def values_of_draws(
    values_of: ValuesOf, people: int, draws: int, seed: int
) -> dict[Key, tuple[Values, Float64[np.ndarray, "D P"], Int64[np.ndarray, "D P"]]]:
    """For each number its value in every draw, its value in that draw less one of each participant, and the draws.

    The first draw takes everybody once: the number itself.
    """
    weights = np.ones((1, people), np.int64)
    if people >= FEWEST_PEOPLE:
        random = np.random.default_rng(seed).multinomial(people, np.full(people, 1 / people), size=draws)
        weights = np.concatenate([weights, random])
    parts = [_with_one_out(values_of, part) for part in np.array_split(weights, -(-len(weights) // _AT_ONCE))]
    joined = {
        key: [np.concatenate(pieces) for pieces in zip(*(p[key] for p in parts), strict=True)] for key in parts[0]
    }
    return {key: (value, without_one, weights) for key, (value, without_one) in joined.items()}


def _with_one_out(
    values_of: ValuesOf, weights: Int64[np.ndarray, "D P"]
) -> dict[Key, tuple[Values, Float64[np.ndarray, "D P"]]]:
    draws, people = weights.shape
    # Somebody who was not drawn cannot be taken out; that place is never read.
    without_one = np.maximum(weights[:, None, :] - np.eye(people, dtype=np.int64), 0).reshape(-1, people)
    left = values_of(without_one)
    return {key: (value, left[key].reshape(draws, people)) for key, value in values_of(weights).items()}


def interval_from(
    values: Values,
    without_one: Float64[np.ndarray, "D P"],
    weights: Int64[np.ndarray, "D P"],
    scale: Scale,
    coverage: float,
) -> tuple[float, float, int]:
    """Low, high, and the number of draws they stand on; the first line is about everybody."""
    there, back = scale
    with np.errstate(invalid="ignore", divide="ignore"):
        places, errors = there(values), _standard_errors(there(without_one), weights)
        # A draw without a standard error says that the number may lie anywhere; leaving it out would make us too sure.
        distances = np.where(errors > _NO_SPREAD, np.abs(places - places[0]) / errors, np.inf)
    defined = np.isfinite(places) & ((weights > 0).sum(axis=1) > 1)
    defined[0] = False
    if not defined.any() or not errors[0] > _NO_SPREAD:
        return np.nan, np.nan, 0
    reach = np.quantile(distances[defined], coverage, method="higher") * errors[0]
    if not np.isfinite(reach):
        return np.nan, np.nan, 0
    low, high = back(places[0] + np.array([-reach, reach]))
    return float(low), float(high), int(defined.sum())


def _standard_errors(without_one: Float64[np.ndarray, "D P"], weights: Int64[np.ndarray, "D P"]) -> Values:
    """The jackknife's standard error of each draw: people are left out one at a time, whoever was drawn twice twice."""
    people = weights.sum(axis=1)
    left = np.where(weights > 0, without_one, 0.0)
    middle = (weights * left).sum(axis=1) / people
    return np.sqrt((people - 1) / people * (weights * (left - middle[:, None]) ** 2).sum(axis=1))


# A metric is stretched where it is crowded, near the ends of its range, and its interval never leaves that range.
AS_IT_IS: Scale = (lambda value: value, lambda place: place)
_CORRELATION: Scale = (
    lambda value: np.arcsin(np.clip(value, -1, 1)),
    lambda place: np.sin(np.clip(place, -np.pi / 2, np.pi / 2)),
)
_ERROR: Scale = (np.sqrt, lambda place: np.maximum(place, 0) ** 2)
_SHARE: Scale = (
    lambda value: np.arcsin(np.sqrt(np.clip(value, 0, 1))),
    lambda place: np.sin(np.clip(place, 0, np.pi / 2)) ** 2,
)


def scale_of(metric: str) -> Scale:
    """How a metric is stretched before distances are taken on it."""
    if metric in ("icc31", "pcc"):
        return _CORRELATION
    return _ERROR if metric in ("mae", "mse") else _SHARE
