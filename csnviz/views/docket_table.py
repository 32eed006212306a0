"""The docket's table in the browser: what it is told, and the signs and words that it writes."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

_HERE = Path(__file__).parent

SENT = ("place", "kind", "what", "au", "first", "last", "n", "seconds", "label", "ncg", "bs", "csn", "still")
"""The numbers of a run as the browser gets them, one column after the other."""

KIND_SIGNS = {"false positive": "▲", "false negative": "▼", "overestimate": "△", "peak": "◆"}
WHAT_SIGNS = {
    "": ("", ""),
    "removed": ("✓", "NCG errs; with the reference the error is gone in most of the frames"),
    "kept": ("●", "NCG errs; with the reference the error stays in at least half of the frames"),
    "created": ("⚠", "CSN sees too much where NCG does not: the reference brought the error"),
    "lost": ("✗", "NCG found the action unit; with the reference it is missed"),
}
COLUMNS = (
    ("mark", "☐", "marked runs are saved"),
    ("what", "Calibration", "what the reference did to the error"),
    (
        "kind",
        "Error",
        "▲ the label is below the cut and the estimate is not; ▼ the reverse; △ label 0, estimate 1 or more",
    ),
    ("participant", "Participant", ""),
    ("au", "Action unit", ""),
    ("first", "Frames", "first to last frame, numbered from 0"),
    ("n", "Length", "frames with the error"),
    ("seconds", "Time", "of the worst frame, in seconds"),
    ("label", "Label", "the human coder's intensity in the worst frame"),
    ("ncg", "NCG", "the non-calibrated estimate in the worst frame"),
    ("bs", "BS", "the baseline-subtracted estimate in the worst frame"),
    ("csn", "CSN", "the calibrated estimate in the worst frame"),
    ("attributes", "Attributes", "what is known about the person's face"),
)
_PEAK = ("kind", "Peak", "◆ the non-calibrated estimate is at the cut or above, and nobody has coded the frame")


def words(labelled: bool, explained: bool) -> dict[str, Any]:
    """Signs, names and meanings. labelled: what is listed are errors, else peaks; explained: rows can be asked why."""
    columns = [column if labelled or column[0] != "kind" else _PEAK for column in COLUMNS]
    return {
        "sent": SENT,
        "kinds": [(sign, kind) for kind, sign in KIND_SIGNS.items()],
        "whats": [(sign, what, meaning) for what, (sign, meaning) in WHAT_SIGNS.items()],
        "columns": [*columns, ("why", "", "")] if explained else columns,
        "listed": "errors" if labelled else "peaks",
    }


class DocketTable(anywidget.AnyWidget):
    """What the browser draws: it is told which rows to show, in which order, and tells what is asked for. See `Docket`.

    words: signs, names and meanings. numbers: float32, one column of SENT after the other. order: int32, the rows shown. about:
    places, units and options. counts: how many runs there are by what calibration did. filter: the fields of a DocketFilter.
    looked: the row looked at, -1 none. marked: the rows to save.
    """

    _esm = _HERE / "docket.js"
    _css = _HERE / "docket.css"
    words = traitlets.Dict().tag(sync=True)
    numbers = traitlets.Bytes(b"").tag(sync=True)
    order = traitlets.Bytes(b"").tag(sync=True)
    about = traitlets.Dict().tag(sync=True)
    counts = traitlets.Dict().tag(sync=True)
    filter = traitlets.Dict().tag(sync=True)
    looked = traitlets.Int(-1).tag(sync=True)
    marked = traitlets.List(traitlets.Int()).tag(sync=True)
