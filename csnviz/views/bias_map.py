"""Who is misread, on one map: people downwards, action units across, one method's offset or rate of errors in each cell."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

from csnviz.facs import AUSet

ROW, AROUND = 27, 74
"""Pixels: the height of a person's row, and of all that is above and below the rows."""

RATES = [[0.0, "#eef1f4"], [0.25, "#f9d3ae"], [0.5, "#ee9a5b"], [0.75, "#c95f20"], [1.0, "#7d2e05"]]
OFFSETS = [[0.0, "#0a4f7d"], [0.25, "#6aa9d2"], [0.5, "#eef1f4"], [0.75, "#ee9a5b"], [1.0, "#9c3f06"]]
"""Colours: from none to many, and for what has a sign from below (blue) over nothing to above (orange)."""

_HATCH = {"shape": "/", "size": 6, "solidity": 0.25, "fgcolor": "rgba(122,133,148,.8)", "bgcolor": "rgba(0,0,0,0)"}
_EDGE = 0.46
"""Half the width of a hatched cell, as a share of a column."""


@dataclass(frozen=True)
class PeopleMap:
    """P people and A action units. people: what stands before each row, the first on top. values: NaN where there are none.

    errors, frames: what a rate stands on; of an offset, the number of reference frames. signed: values may be below 0. highest: the
    strongest colour's value, the same for every method that is compared. what: what a cell says, such as "overestimate". chosen:
    row and column of the cell looked at, None = none. unread: rows of people nobody has been estimated for yet.
    """

    people: tuple[str, ...]
    aus: AUSet
    values: Float[np.ndarray, "P A"]
    errors: Int[np.ndarray, "P A"]
    frames: Int[np.ndarray, "P A"]
    signed: bool
    highest: float
    what: str
    chosen: tuple[int, int] | None = None
    unread: frozenset[int] = frozenset()


def map_figure(shown: PeopleMap) -> go.Figure:
    """The whole map."""
    return go.Figure(list(map_traces(shown)), map_layout(shown))


def map_traces(shown: PeopleMap) -> tuple[go.Heatmap, go.Bar]:
    """The cells with a number, and the hatching of those without, which answer the mouse too."""
    lowest = -shown.highest if shown.signed else 0.0
    empty_rows, empty_columns = np.nonzero(np.isnan(shown.values))
    cells = go.Heatmap(
        x=np.arange(len(shown.aus)),
        y=np.arange(len(shown.people)),
        z=[[None if np.isnan(value) else float(value) for value in row] for row in shown.values],
        zmin=lowest,
        zmax=shown.highest,
        colorscale=OFFSETS if shown.signed else RATES,
        xgap=2,
        ygap=2,
        text=_grid(shown, _short),
        texttemplate="%{text}",
        textfont={"size": 11},
        hovertext=_grid(shown, _long),
        hovertemplate="%{hovertext}<extra></extra>",
        hoverongaps=False,
        colorbar=_colours(shown, lowest),
    )
    empty = go.Bar(y=empty_rows, base=empty_columns - _EDGE, x=np.full(len(empty_rows), 2 * _EDGE), width=2 * _EDGE)
    empty.update(orientation="h", marker={"pattern": _HATCH, "line": {"width": 0}}, showlegend=False)
    empty.hovertext = [_long(shown, row, column) for row, column in np.argwhere(np.isnan(shown.values)).tolist()]
    empty.hovertemplate = "%{hovertext}<extra></extra>"
    return cells, empty


def _grid(shown: PeopleMap, words: Any) -> list[list[str]]:
    return [[words(shown, row, column) for column in range(len(shown.aus))] for row in range(len(shown.people))]


def _short(shown: PeopleMap, row: int, column: int) -> str:
    value = shown.values[row, column]
    if np.isnan(value):
        return ""
    return f"{value:+.1f}".replace("-", "−") if shown.signed else f"{value:.0%}"


def _long(shown: PeopleMap, row: int, column: int) -> str:
    """What a cell says when it is pointed at: who, which unit, the number, and on how many frames it stands."""
    about = f"{shown.people[row]}, {shown.aus.units[column].title}"
    value, frames = shown.values[row, column], shown.frames[row, column]
    if row in shown.unread:
        return f"{about}<br>not estimated yet"
    if np.isnan(value):
        return f"{about}<br>{shown.what}: no such frame"
    if shown.signed:
        said = f"{value:+.2f}".replace("-", "−")
        return f"{about}<br>{shown.what} {said} ({frames} reference {'frame' if frames == 1 else 'frames'})"
    return f"{about}<br>{shown.what} in {shown.errors[row, column]} of {frames} frames ({value:.0%})"


def _colours(shown: PeopleMap, lowest: float) -> dict[str, Any]:
    ticks = np.linspace(lowest, shown.highest, 5 if shown.signed else 3)
    words = [f"{tick:+.1f}".replace("-", "−") if shown.signed else f"{tick:.0%}" for tick in ticks]
    return {
        "thickness": 10,
        "outlinewidth": 0,
        "tickvals": ticks,
        "ticktext": words,
        "tickfont": {"size": 10.5},
        "len": 0.9,
    }


def map_layout(shown: PeopleMap) -> go.Layout:
    """The axes, and a frame around the cell looked at."""
    axis = {"showgrid": False, "zeroline": False, "ticks": "", "showline": False, "fixedrange": True}
    units = [f"AU{number}" for number in shown.aus]
    across = {**axis, "tickvals": list(range(len(units))), "ticktext": units, "side": "top"}
    across |= {"range": [-0.5, len(units) - 0.5]}
    people = list(shown.people)
    down = {**axis, "tickvals": list(range(len(people))), "ticktext": people, "range": [len(people) - 0.5, -0.5]}
    row, column = shown.chosen or (0, 0)
    around = {"type": "rect", "x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
    around |= {"line": {"color": "#0072b2", "width": 3}, "visible": shown.chosen is not None}
    return go.Layout(
        template="none", height=ROW * len(people) + AROUND, autosize=True, margin={"l": 92, "r": 8, "t": 28, "b": 12},
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", xaxis=across, yaxis=down, shapes=[around],
        font={"family": "system-ui, sans-serif", "size": 12, "color": "#5d6a7a"}, hovermode="closest",
        hoverlabel={"bgcolor": "#1d2630", "font": {"color": "#ffffff"}}, barmode="overlay", bargap=0,
    )  # fmt: skip
