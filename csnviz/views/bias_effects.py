"""By which attribute, or by which dose of one: a dot with its interval for each action unit and method."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from csnviz.facs import AUSet
from csnviz.views.methods import ESTIMATORS, Method

HEIGHT = 330
SYMBOLS = {"ncg": "circle", "bs": "diamond", "csn": "square"}
"""So that methods are told apart without their colours too."""


@dataclass(frozen=True)
class Effects:
    """aus: in which order. lines: method (`Method.short`), au ("AU01"), difference, low, high (NaN = no interval), and words, which
    a dot says when it is pointed at. shares: the differences are shares (shown in points of 100), not intensity steps. axis: what
    the numbers are.
    """

    aus: AUSet
    lines: pd.DataFrame
    shares: bool
    axis: str


NO_LINES = pd.DataFrame({"method": [], "au": [], "difference": [], "low": [], "high": [], "words": []})


def effects_figure(shown: Effects) -> go.Figure:
    """The whole figure: for each method its dots, side by side over each action unit."""
    return go.Figure(effects_traces(shown), effects_layout(shown))


def effects_traces(shown: Effects) -> list[go.Scatter]:
    """One trace for each method, in the usual order; dots without an interval are hollow."""
    return [_dots(shown, method, place - 1) for place, method in enumerate(ESTIMATORS)]


def _dots(shown: Effects, method: Method, place: int) -> go.Scatter:
    lines = shown.lines[shown.lines["method"] == method.short].set_index("au").reindex(list(shown.aus.columns))
    scale = 100.0 if shown.shares else 1.0
    middle = lines["difference"].to_numpy(float) * scale
    reach = (lines["high"] - lines["difference"]).to_numpy(float) * scale
    below = (lines["difference"] - lines["low"]).to_numpy(float) * scale
    sure = ~np.isnan(reach)
    symbols = [f"{SYMBOLS[method.key]}{'' if known else '-open'}" for known in sure]
    return go.Scatter(
        x=np.arange(len(middle)) + 0.22 * place,
        y=middle,
        mode="markers",
        name=method.title,
        marker={"color": method.colour, "size": 9, "symbol": symbols},
        error_y={
            "type": "data", "array": reach, "arrayminus": below, "symmetric": False,
            "color": method.colour, "thickness": 2, "width": 3,
        },
        hovertext=lines["words"].fillna("").tolist(),
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip


def effects_layout(shown: Effects) -> go.Layout:
    """The axes: a line at no difference, and a faint ground under every other unit."""
    axis = {"gridcolor": "rgba(128,140,155,0.25)", "ticks": "", "showline": False, "fixedrange": True}
    count = len(shown.aus)
    across = {**axis, "showgrid": False, "zeroline": False, "range": [-0.5, count - 0.5]}
    across |= {"tickvals": list(range(count)), "ticktext": [f"AU{number}" for number in shown.aus]}
    upwards = {**axis, "zeroline": True, "zerolinecolor": "#5d6a7a", "zerolinewidth": 1.6, "range": _reach(shown)}
    upwards |= {"title": {"text": shown.axis, "font": {"size": 12}, "standoff": 6}}
    legend = {"orientation": "h", "x": 1.0, "xanchor": "right", "y": 1.0, "yanchor": "bottom", "itemclick": False}
    legend |= {"itemdoubleclick": False, "bgcolor": "rgba(0,0,0,0)"}
    return go.Layout(
        template="none", height=HEIGHT, autosize=True, margin={"l": 62, "r": 12, "t": 34, "b": 30}, xaxis=across, yaxis=upwards,
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", legend=legend, shapes=_grounds(range(0, count, 2)),
        font={"family": "system-ui, sans-serif", "size": 12, "color": "#5d6a7a"}, hovermode="closest",
        hoverlabel={"bgcolor": "#1d2630", "font": {"color": "#ffffff"}},
    )  # fmt: skip


def _reach(shown: Effects) -> list[float]:
    """As high as the intervals, but no odd one takes the room from all others: what is longer goes on beyond the edge."""
    scale = 100.0 if shown.shares else 1.0
    columns = [np.abs(shown.lines[name].to_numpy(float)) for name in ("difference", "low", "high")]
    middle, *ends = (float(np.nanmax(values)) if np.isfinite(values).any() else 0.0 for values in columns)
    reach = 1.08 * scale * max(0.1, middle, min(max(ends), 4 * middle))
    return [-reach, reach]


def _grounds(columns: Sequence[int]) -> list[dict[str, Any]]:
    where = {"type": "rect", "xref": "x", "yref": "y domain", "y0": 0, "y1": 1, "layer": "below", "line": {"width": 0}}
    fill = {"fillcolor": "rgba(128,140,155,0.09)"}
    return [{**where, **fill, "x0": column - 0.5, "x1": column + 0.5} for column in columns]
