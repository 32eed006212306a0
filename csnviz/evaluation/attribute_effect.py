"""What an attribute does to an estimate: the on / off change, averaged over people, and how sure that average is.

A change is how much higher a person's estimate of a unit is when the person carries the attribute than when not, everything else
being the same. Its interval is that of `csnviz.evaluation.intervals` for a mean over people; for a mean the standard error
of every draw has a closed form, so that a thousand cohorts take seconds. `share_covered` asks whether such intervals hold what
they promise: of a pool whose exact effect is known, cohorts are drawn, and each cohort's interval holds the exact effect or not.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float64, Int64

from csnviz.errors import InputError
from csnviz.evaluation.intervals import FEWEST_PEOPLE

EFFECT_KEYS = ["attribute", "au", "frames", "changed", "method"]
"""Which attribute; the unit that is estimated ("AU01"); on which frames ("label 0", "label >= 2"); where the attribute was switched
on (the image, the reference, both); and whose estimate it is."""

_COLUMNS = [*EFFECT_KEYS, "participant", "change"]

# A share of a draw's mean square that is no spread but rounding.
_ROUNDING = 1e-12


class MeanIntervals(NamedTuple):
    """Of K numbers, each averaged over people: the mean and the ends of its interval, (K,) each; NaN where there is no interval."""

    mean: Float64[np.ndarray, " K"]
    low: Float64[np.ndarray, " K"]
    high: Float64[np.ndarray, " K"]


def mean_intervals(
    changes: Float64[np.ndarray, "P K"], draws: int = 1000, seed: int | tuple[int, ...] = 0, coverage: float = 0.95
) -> MeanIntervals:
    """The mean over P people of each column, with its bootstrap-t interval (see `csnviz.evaluation.intervals`).

    No value may be NaN. There is no interval with fewer than three people, where all people are alike, and where so few differ
    that one draw in twenty has no standard error. The same seed gives the same draws for every column.

    By hand: three people with 1, 2 and 3 have the mean 2, and its standard error is 1 / sqrt(3).
    """
    people = len(changes)
    mean = changes.mean(axis=0) if people else np.full(changes.shape[1], np.nan)
    if people < FEWEST_PEOPLE:
        return MeanIntervals(mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan))
    random = np.random.default_rng(seed).multinomial(people, np.full(people, 1 / people), size=draws)
    random = random[(random > 0).sum(axis=1) > 1]
    # Distances are between a draw and the mean, so the mean may be taken off first: it keeps the squares sharp.
    apart, spread = _mean_and_error(random, changes - mean)
    _, error = _mean_and_error(np.ones((1, people), np.int64), changes - mean)
    with np.errstate(divide="ignore", invalid="ignore"):
        distances = np.where(spread > 0, np.abs(apart) / spread, np.inf)
        reach = np.quantile(distances, coverage, axis=0, method="higher") * error[0]
    reach = np.where(np.isfinite(reach) & (error[0] > 0), reach, np.nan)
    return MeanIntervals(mean, mean - reach, mean + reach)


def _mean_and_error(
    weights: Int64[np.ndarray, "D P"], values: Float64[np.ndarray, "P K"]
) -> tuple[Float64[np.ndarray, "D K"], Float64[np.ndarray, "D K"]]:
    """Each draw's mean and the jackknife's standard error of it: sd / sqrt(P), people counted as often as they were drawn."""
    people = len(values)
    mean, square = weights @ values / people, weights @ values**2 / people
    spread = square - mean**2
    spread = np.where(spread > _ROUNDING * square, spread, 0.0)
    return mean, np.sqrt(spread / (people - 1))


def effects(changes: pd.DataFrame, draws: int = 1000, seed: int = 0, coverage: float = 0.95) -> pd.DataFrame:
    """The mean change over people for each attribute, unit, kind of frame, place and method: keys, change, low, high, people.

    changes: EFFECT_KEYS, participant and change (in intensity steps), one line for each person. People without a change (NaN:
    they have no such frame) are left out of that line, and `people` counts those who stay. InputError when a column is missing or
    a person stands twice in one line's group.
    """
    missing = [name for name in _COLUMNS if name not in changes]
    if missing:
        raise InputError(f"A table of changes needs the column {missing[0]}; found {list(changes.columns)}.")
    twice = changes[changes.duplicated([*EFFECT_KEYS, "participant"])]
    if len(twice):
        line = twice.iloc[0]
        raise InputError(
            f"{line['participant']}: two changes of {line['au']} by {line['attribute']}. Average a person's changes first."
        )
    rows = []
    for key, group in changes.groupby(EFFECT_KEYS, sort=False):
        known = group["change"].dropna().to_numpy(float)
        found = mean_intervals(known[:, None], draws, seed, coverage)
        rows.append([*key, float(found.mean[0]), float(found.low[0]), float(found.high[0]), len(known)])
    return pd.DataFrame(rows, columns=[*EFFECT_KEYS, "change", "low", "high", "people"])


class Covered(NamedTuple):
    """Of K effects in a pool: the exact effect, the share of cohorts whose interval held it, and the intervals' mean width."""

    exact: Float64[np.ndarray, " K"]
    share: Float64[np.ndarray, " K"]
    width: Float64[np.ndarray, " K"]


def share_covered(
    pool: Float64[np.ndarray, "P K"], people: int = 20, cohorts: int = 1000, draws: int = 1000, seed: int = 0
) -> Covered:
    """How often the interval of a cohort of so many people holds the exact effect, which is the mean over the whole pool.

    Cohorts are drawn with replacement: without it, people who have been drawn would tell of those who are left, and intervals made
    for an endless population would be too wide. A cohort without an interval counts as one that missed. InputError for a pool with
    a NaN or with nobody in it.
    """
    if not len(pool) or np.isnan(pool).any():
        raise InputError("Every person of a pool needs every change. Leave out who has no such frame.")
    exact = pool.mean(axis=0)
    held, widths = np.zeros(pool.shape[1]), []
    random = np.random.default_rng(seed)
    for cohort in range(cohorts):
        found = mean_intervals(pool[random.integers(len(pool), size=people)], draws, (seed, cohort))
        held += (found.low <= exact) & (exact <= found.high)
        widths.append(found.high - found.low)
    return Covered(exact, held / cohorts, _mean_of_known(np.array(widths)))


def _mean_of_known(values: Float64[np.ndarray, "C K"]) -> Float64[np.ndarray, " K"]:
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.where(known, values, 0.0).sum(axis=0) / known.sum(axis=0)
