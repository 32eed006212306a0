"""The candidate gallery: which frames could be the reference, the best first, each with a picture and the reasons."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from csnviz.data.candidates import Candidate

_HERE = Path(__file__).parent

DRAG_TYPE = "application/x-csn-row"
"""What a dragged candidate carries: its row as text."""


def _no_picture(row: int) -> bytes | None:
    return None


class Gallery(anywidget.AnyWidget):
    """Calls `choose` with the row of a candidate that was clicked, or on which Enter was pressed.

    accept: called by the button "Accept for good"; None: nothing can be kept, and there is no such button. `labels_offered` shows
    the switch "Rank with the labels too", and `labels_wanted` says whether it is on. `said` is a sentence above the gallery,
    such as where a choice was kept. Pictures are sent when their candidate comes into sight. May be called from any thread.
    """

    _esm = _HERE / "gallery.js"
    _css = _HERE / "gallery.css"
    offered = traitlets.Dict().tag(sync=True)
    chosen = traitlets.Int(-1).tag(sync=True)
    keeps = traitlets.Bool(False).tag(sync=True)
    labels_offered = traitlets.Bool(False).tag(sync=True)
    labels_wanted = traitlets.Bool(False).tag(sync=True)
    said = traitlets.Unicode("").tag(sync=True)

    def __init__(self, choose: Callable[[int], None], accept: Callable[[], None] | None = None) -> None:
        self._choose, self._accept = choose, accept
        self._picture: Callable[[int], bytes | None] = _no_picture
        super().__init__(offered={"generation": 0, "candidates": []}, keeps=accept is not None)
        self.on_msg(self._heard)

    def offer(
        self, candidates: Sequence[Candidate], picture: Callable[[int], bytes | None], chosen_row: int | None
    ) -> None:
        """Shows these candidates in this order. picture: the JPEG of a row, None where faces are not shown or there is none.

        chosen_row: the row of the reference in use, None without one.
        """
        self._picture = picture
        described = [_described(candidate) for candidate in candidates]
        with self.hold_sync():
            self.chosen = -1 if chosen_row is None else chosen_row
            self.said = ""
            self.offered = {"generation": self.offered["generation"] + 1, "candidates": described}

    def _heard(self, _: object, message: dict[str, Any], __: object) -> None:
        rows = {candidate["row"] for candidate in self.offered["candidates"]}
        if message.get("type") == "choose" and message.get("row") in rows:
            self._choose(int(message["row"]))
        elif message.get("type") == "accept" and self._accept is not None:
            self._accept()
        elif message.get("type") == "pictures" and message.get("generation") == self.offered["generation"]:
            asked = [row for row in message["rows"] if row in rows]
            pictures = [self._picture(row) or b"" for row in asked]
            self.send({"type": "pictures", "generation": message["generation"], "rows": asked}, pictures)


def _described(candidate: Candidate) -> dict[str, Any]:
    return {
        "row": candidate.row,
        "number": candidate.number,
        "seconds": None if math.isnan(candidate.seconds) else round(candidate.seconds, 2),
        "reasons": list(candidate.reasons),
        "doubts": list(candidate.doubts),
        "faults": list(candidate.faults),
    }
