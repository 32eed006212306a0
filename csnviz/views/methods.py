"""The three methods and the human labels as they look everywhere on the page: one colour and one line style each.

Colours are Okabe and Ito's, which people with any kind of colour vision tell apart; the line styles say the same again.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """How one source of numbers is named and drawn: `key` in arrays, `title` on screen, `short` in tight places."""

    key: str
    title: str
    short: str
    colour: str
    dash: str
    width: float


LABEL = Method("label", "Human label", "Human label", "#7a8594", "solid", 2.0)
NCG = Method("ncg", "Non-calibrated (NCG)", "NCG", "#D55E00", "dash", 2.0)
BS = Method("bs", "Baseline-subtracted (BS)", "BS", "#CC79A7", "dot", 2.0)
CSN = Method("csn", "Calibrated (CSN)", "CSN", "#0072B2", "solid", 2.6)

ESTIMATORS = (NCG, BS, CSN)
CALIBRATED = (BS, CSN)
"""The two that use the reference, and so vanish when it is switched off and are marked when it is not fit."""
