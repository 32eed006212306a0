"""A plot that is changed in place: the same figure shows whatever it is given."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets
import plotly.graph_objects as go

from csnviz.views.chart import live_figure
from csnviz.views.figures import QUIET

SOON = 0.1
"""Seconds after which a browser that has just drawn a plot is told what it shows by now."""


class LivePlot:
    """`ground` is what stands on the page; the figure inside keeps its number of traces and shapes. For any thread.

    What is changed while a browser is connecting may never reach it, so nothing is changed before one has drawn the plot. drawn:
    called when one has. said: what a screen reader calls the plot. names: classes of its ground.
    """

    def __init__(self, figure: go.Figure, said: str, *names: str, drawn: Callable[[], None] | None = None) -> None:
        self._lock = threading.RLock()
        self._shown: tuple[Sequence[Any], go.Layout] | None = None
        self._drawn, self._when_drawn = False, drawn
        self.figure = live_figure(figure, said, self._lock)
        # The first thing that plotly tells of a plot that it has drawn.
        self.figure.observe(self._hear, "_js2py_traceDeltas")
        self.figure._config = {**self.figure._config, **QUIET}
        self.figure.add_class("csn-chart")
        # plotly takes classes that the figure itself gets later off again; its ground keeps them.
        self.ground = ipywidgets.VBox([self.figure])
        for name in ("csn-plot", *names):
            self.ground.add_class(name)

    def show(self, traces: Sequence[Any], layout: go.Layout) -> None:
        """Other numbers in the same traces."""
        with self._lock:
            self._shown = (traces, layout)
            if not self._drawn:
                return
            with self.figure.batch_update():
                for shown, trace in zip(self.figure.data, traces, strict=True):
                    shown.update(trace.to_plotly_json())
                self.figure.update_layout(layout)
            # What a page that is loaded again begins with, as in chart.py.
            now: dict[str, Any] = self.figure.to_dict()
            self.figure._trait_values |= {"_widget_layout": now["layout"], "_widget_data": now["data"]}

    def connect(self) -> None:
        """From now on a browser listens; shows what was asked for before."""
        with self._lock:
            self._drawn = True
            if self._shown is not None:
                self.show(*self._shown)
        if self._when_drawn is not None:
            self._when_drawn()

    def _hear(self, change: dict[str, Any]) -> None:
        if change["new"] and not self._drawn:
            threading.Timer(SOON, self.connect).start()  # not while a message is taken in

    def on_click(self, trace: int, call: Callable[[int, int], None]) -> None:
        """Calls with the place across and downwards of a click on a trace, both from 0."""

        def clicked(_: Any, points: Any, __: Any) -> None:
            if points.xs and points.ys:
                call(round(points.xs[0]), round(points.ys[0]))

        self.figure.data[trace].on_click(clicked)
