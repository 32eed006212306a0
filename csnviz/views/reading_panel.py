"""The current frame in words and in four numbers."""

import ipywidgets

from csnviz.views.methods import CALIBRATED, ESTIMATORS, LABEL, Method
from csnviz.views.words import Reading, escape, number


class ReadingPanel:
    """A sentence about the chosen AU of the current frame, and the label and the three estimates as large numbers."""

    def __init__(self) -> None:
        self.widget = ipywidgets.HTML()
        self.widget.add_class("csn-reading")

    def show(self, reading: Reading, values: dict[str, float], calibrated: bool, caution: bool) -> None:
        """`values` by method key, NaN where there is none; `caution` marks the two methods that use an unfit reference."""
        tiles = [_tile(LABEL, "–" if values["label"] != values["label"] else f"{values['label']:g}", "")]
        for method in ESTIMATORS:
            off = method in CALIBRATED and not calibrated
            state = "csn-off" if off else "csn-marked" if caution and method in CALIBRATED else ""
            tiles.append(_tile(method, "off" if off else number(values[method.key]), state))
        self.widget.value = (
            f'<p class="csn-sentence csn-{reading.mood}" aria-live="polite">{escape(reading.sentence)}</p>'
            f'<div class="csn-tiles">{"".join(tiles)}</div>'
        )


def _tile(method: Method, value: str, state: str) -> str:
    mark = " ⚠" if state == "csn-marked" else ""
    return (
        f'<div class="csn-tile {state}" style="--csn-method: {method.colour}" data-method="{method.key}">'
        f'<div class="csn-name"><i class="csn-dash-{method.dash}"></i>{method.title}{mark}</div><output>{value}</output></div>'
    )
