"""The figure of what a calibrated network holds inside: arrays in, a plotly figure out.

A column for each place where a merge is possible, and in it the image, the reference and their difference on one scale, so that
the eye sees what each stage still holds and what it has lost. Behind its merge the network itself sees the difference alone: what
each face alone would give there is shown to be compared. Beneath, at this network's own merge, the few channels of the
difference that move the chosen action unit.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float32
from plotly.subplots import make_subplots

from csnviz.explain.inside_results import AtStage, Inside, Merged
from csnviz.facs import au
from csnviz.views.methods import CSN
from csnviz.views.words import number

HEIGHT, COLUMN = 800, 126
STRENGTH = "Viridis"
SIGNED = [[0.0, "#0072B2"], [0.5, "#f7f7f7"], [1.0, "#D55E00"]]
"""Blue lowers the estimate, orange raises it; the two ends are told apart with any kind of colour vision."""
_FACES = ("image", "reference", "difference")
_PART, _CHANNEL = 4, 5
_GREY = "#8894a3"


def inside_figure(seen: Inside, aus: Sequence[int]) -> go.Figure:
    """The whole figure. aus: the FACS numbers of the network's estimates in order, for the last column, which is no map."""
    columns = len(seen.stages)
    figure = make_subplots(5, columns, horizontal_spacing=0.02, vertical_spacing=0.045, row_heights=[1, 1, 1, 1, 1])
    for column, at in enumerate(seen.stages, 1):
        for row, face in enumerate(_FACES, 1):
            trace = _bars(at, face, aus, seen.au) if at.stage == "output" else _strengths(at, face)
            figure.add_trace(trace, row, column)
    _add_channels(figure, seen.merged, columns)
    _set_axes(figure, seen, aus)
    figure.update_layout(
        template="none",
        height=HEIGHT,
        width=COLUMN * columns + 150,
        margin={"l": 112, "r": 38, "t": 96, "b": 8},
        showlegend=False,
        plot_bgcolor="rgba(0,0,0,0)",
        paper_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "size": 12, "color": "#5d6a7a"},
        title={"text": _title(seen), "font": {"size": 15}, "x": 0.01, "y": 0.985, "yanchor": "top"},
    )
    return figure


def _title(seen: Inside) -> str:
    merged = seen.merged
    said = f"{number(merged.estimate)} beside the reference, {number(merged.neutral_offset)} for a face beside itself"
    return f"{au(seen.au).title}: {said}"


def _strengths(at: AtStage, face: str) -> go.Heatmap:
    """One face at one stage; the three faces of a stage share one scale, from 0 to the strongest place of any."""
    highest = max(float(at.image.max()), float(at.reference.max()), float(at.difference.max())) or 1.0
    said = f"{place_of(at.stage)}, {face}: %{{z:.1f}}<extra></extra>"
    return go.Heatmap(
        z=getattr(at, face), zmin=0.0, zmax=highest, colorscale=STRENGTH, showscale=False, hovertemplate=said
    )


def _bars(at: AtStage, face: str, aus: Sequence[int], chosen: int) -> go.Bar:
    """What the network says of each AU; the chosen one in colour."""
    values = getattr(at, face)[:, 0]
    colours = [CSN.colour if number == chosen else _GREY for number in aus]
    names = [f"AU{number}" for number in aus]
    said = f"{face}, %{{y}}: %{{x:.1f}}<extra></extra>"
    return go.Bar(x=values, y=names, orientation="h", marker={"color": colours}, hovertemplate=said)


def _add_channels(figure: go.Figure, merged: Merged, columns: int) -> None:
    """Where the estimate comes from: all channels together, then the few that matter, on one scale; and their differences."""
    few = min(len(merged.channels), columns - 1)
    figure.add_trace(_signed(merged.total, _reach(merged.total[None]), "%{z:+.2f} steps"), _PART, 1)
    for column, values in enumerate(merged.maps[:few], 2):
        figure.add_trace(_signed(values, _reach(merged.maps[:few]), "%{z:+.2f} steps"), _PART, column)
    for column, values in enumerate(merged.differences[:few], 2):
        figure.add_trace(_signed(values, _reach(merged.differences[:few]), "%{z:+.2f}"), _CHANNEL, column)


