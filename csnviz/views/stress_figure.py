"""How far an attribute moves each method's estimate of each action unit: bars up and down from no change."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float32

from csnviz.facs import AUSet
from csnviz.views.bias_effects import NO_LINES, Effects, effects_layout
from csnviz.views.methods import BS, ESTIMATORS
from csnviz.views.stress import Values
from csnviz.views.words import label_text, number

HEIGHT = 270


@dataclass(frozen=True)
class Moved:
    """off, on: each method's estimates without and with the attribute, in intensity steps. label: the drawn intensities. au: the
    FACS number that is looked at, 0 = none."""

    aus: AUSet
    label: Float32[np.ndarray, " A"]
    off: Values
    on: Values
    au: int = 0


def nothing_moved(aus: AUSet) -> Moved:
    """Before anything has been asked."""
    empty = np.full(len(aus), np.nan, np.float32)
    values = {method.key: empty for method in ESTIMATORS}
    return Moved(aus, empty, values, values)


def moved_figure(shown: Moved) -> go.Figure:
    """The whole figure."""
    return go.Figure(moved_traces(shown), moved_layout(shown))


def moved_traces(shown: Moved) -> list[go.Bar]:
    """One row of bars for each method."""
    bars = []
    for method in ESTIMATORS:
        off, on = shown.off[method.key], shown.on[method.key]
        marker = {
            "color": method.colour,
            "pattern": {"shape": "/" if method is BS else "", "size": 5, "solidity": 0.45},
        }
        bar = go.Bar(x=np.arange(len(off)), y=on - off, name=method.title, marker=marker)
        bar.hovertext = [
            f"{method.short}, {unit.title}: {number(before)} to {number(after)}<br>label {label_text(label)} both times"
            for unit, before, after, label in zip(
                shown.aus.units, map(float, off), map(float, on), map(float, shown.label), strict=True
            )
        ]
        bar.hovertemplate = "%{hovertext}<extra></extra>"
        bars.append(bar)
    return bars


def moved_layout(shown: Moved) -> go.Layout:
    """The axes, and a band behind the unit that is looked at."""
    layout = effects_layout(Effects(shown.aus, NO_LINES, False, "change of the estimate<br>(intensity steps)"))
    column = shown.aus.column_of(shown.au) if shown.au in shown.aus.numbers else 0
    band: dict[str, Any] = {"type": "rect", "xref": "x", "yref": "y domain", "y0": 0, "y1": 1, "layer": "below"}
    band |= {"x0": column - 0.5, "x1": column + 0.5, "fillcolor": "rgba(0,114,178,0.14)", "line": {"width": 0}}
    band |= {"visible": shown.au in shown.aus.numbers}
    values = np.concatenate([shown.on[key] - shown.off[key] for key in shown.on])
    reach = max(0.5, float(np.nanmax(np.abs(values)))) if np.isfinite(values).any() else 0.5
    layout.update(height=HEIGHT, barmode="group", bargap=0.24, shapes=[*layout.shapes, band])
    layout.yaxis.update(range=[-1.08 * reach, 1.08 * reach], rangemode="normal")
    return layout
