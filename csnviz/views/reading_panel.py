"""The current frame in words and in four numbers."""

import ipywidgets

from csnviz.views.methods import CALIBRATED, ESTIMATORS, LABEL, Method
from csnviz.views.source import Standing
from csnviz.views.words import Reading, escape, number


class ReadingPanel:
    """A sentence about the chosen AU of the current frame, the label and the three estimates as large numbers, and whose numbers
    they are: how the networks stand to this person."""

    def __init__(self) -> None:
        self.widget = ipywidgets.HTML()
        self.widget.add_class("csn-reading")

    def show(
        self,
        reading: Reading,
        values: dict[str, float],
        calibrated: bool,
        caution: bool,
        standing: Standing,
        case_note: str = "",
        computing: bool = False,
        row: int = 0,
    ) -> None:
        """`values` by method key, NaN where there is none; `caution` marks the two methods that use an unfit reference.

        computing: what is not there yet is on its way, and says so. row: the frame's place, for whoever waits for its numbers.
        """
        tiles = [_tile(LABEL, "–" if values["label"] != values["label"] else f"{values['label']:g}", "")]
        for method in ESTIMATORS:
            off = method in CALIBRATED and not calibrated
            state = "csn-off" if off else "csn-marked" if caution and method in CALIBRATED else ""
            awaited = computing and values[method.key] != values[method.key]
            shown = "off" if off else "computing" if awaited else number(values[method.key])
            tiles.append(_tile(method, shown, f"{state} csn-awaited" if awaited and not off else state))
        self.widget.value = (
            f'<p class="csn-sentence csn-{reading.mood}" aria-live="polite">{escape(reading.sentence)}</p>'
            f'<div class="csn-tiles{" csn-in-sample" if standing.in_sample else ""}" data-row="{row}">{"".join(tiles)}</div>'
            f"{_standing(standing)}{_case(case_note)}"
        )


def _standing(standing: Standing) -> str:
    if not standing.sentence:
        return ""
    mood, mark = (" csn-in-sample", "⚠ ") if standing.in_sample else ("", "")
    return f'<p class="csn-standing{mood}">{mark}{escape(standing.sentence)}</p>'


def _case(note: str) -> str:
    return f'<p class="csn-case-note"><b>Case:</b> {escape(note)}</p>' if note else ""


def _tile(method: Method, value: str, state: str) -> str:
    mark = " ⚠" if state == "csn-marked" else ""
    return (
        f'<div class="csn-tile {state}" style="--csn-method: {method.colour}" data-method="{method.key}">'
        f'<div class="csn-name"><i class="csn-dash-{method.dash}"></i>{method.title}{mark}</div><output>{value}</output></div>'
    )
