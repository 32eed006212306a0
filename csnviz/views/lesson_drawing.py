"""Faces that are drawn when the browser asks for them: what the lesson's guide and its played face have in common."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

from csnviz.facs import DISFA, INTENSITY_LETTERS, INTENSITY_WORDS, au
from csnviz.views.latest_only import LatestOnly

Draw = Callable[[Mapping[int, float]], bytes]
"""AU number -> intensity 0 to 5, and a JPEG of a face that does this; {} is the neutral face."""

_SLOT = re.compile(r"[a-z0-9-]{1,20}")


class DrawnOnDemand(anywidget.AnyWidget):
    """Answers the message "draw", which names a slot and an expression, with a JPEG; of one slot only the newest is drawn.

    What cannot be drawn is said in `trouble`. What a browser asks beyond whole intensities 0 to 5 of known units is passed over.
    """

    units = traitlets.List().tag(sync=True)
    letters = traitlets.List(["0", *INTENSITY_LETTERS]).tag(sync=True)
    words = traitlets.List(list(INTENSITY_WORDS)).tag(sync=True)
    trouble = traitlets.Unicode("").tag(sync=True)

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        super().__init__(units=[_described(number) for number in DISFA])
        self.artist = LatestOnly(lambda words: None, self._fail)
        self.on_msg(self._heard)

    def _heard(self, _: object, message: dict[str, Any], __: object) -> None:
        slot, asked = message.get("slot"), _expression(message.get("expression"))
        if message.get("type") != "draw" or asked is None or not isinstance(slot, str) or not _SLOT.fullmatch(slot):
            return
        said = {"type": "drawn", "slot": slot, "expression": message["expression"]}
        self.artist.submit(slot, "drawing", lambda watch: self._draw(asked), lambda picture: self.send(said, [picture]))

    def _fail(self, sentence: str) -> None:
        self.trouble = sentence


def _expression(said: object) -> dict[int, float] | None:
    """The expression that a browser asks for, or None where it is none."""
    if not isinstance(said, dict):
        return None
    known = {str(number): number for number in DISFA}
    if any(key not in known or type(value) is not int or not 0 <= value <= 5 for key, value in said.items()):
        return None
    return {known[key]: float(value) for key, value in said.items()}


def _described(number: int) -> dict[str, Any]:
    unit = au(number)
    return {"number": number, "name": unit.name, "muscle": unit.muscle, "looks": unit.looks}
