"""The page's one live plot: the figure of figures.py in a widget that is changed in place."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from csnviz.lean_imports import without_address_grammar
from csnviz.views.figure_files import figure_for_file, figure_html, figure_message
from csnviz.views.figures import (
    BOTH,
    QUIET,
    Arrangement,
    Bars,
    Curves,
    Patch,
    bar_patches,
    curve_patches,
    explorer_figure,
    layout_patch,
)

_CURVES, _BARS = slice(0, 5), slice(5, 10)
_SAID = "Estimates of one action unit over the frames, and of all action units in this frame"


class Chart:
    """Shows curves and bars. Nothing is changed before `connect`: what is changed earlier would never reach the browser.

    on_frame is called with the frame number of a click on the curves, on_column with the AU's column of a click on the bars.
    Whoever changes the chart from another thread holds `lock`. `ground` is what stands on the page, the chart inside. after: see
    `live_figure`.
    """

    def __init__(
        self,
        curves: Curves,
        bars: Bars,
        on_frame: Callable[[int], None],
        on_column: Callable[[int], None],
        lock: AbstractContextManager[Any],
        arrangement: Arrangement = BOTH,
        after: str = "",
    ) -> None:
        self._arrangement = arrangement
        self._shown = (curves, bars, False)
        self._connected = False
        self._traces = curve_patches(curves, False) + bar_patches(bars, False, arrangement)
        self._layout = layout_patch(curves, bars, False, arrangement)
        # The figure is complete before it is wrapped, and wrapped once: later additions would be lost in Voila.
        self.widget = live_figure(explorer_figure(curves, bars, False, arrangement), _SAID, lock, after)
        self.widget._config = {**self.widget._config, **QUIET}
        self.widget.add_class("csn-chart")
        # plotly takes classes that the chart itself gets later off again; its ground keeps them.
        self.ground = ipywidgets.VBox([self.widget])
        self._hatch(curves)
        for trace in self.widget.data[_CURVES]:
            trace.on_click(lambda _, points, __: on_frame(round(points.xs[0])) if points.xs else None)
        for trace in self.widget.data[_BARS]:
            trace.on_click(lambda _, points, __: on_column(round(points.xs[0])) if points.xs else None)

    @property
    def frame(self) -> int:
        """The number of the frame whose bars are shown and at which the cursor stands."""
        return self._shown[1].frame

    def connect(self) -> None:
        """From now on a browser listens; shows what was asked for before."""
        self._connected = True
        self.show(*self._shown)

    def arrange(self, arrangement: Arrangement) -> None:
        """Gives the curves more room, or the bars theirs again."""
        self._arrangement = arrangement
        self.show(*self._shown)

    def show(self, curves: Curves, bars: Bars, calibrated: bool) -> None:
        """Another person, action unit, reference or frame: what is another thing than before is drawn anew."""
        self._shown = (curves, bars, calibrated)
        if not self._connected:
            return
        self._hatch(curves)
        traces, layout, arrangement = self._traces, self._layout, self._arrangement
        self._traces = curve_patches(curves, calibrated) + bar_patches(bars, calibrated, arrangement)
        self._layout = layout_patch(curves, bars, calibrated, arrangement)
        # plotly takes as long for what is the same, a tenth of a second for everything.
        with self.widget.batch_update():
            for trace, patch, before in zip(self.widget.data, self._traces, traces, strict=True):
                trace.update(_changed(patch, before))
            for name in ("shapes", "annotations"):
                parts = zip(getattr(self.widget.layout, name), self._layout[name], layout[name], strict=True)
                for part, patch, before in parts:
                    part.update(_changed(patch, before))
            rest = {name: value for name, value in self._layout.items() if name not in ("shapes", "annotations")}
            self.widget.layout.update(_changed(rest, layout))
        self._remember()

    def save(self, format_: str, name: str, caption: str) -> None:
        """Makes the browser save what is shown as "png" or "svg", on white and with a caption; the ending is added to the name."""
        self.widget.send(figure_message(figure_for_file(*self._shown, caption), format_, name))

    def as_html(self, title: str, caption: str) -> str:
        """What is shown as a page of its own that opens offline, on white and with a caption."""
        return figure_html(figure_for_file(*self._shown, caption), title)

    def show_frame(self, bars: Bars) -> None:
        """Another frame of the same curves: the bars and the cursor."""
        curves, _, calibrated = self._shown
        self.show(curves, bars, calibrated)

    def _hatch(self, curves: Curves) -> None:
        """The ground behind curves and bars is hatched where the networks were trained on this person."""
        (self.ground.add_class if curves.in_sample else self.ground.remove_class)("csn-in-sample")

    def _remember(self) -> None:
        """Keeps the state that a page which is loaded again begins with; plotly itself keeps the first one for ever."""
        now: dict[str, Any] = self.widget.to_dict()
        # Straight into the store: an assignment would send all of it to a browser that has it already.
        self.widget._trait_values |= {"_widget_layout": now["layout"], "_widget_data": now["data"]}


def _changed(patch: Patch, before: Patch) -> Patch:
    """What a patch says that the one before did not."""
    return {name: value for name, value in patch.items() if not _same(value, before.get(name))}


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        kind = type(one) is type(other) and one.shape == other.shape and one.dtype == other.dtype
        return kind and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    return bool(one == other)


def live_figure(figure: go.Figure, said: str, lock: AbstractContextManager[Any], after: str = "") -> Any:
    """The figure as a widget, which gives a browser plotly's bundle when that asks for it: once for all plots of a page.

    said: what a screen reader calls it. after: selects what a page paints first, because it stands still while plotly begins.
    """
    with without_address_grammar():
        widget: Any = go.FigureWidget  # which is imported when it is first asked for
    bundle = str(widget._esm).encode()

    class LiveFigure(widget):
        _esm = Path(__file__).parent / "chart.js"
        _said = traitlets.Unicode(said).tag(sync=True)
        _after = traitlets.Unicode(after).tag(sync=True)
        _bundle = traitlets.Unicode(hashlib.sha256(bundle).hexdigest()[:16]).tag(sync=True)

        def set_state(self, sync_data: dict[str, Any]) -> None:
            # plotly sends by setting a trait and clearing it again; while a message from the browser is taken in, the two would
            # be merged into nothing.
            with lock:
                super().set_state(sync_data)

    def give(live: LiveFigure, message: dict[str, Any], _: object) -> None:
        if message.get("type") == "plotly":
            live.send({"type": "plotly"}, [bundle])

    live = LiveFigure(figure)
    live.on_msg(give)
    return live
