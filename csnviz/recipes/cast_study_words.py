"""The study's tables as Markdown, as they stand in docs/results/cast_study.md."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from csnviz.evaluation.summary import ACROSS, MEAN_AU, WITHIN

_SCORES = (
    ("ICC across", "icc31", ACROSS),
    ("ICC within", "icc31", WITHIN),
    ("MAE ↓", "mae", ACROSS),
    ("F1", "f1", ACROSS),
    ("precision", "precision", ACROSS),
    ("recall", "recall", ACROSS),
)


def study_lines(
    words: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], seconds: Mapping[str, float]
) -> list[str]:
    """Every table that is there, the mean over AUs with 95 % intervals over people, and how long each part took."""
    lines = [str(words["caveat"]), ""]
    if "learning_rates" in words:
        rates = ", ".join(f"{method} {rate:g}" for method, rate in words["learning_rates"].items())
        lines += [f"Learning rates, chosen on validation people: {rates}.", ""]
    for name, section in (("scores", _score_lines), ("effects", _effect_lines), ("coverage", _coverage_lines)):
        if name in tables:
            lines += [*section(tables), ""]
    if "coverage_networks" in words:
        lines += [f"Planted-bias check with {words['coverage_networks']}.", ""]
    return [*lines, "Seconds: " + ", ".join(f"{part} {taken:.0f}" for part, taken in seconds.items()) + "."]


def _score_lines(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    heads = [*(title for title, _, _ in _SCORES), "spread between people ↓"]
    spread = tables["spread"][tables["spread"]["au"] == MEAN_AU].set_index(["dial", "method"])["value"]
    for dial in tables["scores"]["dial"].unique():
        yield from ("", *_head([f"dial {dial:g}: mean over AUs", "seeds", *heads]))
        for method, rows in _here(tables["scores"], dial):
            cells = [_cell(rows, metric, group_by) for _, metric, group_by in _SCORES]
            yield _piped([method, str(int(rows["seeds"].iloc[0])), *cells, f"{spread[dial, method]:.3f}"])
        for method, rows in _here(tables["differences"], dial):
            cells = [_cell(rows, metric, group_by, "+") for _, metric, group_by in _SCORES]
            yield _piped([method, str(int(rows["seeds"].iloc[0])), *cells, ""])


def _here(rows: pd.DataFrame, dial: float) -> Iterator[tuple[str, pd.DataFrame]]:
    for method, found in rows[rows["dial"] == dial].groupby("method", sort=False):
        yield str(method), found


def _cell(rows: pd.DataFrame, metric: str, group_by: str, sign: str = "") -> str:
    line = rows[(rows["metric"] == metric) & (rows["au"] == MEAN_AU) & (rows["group_by"] == group_by)].iloc[0]
    return _value(line["value"], line["low"], line["high"], sign)


def _effect_lines(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    keys = ["attribute", "au", "frames", "changed"]
    for dial, rows in tables["effects"].groupby("dial", sort=False):
        methods = list(dict.fromkeys(rows["method"]))
        yield from ("", *_head([f"dial {dial:g}: attribute", "AU", "frames", "switched on", "people", *methods]))
        for key, found in rows.groupby(keys, sort=False):
            cells = [_one(found[found["method"] == method]) for method in methods]
            yield _piped([*map(str, key), str(int(found["people"].max())), *cells])


def _one(line: pd.DataFrame) -> str:
    if line.empty:
        return ""
    one = line.iloc[0]
    return _value(one["change"], one["low"], one["high"], "+")


def _coverage_lines(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    yield from _head(["attribute", "AU", "switched on", "method", "exact effect", "covered", "mean width", "people"])
    for line in tables["coverage"].itertuples():
        values = [f"{line.exact:+z.3f}", f"{100 * line.covered:.1f} %", f"{line.width:.3f}", str(line.people)]
        yield _piped([line.attribute, line.au, line.changed, line.method, *values])


def _value(value: float, low: float, high: float, sign: str = "") -> str:
    """A value with its interval, a dash for what is undefined; "z" keeps a zero from carrying a minus."""
    if math.isnan(value):
        return "–"
    interval = "" if math.isnan(low) else f" [{low:{sign}z.3f}, {high:{sign}z.3f}]"
    return f"{value:{sign}z.3f}{interval}"


def _head(titles: Sequence[str]) -> list[str]:
    return [_piped(titles), "|" + "---|" * len(titles)]


def _piped(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
