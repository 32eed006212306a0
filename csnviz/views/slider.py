"""A slider that a screen reader can name."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets


class Slider(anywidget.AnyWidget):
    """A number between `min` and `max` in steps, with its `meaning` for whoever asks.

    continuous: told while it is moved, and not only when it is let go.
    """

    _esm = Path(__file__).parent / "slider.js"
    label = traitlets.Unicode().tag(sync=True)
    meaning = traitlets.Unicode().tag(sync=True)
    value = traitlets.Float().tag(sync=True)
    min = traitlets.Float(0.0).tag(sync=True)
    max = traitlets.Float(1.0).tag(sync=True)
    step = traitlets.Float(0.05).tag(sync=True)
    readout = traitlets.Bool(True).tag(sync=True)
    continuous = traitlets.Bool(False).tag(sync=True)

    @traitlets.validate("value")
    def _within(self, proposal: Any) -> float:
        return min(max(float(proposal["value"]), self.min), self.max)
