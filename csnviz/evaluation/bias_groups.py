"""By which attribute: how much more often people who carry it are misread than people who do not, and how sure that is.

The unit is a person, however many frames there are of each. A difference between the means of two groups has Welch's standard error
and a t interval with as many degrees of freedom as the smaller group has people, less one (after Hsu 1938): Welch's own degrees
of freedom hold too little where six people are held against twenty-one and one group is the more varied. How often each kind of
interval holds the truth is measured by `csnviz.recipes.bias_coverage`; docs/results/bias.md has the table.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float64, Int64
from scipy.special import stdtr, stdtrit

from csnviz.errors import InputError
from csnviz.evaluation.bias import BIAS_KEYS
from csnviz.evaluation.intervals import FEWEST_PEOPLE

PRESENT, ABSENT = "present", "absent"
"""What an attribute is known to be; whatever else is said of it ("unsure", "not annotated") counts as unknown."""

ALPHA = 0.05
ATTRIBUTE_COLUMNS = ("participant", "attribute", "value", "by")
_ROUNDING = 1e-12


class Differences(NamedTuple):
    """Of K numbers: the mean of the first group less that of the second, its interval, and p (two-sided, against no difference).

    low, high and p are NaN where people carry no interval. first and second: how many people have a value in each group.
    """

    difference: Float64[np.ndarray, " K"]
    low: Float64[np.ndarray, " K"]
    high: Float64[np.ndarray, " K"]
    p: Float64[np.ndarray, " K"]
    first: Int64[np.ndarray, " K"]
    second: Int64[np.ndarray, " K"]


def group_differences(
    first: Float64[np.ndarray, "P K"], second: Float64[np.ndarray, "Q K"], coverage: float = 0.95
) -> Differences:
    """How much higher the first group's mean is, with intervals over people (see the head of this file); NaN = no value.

    There is no interval with fewer than three people with a value in either group, or where all people of one are alike: that
    gives no sign of how others would differ.

    By hand: 1, 2, 3 against 4, 5, 6 differ by -3 with a standard error of sqrt(1/3 + 1/3).
    """
    (mean, square, n), (other, other_square, m) = _moments(first), _moments(second)
    difference = mean - other
    carries = (np.minimum(n, m) >= FEWEST_PEOPLE) & (square > _ROUNDING) & (other_square > _ROUNDING)
    error = np.where(carries, np.sqrt(square + other_square), np.nan)
    freedom = np.maximum(np.minimum(n, m) - 1, 1)
    reach = stdtrit(freedom, (1 + coverage) / 2) * error
    p = 2 * stdtr(freedom, -np.abs(difference / error))
    return Differences(difference, difference - reach, difference + reach, p, n, m)


def _moments(
    values: Float64[np.ndarray, "P K"],
) -> tuple[Float64[np.ndarray, " K"], Float64[np.ndarray, " K"], Int64[np.ndarray, " K"]]:
    """The mean over people, its squared standard error, and over how many people."""
    known = ~np.isnan(values)
    n = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=0) / n
        square = np.where(known, (values - mean) ** 2, 0.0).sum(axis=0) / (n - 1) / n
    return mean, np.where(n > 1, square, 0.0), n


def attribute_differences(by_person: pd.DataFrame, attributes: pd.DataFrame, coverage: float = 0.95) -> pd.DataFrame:
    """What each attribute does to each measure, action unit and method: one line for each, differences in the measure's own unit.

    by_person: lines of `csnviz.evaluation.bias.bias_by_person`, of one or several methods. attributes: participant, attribute,
    value ("present" or "absent" count), by. What an attribute is must have been published, annotated by a person, or drawn; nothing
    here looks at a face. Columns: method, measure, au, attribute, by; difference, low, high, p (as in `Differences`); with_mean and
    without_mean; with_people and without_people (those with a value); unknown (people of whom the attribute is not known) and
    undefined (people of whom it is, but who have no such frame); tests and holm: over how many comparisons of that method and
    measure, all attributes and units together, and p after Holm's correction (1979) for so many; rare (at least half of the people
    on one side have exactly 0, where intervals hold less than they promise: docs/results/bias.md). InputError when a column is
    missing, a person stands twice, or nobody says who saw an attribute.
    """
    _check(by_person, attributes)
    values = by_person.pivot(index="participant", columns=["method", "measure", "au"], values="value")
    parts = [_of_attribute(values, name, rows, coverage) for name, rows in attributes.groupby("attribute", sort=False)]
    columns = [
        "method", "measure", "au", "attribute", "by", "difference", "low", "high", "p", "with_mean", "without_mean", "with_people",
        "without_people", "unknown", "undefined", "tests", "holm", "rare",
    ]  # fmt: skip
    if not parts:
        return pd.DataFrame(columns=columns)
    lines = pd.concat(parts, ignore_index=True)
    family = lines.groupby(["method", "measure"], sort=False)["p"]
    lines = lines.assign(tests=family.transform("count").astype(int), holm=family.transform(_holm_of))
    return lines.loc[:, columns]


def _of_attribute(values: pd.DataFrame, name: str, rows: pd.DataFrame, coverage: float) -> pd.DataFrame:
    said = rows.set_index("participant")["value"].reindex(values.index)
    here = values.to_numpy(float)
    first, second = here[_are(said, PRESENT)], here[_are(said, ABSENT)]
    found = group_differences(first, second, coverage)
    known = len(first) + len(second)
    words = rows.loc[rows["value"].isin([PRESENT, ABSENT]), "by"]
    return values.columns.to_frame(index=False).assign(
        attribute=name,
        by=", ".join(sorted(set(map(str, words)))),
        difference=found.difference,
        low=found.low,
        high=found.high,
        p=found.p,
        with_mean=_moments(first)[0],
        without_mean=_moments(second)[0],
        with_people=found.first,
        without_people=found.second,
        unknown=len(values) - known,
        undefined=known - found.first - found.second,
        rare=_mostly_none(first) | _mostly_none(second),
    )


def _mostly_none(values: Float64[np.ndarray, "P K"]) -> Bool[np.ndarray, " K"]:
    """Whether at least half of the people with a value have exactly 0."""
    return (values == 0).sum(axis=0) >= np.maximum((~np.isnan(values)).sum(axis=0), 1) / 2


def _are(said: pd.Series, value: str) -> Bool[np.ndarray, " P"]:
    return np.asarray(said == value, dtype=bool)


def _check(by_person: pd.DataFrame, attributes: pd.DataFrame) -> None:
    for table, wanted, name in (
        (by_person, (*BIAS_KEYS, "value"), "bias"),
        (attributes, ATTRIBUTE_COLUMNS, "attributes"),
    ):
        missing = [column for column in wanted if column not in table]
        if missing:
            raise InputError(f"A table of {name} needs the column {missing[0]}; found {list(table.columns)}.")
    doubled = by_person[by_person.duplicated(list(BIAS_KEYS))]
    if len(doubled):
        line = doubled.iloc[0]
        raise InputError(
            f"{line['participant']}: two lines of {line['method']}, {line['measure']}, {line['au']}. Keep one of them."
        )
    twice = attributes[attributes.duplicated(["participant", "attribute"])]
    if len(twice):
        line = twice.iloc[0]
        raise InputError(f"{line['participant']}: two rows about {line['attribute']}. Keep one of them.")
    unseen = attributes[attributes["value"].isin([PRESENT, ABSENT]) & (attributes["by"].astype(str) == "")]
    if len(unseen):
        line = unseen.iloc[0]
        raise InputError(
            f"{line['participant']}: {line['attribute']} is {line['value']}, but nobody says who saw it. Fill in the column by."
        )


def holm(p: Float64[np.ndarray, " T"]) -> Float64[np.ndarray, " T"]:
    """p after Holm's step-down correction (1979) for as many comparisons as have a p; NaN stays NaN and is not counted.

    >>> holm(np.array([0.01, 0.04, 0.03, np.nan])).tolist()
    [0.03, 0.06, 0.06, nan]
    """
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    raised = np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1))
    corrected = np.full(len(p), np.nan)
    corrected[order] = np.minimum(raised, 1.0)
    return corrected


def _holm_of(p: pd.Series) -> pd.Series:
    return pd.Series(holm(p.to_numpy(float)), index=p.index)


def comparisons_in_words(lines: pd.DataFrame, attribute: str) -> str:
    """What one attribute's lines of one measure amount to, counts and multiple comparisons said; lines: of `attribute_differences`.

    InputError when there is no line about that attribute.
    """
    here = lines[lines["attribute"] == attribute]
    if here.empty:
        raise InputError(f"There is no comparison by {attribute}; known are {sorted(set(lines['attribute']))}.")
    with_, without, unknown = (int(here[name].max()) for name in ("with_people", "without_people", "unknown"))
    people = f"{with_} {'person' if with_ == 1 else 'people'} with, {without} without"
    people += f", {unknown} unknown" if unknown else ""
    shown = here[here["low"].notna()]
    if shown.empty:
        return f"{people}: too few, or too much alike, for an interval. An interval needs three people on each side who differ."
    apart = shown[(shown["low"] > 0) | (shown["high"] < 0)]
    left = here[here["holm"] < ALPHA]
    chance = round(len(shown) * ALPHA, 1)
    kept = ", ".join(f"{_unit(line.au)} ({line.method})" for line in left.itertuples()) or "none"
    rare = int(shown["rare"].sum())
    doubt = f" {rare} of them are about errors that most people never meet: these promise too much." if rare else ""
    return (
        f"{people}. {len(shown)} intervals are shown, of which about {chance:g} would leave 0 out by chance alone; "
        f"{len(apart)} do. After Holm's correction for all {int(here['tests'].max())} comparisons of a method, attributes "
        f"together: {kept}.{doubt}"
    )


def _unit(column: str) -> str:
    return f"AU{int(column.removeprefix('AU'))}"
