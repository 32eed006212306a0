"""One line of the table that says whether explanations can be believed: what was asked, what was found, and whether it holds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from csnviz.evaluation.attribute_effect import mean_intervals

HOLDS, FAILS, TOO_FEW, SAID = "yes", "**no**", "too few", ""
"""Borne out, not borne out, not enough frames or people to say, and what is told beside it without being asked for."""


@dataclass(frozen=True)
class Finding:
    """check: what was looked at. asked: what would have to be so. found: what is so. of: how many were looked at.

    verdict: HOLDS, FAILS, TOO_FEW or SAID.
    """

    check: str
    asked: str
    found: str
    of: str
    verdict: str


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """A Markdown table of them."""
    head = ["| check | asked for | found | of | borne out |", "|---|---|---|---|---|"]
    return [*head, *(f"| {f.check} | {f.asked} | {f.found} | {f.of} | {f.verdict} |" for f in findings)]


def over_people(lines: pd.DataFrame, column: str) -> tuple[float, float, float]:
    """The mean over people of each person's mean, and its 95 % interval over people; NaN where there is no interval."""
    each = lines.groupby("participant", sort=False)[column].mean().to_numpy(float)
    found = mean_intervals(each[:, None])
    return float(found.mean[0]), float(found.low[0]), float(found.high[0])


def with_interval(value: float, low: float, high: float, sign: str = "") -> str:
    """Such as "+0.31 [+0.20, +0.42]"; without an interval the value alone.

    >>> with_interval(0.314, 0.2, 0.42, "+")
    '+0.31 [+0.20, +0.42]'
    >>> with_interval(0.314, float("nan"), float("nan"))
    '0.31'
    """
    interval = "" if np.isnan(low) else f" [{low:{sign}z.2f}, {high:{sign}z.2f}]"
    return f"{value:{sign}z.2f}{interval}"


def counted(lines: pd.DataFrame, what: str = "frames") -> str:
    """How many lines, of how many people."""
    return f"{len(lines)} {what}, {lines['participant'].nunique()} people"