def _reach(maps: Float32[np.ndarray, "K H W"]) -> float:
    return float(np.abs(maps).max(initial=0.0)) or 1.0


def _signed(values: Float32[np.ndarray, "H W"], reach: float, said: str) -> go.Heatmap:
    return go.Heatmap(
        z=values, zmin=-reach, zmax=reach, colorscale=SIGNED, showscale=False, hovertemplate=f"{said}<extra></extra>"
    )


def _set_axes(figure: go.Figure, seen: Inside, aus: Sequence[int]) -> None:
    bare = {"visible": False, "fixedrange": True}
    figure.update_xaxes(bare).update_yaxes(bare | {"autorange": "reversed"})
    columns, names = len(seen.stages), [at.stage for at in seen.stages]
    for column, at in enumerate(seen.stages, 1):
        if at.stage == "output":
            _set_bars(figure, at, column, aus)
    for column, at in enumerate(seen.stages, 1):
        behind = names.index(at.stage) > names.index(seen.merge_before)
        _write(figure, 1, column, _head(at, seen.merge_before, behind))
    for row, face in enumerate(_FACES, 1):
        _name_row(figure, row, columns, face)
    _name_row(figure, _PART, columns, "what moves<br>the estimate")
    _name_row(figure, _CHANNEL, columns, "difference<br>in the channel")
    _write(figure, _PART, 1, f"{seen.merged.total.sum():+.1f} in all")
    few = min(len(seen.merged.channels), columns - 1)
    for column in range(2, few + 2):
        number, part = seen.merged.channels[column - 2], seen.merged.parts[column - 2]
        _write(figure, _PART, column, f"channel {number}: {part:+.2f}")


def _set_bars(figure: go.Figure, at: AtStage, column: int, aus: Sequence[int]) -> None:
    """The last column's bars share one axis; its names stand on the right, where there is room for them."""
    values = np.concatenate([at.image, at.reference, at.difference])
    reach = [min(float(values.min()), 0.0) - 0.1, max(float(values.max()), 1.0) + 0.1]
    for row in range(1, 4):
        figure.update_xaxes(
            range=reach, visible=True, showgrid=False, zeroline=True, zerolinecolor=_GREY, row=row, col=column
        )
        figure.update_xaxes(tickfont={"size": 9}, ticks="", row=row, col=column)
        names: dict[str, Any] = {
            "visible": True,
            "side": "right",
            "tickfont": {"size": 8},
            "ticks": "",
            "showgrid": False,
        }
        names |= {"tickmode": "array", "tickvals": [f"AU{number}" for number in aus]}
        figure.update_yaxes(**names, row=row, col=column)


def place_of(stage: str) -> str:
    """Where features are held, in words.

    >>> place_of("stage1"), place_of("fc"), place_of("output")
    ('before stage 1', 'before FC', 'output')
    """
    if stage == "output":
        return stage
    return "before FC" if stage == "fc" else f"before stage {stage.removeprefix('stage')}"


def _head(at: AtStage, merge_before: str, behind: bool) -> str:
    mark = "<b>merges here</b>" if at.stage == merge_before else "behind the merge" if behind else "&nbsp;"
    return f"{mark}<br>{place_of(at.stage)}<br>{100 * at.apart:.0f} % apart"


def _write(figure: go.Figure, row: int, column: int, text: str) -> None:
    where = figure.get_subplot(row, column)
    x, y = where.xaxis.domain, where.yaxis.domain
    figure.add_annotation(
        text=text,
        x=(x[0] + x[1]) / 2,
        y=y[1],
        xref="paper",
        yref="paper",
        xanchor="center",
        yanchor="bottom",
        showarrow=False,
        font={"size": 11.5},
    )


def _name_row(figure: go.Figure, row: int, columns: int, text: str) -> None:
    y = figure.get_subplot(row, 1).yaxis.domain
    figure.add_annotation(
        text=text,
        x=0,
        xshift=-8,
        y=(y[0] + y[1]) / 2,
        xref="paper",
        yref="paper",
        xanchor="right",
        showarrow=False,
        align="right",
    )
