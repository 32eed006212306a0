"""The one plot of the page: arrays in, a plotly figure out. Left the curves of one AU over the frames, right all AUs of one frame.

Both halves share one axis from -1 to 5. The figure is built whole (`explorer_figure`); what changes later is given as patches
by the same functions that built it, so a figure that was changed and one that was built anew look the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float32, Int

from csnviz.facs import AUSet
from csnviz.views.methods import BS, CALIBRATED, CSN, ESTIMATORS, LABEL, NCG, Method
from csnviz.views.thinning import thinned

LOWEST, HIGHEST = -1.0, 5.0
HEIGHT = 300
QUIET = MappingProxyType(
    {"showSendToCloud": False, "plotlyServerURL": "", "displaylogo": False, "responsive": True, "displayModeBar": False}
)
"""The figure's settings: nothing that uploads a chart, and no bar of buttons at all. plotly takes out of a dict what it reads."""

Patch = dict[str, Any]
Values = Mapping[str, Float32[np.ndarray, " K"]]
"""Numbers by the key of a method ("label", "ncg", "bs", "csn"); NaN where there are none."""


@dataclass(frozen=True)
class Arrangement:
    """How much room the curves have: up to which share of the width, and how high the figure is; beyond are the bars, if at all."""

    curves: float
    height: int
    bars: bool


BOTH = Arrangement(0.655, HEIGHT, True)
CURVES_ALONE = Arrangement(1.0, 220, False)


@dataclass(frozen=True)
class Curves:
    """One AU over N frames. frames: their numbers; reference: the reference's number or None; caution: why it is not fit.

    in_sample: the networks were trained on this person.
    """

    title: str
    frames: Int[np.ndarray, " N"]
    values: Values
    reference: int | None = None
    caution: str = ""
    in_sample: bool = False


@dataclass(frozen=True)
class Bars:
    """All AUs of one frame. frame: its number; chosen: the column of the AU that the curves show; in_sample: as in Curves."""

    aus: AUSet
    frame: int
    values: Values
    chosen: int
    in_sample: bool = False


def explorer_figure(curves: Curves, bars: Bars, calibrated: bool, arrangement: Arrangement = BOTH) -> go.Figure:
    """Curves and bars side by side, complete: nothing needs to be added before it is shown."""
    lines = [_line(method) for method in (LABEL, *ESTIMATORS)]
    columns = [_column(method) for method in ESTIMATORS]
    beyond = go.Scatter(mode="markers", showlegend=False, cliponaxis=False, hovertemplate="%{text}<extra></extra>")
    mark = {"symbol": "line-ew-open", "size": 17, "line": {"width": 2.6, "color": LABEL.colour}, "color": LABEL.colour}
    marks = go.Scatter(mode="markers", marker=mark, xaxis="x2", showlegend=False, cliponaxis=False, name=LABEL.title)
    marks.hovertemplate = "human label %{y:.0f}<extra></extra>"
    over = go.Scatter(beyond, xaxis="x2")
    figure = go.Figure([*lines, beyond, *columns, marks, over], _layout(bars.aus))
    for trace, patch in zip(
        figure.data, curve_patches(curves, calibrated) + bar_patches(bars, calibrated, arrangement), strict=True
    ):
        trace.update(patch)
    figure.update_layout(layout_patch(curves, bars, calibrated, arrangement))
    return figure


def curve_patches(curves: Curves, calibrated: bool) -> list[Patch]:
    """What the five traces of the left half show: label, NCG, BS, CSN, and what lies beyond the axis."""
    frames = curves.frames.astype(np.float32)
    patches = []
    for method in (LABEL, *ESTIMATORS):
        x, y = thinned(frames, curves.values[method.key])
        marked = f"{method.short} ⚠" if curves.caution and method in CALIBRATED else method.short
        seen = {"visible": calibrated or method not in CALIBRATED, "line": _stroke(method, curves.in_sample)}
        named = (
            method is not LABEL or not np.isnan(curves.values[LABEL.key]).all()
        )  # a line that nobody coded has no name
        patches.append({"x": x, "y": y, "name": marked, "showlegend": named, **seen})
    shown = _shown(calibrated)
    return [*patches, _beyond({method.key: (frames, curves.values[method.key]) for method in shown}, shown)]


