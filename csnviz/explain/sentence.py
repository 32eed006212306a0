"""One AU of one frame in a sentence: what the methods say, where on the face that comes from, and what a coder said."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from csnviz.explain.results import Attribution

WORTH_TELLING = 0.5
"""Intensity steps above the start from which an estimate's parts are told; half a step is next to nothing."""
_NO_RIVALS = 0.1


@dataclass(frozen=True)
class Told:
    """What is known of one AU of one frame: the methods' estimates and a coder's label, each NaN where there is none."""

    au: int
    frame: int
    ncg: float
    csn: float
    label: float


def sentence(told: Told, why_ncg: Attribution | None) -> str:
    """One frame in a sentence, with the part of the face that raises the estimate without calibration most.

    why_ncg: the answer to "why does NCG say so?", with `by_region`; None where nobody has asked. The part's share is of what
    the parts that raise the estimate add together, so that it is never above 100 %. "of it" is said where nothing to speak of
    lowers the estimate; else "of what raises it". Where the estimate is not half a step above the start's, no share is told: of
    next to nothing anything is a large share.

    >>> sentence(Told(9, 812, 2.1, 0.1, 0.0), None)
    'AU9, frame 812: 2.1 without calibration; 0.1 with calibration; coder 0'
    """
    where = f", {_most(why_ncg)}" if why_ncg is not None and why_ncg.by_region else ""
    parts = [f"{_number(told.ncg)} without calibration{where}"] if not math.isnan(told.ncg) else []
    parts += [f"{_number(told.csn)} with calibration"] if not math.isnan(told.csn) else []
    parts += ["not coded" if math.isnan(told.label) else f"coder {told.label:g}"]
    return f"AU{told.au}, frame {told.frame}: {'; '.join(parts)}"


def _most(attribution: Attribution) -> str:
    """What the parts say of an estimate, in a few words."""
    by_part = attribution.by_region or {}
    if attribution.output_difference < WORTH_TELLING:
        than = "no more than" if attribution.output_difference <= 0 else "hardly more than"
        return f"{than} where the question starts ({_number(attribution.start_estimate)})"
    raises, lowers = _total(by_part, 1), _total(by_part, -1)
    if raises <= 0:
        return "which no part raises by itself"
    title = max(by_part, key=lambda part: by_part[part])
    what = "it" if lowers <= _NO_RIVALS * raises else "what raises it"
    return f"{100 * by_part[title] / raises:.0f} % of {what} on {title}"


def _total(by_part: Mapping[str, float], sign: int) -> float:
    return sum(max(sign * value, 0.0) for value in by_part.values())


def _number(value: float) -> str:
    """One decimal, a true minus."""
    shown = f"{abs(value):.1f}"
    return f"−{shown}" if value < 0 and float(shown) else shown
