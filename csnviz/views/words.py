"""Sentences about one frame, one action unit and three methods; numbers in, words out."""

import html
import math
from dataclasses import dataclass

from csnviz.facs import AU, INTENSITY_WORDS

OVERESTIMATE = 1.0
"""An estimate of at least a trace where the coder gave 0."""


@dataclass(frozen=True)
class Reading:
    """What the page says about the current frame: a sentence and how it is coloured ("plain", "over" or "gone")."""

    sentence: str
    mood: str


def number(value: float) -> str:
    """An estimate as it is written on the page: one decimal, a true minus, a dash where there is none.

    >>> number(1.84), number(-0.26), number(-0.04), number(float("nan"))
    ('1.8', '−0.3', '0.0', '–')
    """
    if math.isnan(value):
        return "–"
    shown = f"{abs(value):.1f}"
    return f"−{shown}" if value < 0 and float(shown) else shown


def label_text(value: float) -> str:
    """A human label with its FACS word.

    >>> label_text(3.0), label_text(float("nan"))
    ('3 (marked)', 'not coded')
    """
    if math.isnan(value):
        return "not coded"
    word = f" ({INTENSITY_WORDS[round(value)]})" if value == round(value) else ""
    return f"{value:g}{word}"


def error_of(unit: AU, label: float, estimate: float) -> str:
    """What an estimate gets wrong beside a label: "false positive", "false negative", "overestimate" or "".

    Presence begins at the unit's occurrence threshold (2; arXiv 2409.00240, section 4.1). An overestimate is an estimate of
    at least 1 (a trace, A) where the label is 0; where it reaches the threshold it is a false positive too, and called that.
    """
    if math.isnan(label) or math.isnan(estimate):
        return ""
    present = unit.occurrence_threshold
    if label < present <= estimate:
        return "false positive"
    if estimate < present <= label:
        return "false negative"
    return "overestimate" if label == 0 and estimate >= OVERESTIMATE else ""


def reading(
    unit: AU, label: float, ncg: float, csn: float, calibrated: bool, reason: str = "", proviso: str = ""
) -> Reading:
    """The sentence for one AU of one frame; `csn` counts only where `calibrated`, and NaN means that there is none.

    reason: why there is no usable face. proviso: what keeps this frame from telling what the reference does (it is the
    reference itself, or that is not fit); it is said in place of a verdict.
    """
    if reason:
        return Reading(f"No estimate for this frame: {reason}.", "plain")
    start = f"{unit.title}: {'no human label' if math.isnan(label) else f'human label {label_text(label)}'}"
    if math.isnan(ncg):
        return Reading(f"{start}.", "plain")
    without = error_of(unit, label, ncg)
    middle = f"{start}; non-calibrated {number(ncg)}{_named(without, unit)}"
    if not calibrated or math.isnan(csn):
        return Reading(f"{middle}.", "over" if without in ("false positive", "overestimate") else "plain")
    within = error_of(unit, label, csn)
    end, mood = (f" {proviso}", "plain") if proviso else _verdict(without, within)
    return Reading(f"{middle}, calibrated {number(csn)}{_named(within, unit)}.{end}", mood)


def _named(error: str, unit: AU) -> str:
    at = {
        "false positive": f" at {'B' if unit.occurrence_threshold == 2 else 'A'} or above",
        "overestimate": " at A or above",
    }
    return f" ({error}{at.get(error, '')})" if error else ""


def _verdict(without: str, within: str) -> tuple[str, str]:
    """What the reference did to an error, said as plainly where it lost as where it won."""
    too_high = ("false positive", "overestimate")
    if without in too_high and within not in too_high:
        return f" The reference makes the {without} vanish.", "gone"
    if without in too_high:
        return " The reference does not remove it.", "over"
    if within in too_high:
        return f" Here it is the reference that brings the {within}.", "over"
    if without and not within:
        return " The reference finds what was missed.", "gone"
    if within and not without:
        return " Here the reference loses what was found.", "over"
    return "", "plain"


def frame_words(number_: int, count: int, seconds: float) -> str:
    """Where a frame is, such as "frame 12 of 80 · 0.60 s"; frames are numbered from 0, as in files."""
    when = "" if math.isnan(seconds) else f" · {seconds:.2f} s"
    return f"frame {number_} of {count}{when}"


def escape(text: str) -> str:
    """Text from a file, safe inside HTML."""
    return html.escape(str(text), quote=True)
