"""How well the calibrated estimates agree with the labels, one dot for every frame that might have been the reference."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float, Int

from csnviz.views.methods import CSN, NCG

HEIGHT = 516
JUDGED_BY_LABELS = "The human labels did the judging: a reference picked from this strip is chosen_by = labels."
_BEST, _WORST, _CHOSEN = "#009E73", "#CC79A7", "#E69F00"


@dataclass(frozen=True)
class ReferenceStrip:
    """Candidates and what became of the estimates with each; one person before one camera.

    frames: the candidates' numbers, ascending. icc: mean ICC(3,1) over the AUs whose label varies, NaN where none does. error: mean
    absolute error over the coded AUs, in intensity steps. fit: nothing speaks against the candidate as a reference. alone_icc and
    alone_error: the same without a reference. chosen: the place (in frames) of the reference in use, None = none; chosen_by: who
    chose it, in words.
    """

    title: str
    frames: Int[np.ndarray, " K"]
    icc: Float[np.ndarray, " K"]
    error: Float[np.ndarray, " K"]
    fit: Bool[np.ndarray, " K"]
    alone_icc: float
    alone_error: float
    chosen: int | None
    chosen_by: str

    def best(self) -> int:
        """The place of the candidate with the smallest error."""
        return int(np.nanargmin(self.error))

    def worst(self) -> int:
        """The place of the candidate with the largest error."""
        return int(np.nanargmax(self.error))


def strip_figure(strip: ReferenceStrip) -> go.Figure:
    """Two rows over the same frames: ICC(3,1) above, mean absolute error below; always the same traces, so it can be patched."""
    return go.Figure(strip_traces(strip), strip_layout(strip))


def strip_traces(strip: ReferenceStrip) -> list[go.Scatter]:
    """For each row: the line without a reference, fit candidates, unfit ones, and the three that are named."""
    rows = ((strip.icc, strip.alone_icc, "y", "ICC"), (strip.error, strip.alone_error, "y2", "error"))
    return [trace for values, alone, axis, word in rows for trace in _row(strip, values, alone, axis, word)]


def _row(
    strip: ReferenceStrip, values: Float[np.ndarray, " K"], alone: float, axis: str, word: str
) -> list[go.Scatter]:
    first = axis == "y"
    ends = strip.frames[[0, -1]].astype(np.float32)
    line = {"color": NCG.colour, "dash": NCG.dash, "width": NCG.width}
    without = go.Scatter(
        x=ends, y=[alone, alone], mode="lines", line=line, name=f"{NCG.short}, no reference", yaxis=axis
    )
    without.update(showlegend=first, hovertemplate=f"no reference<br>{word} %{{y:.2f}}<extra></extra>")
    dot = {"symbol": "circle", "color": CSN.colour}
    cross = {"symbol": "x-thin", "line": {"width": 1.6, "color": CSN.colour}}
    candidates = [
        _candidates(strip, values, strip.fit, axis, word, "fit as a reference", dot),
        _candidates(strip, values, ~strip.fit, axis, word, "not fit", cross),
    ]
    return [without, *candidates, *_named(strip, values, axis)]


def _candidates(
    strip: ReferenceStrip,
    values: Float[np.ndarray, " K"],
    these: Bool[np.ndarray, " K"],
    axis: str,
    word: str,
    name: str,
    marker: dict[str, Any],
) -> go.Scatter:
    dots = go.Scatter(x=strip.frames[these], y=values[these].astype(np.float32), mode="markers", name=name, yaxis=axis)
    words = f"frame %{{x}} as the reference, {name}<br>{word} %{{y:.2f}}<extra></extra>"
    return dots.update(marker={"size": 7, **marker}, showlegend=axis == "y", hovertemplate=words)


def _named(strip: ReferenceStrip, values: Float[np.ndarray, " K"], axis: str) -> list[go.Scatter]:
    """Rings around the best, the worst and the one in use, whose names stand in the legend, where they hide no dot."""
    return [_ring(strip, values, axis, *pick) for pick in _picks(strip)]


def _ring(
    strip: ReferenceStrip, values: Float[np.ndarray, " K"], axis: str, place: int, says: str, colour: str, symbol: str
) -> go.Scatter:
    at = {"x": strip.frames[[place]], "y": values[[place]].astype(np.float32), "yaxis": axis}
    ring = go.Scatter(**at, mode="markers", hoverinfo="skip", cliponaxis=False, visible=bool(says))
    ring.marker = {"symbol": symbol, "size": 15, "color": colour, "line": {"width": 2.4}}
    name = f"{says}: frame {strip.frames[place]}, {strip.error[place]:.2f}"
    return ring.update(name=name, showlegend=axis == "y")


def _picks(strip: ReferenceStrip) -> list[tuple[int, str, str, str]]:
    """Place, words, colour and symbol of the candidates that are named; no words: there is none in use."""
    return [
        (strip.best(), "smallest error", _BEST, "circle-open"),
        (strip.worst(), "largest error", _WORST, "diamond-open"),
        (strip.best() if strip.chosen is None else strip.chosen, strip.chosen_by, _CHOSEN, "square-open"),
    ]


def strip_layout(strip: ReferenceStrip) -> go.Layout:
    """The two axes, what each row says, which candidates are named, and that the labels did the picking."""
    axis = {
        "gridcolor": "rgba(128,140,155,0.25)",
        "zeroline": False,
        "ticks": "",
        "showline": False,
        "fixedrange": True,
    }
    reach = float(strip.frames[0]), float(strip.frames[-1])
    margin = max((reach[1] - reach[0]) * 0.02, 0.6)
    frames = {**axis, "range": [reach[0] - margin, reach[1] + margin], "showgrid": False, "anchor": "y2"}
    frames |= {"title": {"text": "frame used as the reference", "standoff": 4, "font": {"size": 12}}}
    # plotly cannot change annotations and their number in one message, so there are always these three.
    words = [
        _words("ICC(3,1), mean over the AUs that vary; higher is better", 1.0, "bottom", 6),
        _words("Mean absolute error over all coded AUs, in intensity steps; lower is better", 0.44, "bottom", 6),
        _words(JUDGED_BY_LABELS, 0.0, "top", -104),
    ]
    legend = {"orientation": "h", "x": 0.0, "xanchor": "left", "y": -0.1, "yanchor": "top", "itemclick": False}
    legend |= {"itemdoubleclick": False, "bgcolor": "rgba(0,0,0,0)"}
    return go.Layout(
        template="none", height=HEIGHT, autosize=True, margin={"l": 44, "r": 14, "t": 30, "b": 128}, legend=legend,
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", xaxis=frames, annotations=words,
        yaxis={**axis, "domain": [0.56, 1.0]}, yaxis2={**axis, "domain": [0.0, 0.44], "rangemode": "tozero"},
        font={"family": "system-ui, sans-serif", "size": 12, "color": "#5d6a7a"}, hovermode="closest",
        hoverlabel={"bgcolor": "#1d2630", "font": {"color": "#ffffff"}},
    )  # fmt: skip


def _words(text: str, y: float, anchor: str, shift: int) -> dict[str, Any]:
    where = {"x": 0.0, "xanchor": "left", "xref": "paper", "y": y, "yanchor": anchor, "yref": "paper", "yshift": shift}
    # As heavy as the page's style sheet makes it: plotly places words by the width that it measures.
    return {"text": text, "showarrow": False, "font": {"size": 12.5, "weight": 600}, **where}
