"""What the stress lab asks and is answered: one attribute put on a drawn face, on its reference, or on both, at some dose."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float32

from csnviz.facs import AUSet
from csnviz.views.latest_only import Watch

BOTH, IMAGE, REFERENCE = "image and reference", "image only", "reference only"
WORN = (BOTH, IMAGE, REFERENCE)
"""On which of the two faces the attribute is changed."""

Values = dict[str, Float32[np.ndarray, " A"]]
"""Estimates by the key of a method ("ncg", "bs", "csn")."""


@dataclass(frozen=True)
class Dosed:
    """One attribute of one frame at a dose from 0 (off) to 1, worn on one of `WORN`. frame: its number."""

    participant: str
    frame: int
    attribute: str
    dose: float
    worn: str = BOTH


@dataclass(frozen=True)
class Stressed:
    """What the methods say without and with the attribute; everything else on the face is the same, down to the camera's noise.

    label: the drawn intensities, which no attribute changes. off, on: estimates in the order of aus. pictures: JPEGs of the
    reference and the image without, and of the reference and the image as they are worn with it. own: the dose that the person
    carries in the cast, below 0 where theirs is the opposite attribute. reference: its frame number.
    """

    aus: AUSet
    label: Float32[np.ndarray, " A"]
    off: Values
    on: Values
    pictures: tuple[bytes, bytes, bytes, bytes]
    own: float
    reference: int


@dataclass(frozen=True)
class Preset:
    """A case worth looking at, as the menu names it: who, which attribute, and for which unit it is taken."""

    name: str
    participant: str
    attribute: str
    au: int
    note: str = ""


@dataclass(frozen=True)
class Lab:
    """Where drawn faces are changed and the methods asked. Both callables are slow and run in the networks' thread.

    people, frames: who can be drawn, and how many frames each has. ask: one frame. over_people: the mean change over these people's
    first calm frame, as lines for `csnviz.views.bias_effects`, and how many people that are. Dosed.participant and .frame are
    passed over there.
    """

    people: tuple[str, ...]
    frames: int
    attributes: tuple[str, ...]
    presets: tuple[Preset, ...]
    ask: Callable[[Dosed, Watch], Stressed]
    over_people: Callable[[Dosed, Watch], tuple[pd.DataFrame, int]]
