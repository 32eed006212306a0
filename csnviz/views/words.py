"""Sentences about one frame, one action unit and three methods; numbers in, words out."""

import html
import math
from dataclasses import dataclass

import pandas as pd

from csnviz.evaluation.error_kinds import kinds_of
from csnviz.facs import AU, INTENSITY_WORDS, PAPER_CUT


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


def error_of(unit: AU, label: float, estimate: float, cut: float = PAPER_CUT) -> str:
    """What an estimate gets wrong beside a label: "false positive", "false negative", "overestimate" or "".

    Presence begins at the cut (see `AU.present_from`). An overestimate is an estimate of at least 1 (a trace, A) where the label is
    0; where it reaches the cut it is a false positive too, and called that.
    """
    return next((kind for kind, errs in kinds_of(label, estimate, unit.present_from(cut)).items() if errs), "")


def reading(
    unit: AU,
    label: float,
    ncg: float,
    csn: float,
    calibrated: bool,
    reason: str = "",
    proviso: str = "",
    cut: float = PAPER_CUT,
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
    without = error_of(unit, label, ncg, cut)
    middle = f"{start}; non-calibrated {number(ncg)}{_named(without, unit, cut)}"
    if not calibrated or math.isnan(csn):
        return Reading(f"{middle}.", "over" if without in ("false positive", "overestimate") else "plain")
    within = error_of(unit, label, csn, cut)
    end, mood = (f" {proviso}", "plain") if proviso else _verdict(without, within)
    return Reading(f"{middle}, calibrated {number(csn)}{_named(within, unit, cut)}.{end}", mood)


def _named(error: str, unit: AU, cut: float) -> str:
    present = unit.present_from(cut)
    letter = f"{'OABCDE'[int(present)]}" if present == int(present) else f"{present:g}"
    at = {
        "false positive": f" at {letter} or above",
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


def attributes_in_words(attributes: pd.DataFrame, participant: str) -> str:
    """What is known to be present in a person's face, such as "eyeglasses, beard"; "" where nothing is."""
    theirs = attributes[(attributes["participant"] == participant) & (attributes["value"] == "present")]
    return ", ".join(map(str, theirs["attribute"]))


def escape(text: str) -> str:
    """Text from a file, safe inside HTML."""
    return html.escape(str(text), quote=True)