def bar_patches(bars: Bars, calibrated: bool, arrangement: Arrangement = BOTH) -> list[Patch]:
    """What the five traces of the right half show: NCG, BS, CSN, the labels, and what lies beyond the axis."""
    places = np.arange(len(bars.aus), dtype=np.float32)
    names = [unit.title for unit in bars.aus.units]
    patches: list[Patch] = []
    for method in ESTIMATORS:
        seen = arrangement.bars and (calibrated or method not in CALIBRATED)
        marker = {"pattern": {"shape": _hatching(method, bars.in_sample)}}
        patches.append(
            {"x": places, "y": bars.values[method.key], "visible": seen, "hovertext": names, "marker": marker}
        )
    patches.append({"x": places, "y": bars.values["label"], "visible": arrangement.bars})
    shown = _shown(calibrated)
    offset = {method.key: (place - (len(shown) - 1) / 2) * 0.25 for place, method in enumerate(shown)}
    where = {method.key: (places + np.float32(offset[method.key]), bars.values[method.key]) for method in shown}
    return [*patches, _beyond(where, shown) | {"visible": arrangement.bars}]


def layout_patch(curves: Curves, bars: Bars, calibrated: bool, arrangement: Arrangement = BOTH) -> Patch:
    """The cursor, the reference's place, the chosen AU's band, and the caution about a reference that is not fit."""
    frames = curves.frames
    reach = (float(frames[0]), float(frames[-1])) if len(frames) else (0.0, 1.0)
    margin = max((reach[1] - reach[0]) * 0.012, 0.6)
    caution = _annotation(f"⚠ reference not fit: {_short(curves.caution)}", "x", 1.0, "right")
    in_sample = _annotation("⚠ in-sample: this person was trained on", "x", 0.03, "left")
    # Always four annotations and three shapes: plotly cannot change some and their number in one message.
    words = [
        _annotation(curves.title, "x", 0.0, "left"),
        _annotation(frame_title(bars.frame), "x2", 0.0, "left") | {"visible": arrangement.bars},
        caution | {"yanchor": "top", "yshift": 0, "visible": bool(curves.caution) and calibrated},
        in_sample | {"yanchor": "top", "yshift": 0, "visible": curves.in_sample},
    ]
    return {
        "shapes": [
            cursor(bars.frame),
            _reference_line(curves.reference, calibrated),
            _band(bars.chosen) | {"visible": arrangement.bars},
        ],
        "annotations": words,
        "xaxis": {"range": [reach[0] - margin, reach[1] + margin], "domain": [0, arrangement.curves]},
        "xaxis2": {"visible": arrangement.bars},
        "legend": {"x": arrangement.curves},
        "height": arrangement.height,
    }


def frame_title(frame: int) -> str:
    """What the right half is about."""
    return f"Frame {frame}, all action units"


def cursor(frame: int) -> Patch:
    """The line at the current frame."""
    line = {"color": "#8894a3", "width": 1.4}
    return {"type": "line", "xref": "x", "yref": "y domain", "x0": frame, "x1": frame, "y0": 0, "y1": 1, "line": line}


def _reference_line(frame: int | None, calibrated: bool) -> Patch:
    line = {"color": CSN.colour, "width": 1.4, "dash": "dot"}
    place = 0 if frame is None else frame
    label = {"text": "reference", "textposition": "start", "textangle": 0, "xanchor": "left", "yanchor": "bottom"}
    seen = {"visible": calibrated and frame is not None, "label": {**label, "font": {"size": 11}}}
    return {
        "type": "line",
        "xref": "x",
        "yref": "y domain",
        "x0": place,
        "x1": place,
        "y0": 0,
        "y1": 1,
        "line": line,
        **seen,
    }


def _band(column: int) -> Patch:
    where = {"xref": "x2", "yref": "y domain", "x0": column - 0.5, "x1": column + 0.5, "y0": 0, "y1": 1}
    return {"type": "rect", **where, "fillcolor": "rgba(128,140,155,0.16)", "line": {"width": 0}, "layer": "below"}


def _annotation(text: str, axis: str, x: float, anchor: str) -> Patch:
    where = {
        "x": x,
        "xanchor": anchor,
        "xref": f"{axis} domain",
        "y": 1.0,
        "yanchor": "bottom",
        "yref": "y domain",
        "yshift": 5,
    }
    return {"text": text, "showarrow": False, "font": {"size": 12.5}, **where}


def _short(text: str, longest: int = 60) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _shown(calibrated: bool) -> tuple[Method, ...]:
    return ESTIMATORS if calibrated else (NCG,)


def _beyond(where: Mapping[str, tuple[np.ndarray, np.ndarray]], methods: tuple[Method, ...]) -> Patch:
    """Triangles at the edge of the axis for estimates that lie beyond it, which are drawn nowhere else."""
    x, y, symbols, colours, words = [], [], [], [], []
    for method in methods:
        places, values = where[method.key]
        for place in np.flatnonzero((values > HIGHEST) | (values < LOWEST)):
            above = values[place] > HIGHEST
            x.append(float(places[place]))
            y.append(HIGHEST if above else LOWEST)
            symbols.append("triangle-up" if above else "triangle-down")
            colours.append(method.colour)
            words.append(f"{method.short} {values[place]:.1f}, beyond the axis")
    return {"x": x, "y": y, "text": words, "marker": {"symbol": symbols, "color": colours, "size": 8}}


def _stroke(method: Method, in_sample: bool) -> Patch:
    """The line of a curve; estimates that are in-sample are drawn in broken, thin lines, each of its own kind."""
    if method is LABEL:
        return {"color": method.colour, "dash": method.dash, "width": 1.4}
    dash = {NCG.key: "longdash", BS.key: "dot", CSN.key: "dashdot"}[method.key] if in_sample else method.dash
    return {"color": method.colour, "dash": dash, "width": method.width * (0.65 if in_sample else 1.0)}


def _hatching(method: Method, in_sample: bool) -> str:
    """The pattern of a bar: a slash is BS's own, and estimates that are in-sample are hatched the other way."""
    if in_sample:
        return "x" if method is BS else "\\"
    return "/" if method is BS else ""


def _line(method: Method) -> go.Scatter:
    trace = go.Scatter(mode="lines", connectgaps=False)
    trace.hovertemplate = f"{method.short} %{{y:.1f}}<extra></extra>"
    if method is LABEL:
        trace.update(line_shape="hv", fill="tozeroy", fillcolor="rgba(122,133,148,0.22)")
    return trace


def _column(method: Method) -> go.Bar:
    marker = {"color": method.colour, "line": {"width": 0}, "pattern": {"size": 5, "solidity": 0.45}}
    trace = go.Bar(marker=marker, xaxis="x2", showlegend=False, name=method.title)
    trace.hovertemplate = f"%{{hovertext}}<br>{method.short} %{{y:.1f}}<extra></extra>"
    return trace


def _layout(aus: AUSet) -> go.Layout:
    # Ink, grid lines and fonts take the page's colours in its style sheet, so that one figure serves a light and a dark theme.
    axis = {
        "gridcolor": "rgba(128,140,155,0.25)",
        "zeroline": False,
        "ticks": "",
        "linecolor": "rgba(0,0,0,0)",
        "showline": False,
    }
    letters = ["−1", "0", "1 A", "2 B", "3 C", "4 D", "5 E"]
    intensity = {
        **axis,
        "range": [LOWEST, HIGHEST],
        "tickvals": list(range(-1, 6)),
        "ticktext": letters,
        "fixedrange": True,
    }
    intensity |= {"zeroline": True, "zerolinecolor": "rgba(128,140,155,0.7)", "zerolinewidth": 1}
    units = [f"AU{number}" for number in aus]
    over_time = {
        **axis,
        "domain": [0, 0.655],
        "showgrid": False,
        "title": {"text": "frame", "standoff": 4, "font": {"size": 12}},
        "hoverformat": "d",
    }
    per_unit = {**axis, "domain": [0.68, 1], "showgrid": False, "fixedrange": True, "anchor": "y"}
    per_unit |= {
        "tickvals": list(range(len(units))),
        "ticktext": units,
        "range": [-0.6, len(units) - 0.4],
        "tickangle": 0,
    }
    per_unit |= {"tickfont": {"size": 10.5}}
    legend = {"orientation": "h", "x": 0.655, "xanchor": "right", "y": 1.0, "yanchor": "bottom", "itemclick": False}
    legend |= {"itemdoubleclick": False, "bgcolor": "rgba(0,0,0,0)", "itemwidth": 36}
    return go.Layout(
        template="none", height=HEIGHT, autosize=True, margin={"l": 40, "r": 10, "t": 34, "b": 36}, dragmode="zoom",
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", xaxis=over_time, xaxis2=per_unit, yaxis=intensity,
        legend=legend, hovermode="x unified", hoverlabel={"bgcolor": "#1d2630", "font": {"color": "#ffffff"}},
        font={"family": "system-ui, sans-serif", "size": 12, "color": "#5d6a7a"}, barmode="group", bargap=0.24, bargroupgap=0.06,
    )  # fmt: skip
