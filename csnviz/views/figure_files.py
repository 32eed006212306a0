"""The page's plot as a file: HTML that opens offline, and PNG and SVG, which the browser draws from the same figure.

A file leaves its page, so that it says beneath the axes what the page says around them: who, which reference, which networks.
It is white whatever the theme, and dark on white whatever plotly's template.
"""

import json
import textwrap
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from csnviz.data.tables import PredictionTable
from csnviz.views.download import safe_name
from csnviz.views.figures import QUIET, Bars, Curves, explorer_figure

FORMATS = ("png", "svg", "html")
WIDTH, HEIGHT = 1200, 380
_INK, _MUTED, _GRID = "#1b2430", "#4b5766", "#dfe4ea"
_LINE = 215
"""How many letters of the caption stand in a line of the figure's width."""


def figure_caption(curves: Curves, whose: str, tables: Sequence[PredictionTable]) -> str:
    """What stands beneath a figure: whose frames, which reference, and each method's network by name and hash.

    whose: the participant and camera in words. tables: what was drawn, from `Source`.
    """
    frames = curves.frames
    parts = [f"{whose}, frames {frames[0]}–{frames[-1]} ({len(frames)})" if len(frames) else whose]
    parts.append("no reference" if curves.reference is None else f"reference: frame {curves.reference}")
    if curves.caution:
        parts.append(f"which is not fit: {curves.caution}")
    if curves.in_sample:
        parts.append("in-sample: the networks were trained on this person")
    sentences = ["; ".join(parts), "; ".join(_named(table) for table in tables), _version(tables)]
    return ". ".join(sentence for sentence in sentences if sentence) + "."


def figure_for_file(curves: Curves, bars: Bars, calibrated: bool, caption: str) -> go.Figure:
    """The page's figure on white, with its caption beneath; WIDTH pixels wide, and as high as the caption needs."""
    figure = explorer_figure(curves, bars, calibrated)
    lines = textwrap.wrap(caption, _LINE) or [""]
    below = 62 + 15 * len(lines)
    axis = {"gridcolor": _GRID, "tickfont": {"color": _MUTED}, "title": {"font": {"color": _MUTED}}}
    figure.update_layout(
        width=WIDTH, height=HEIGHT + 15 * len(lines), autosize=False, paper_bgcolor="#ffffff", plot_bgcolor="#ffffff",
        font={"color": _INK, "size": 13, "family": "Arial, Helvetica, sans-serif"}, legend={"font": {"color": _INK}},
        margin={"l": 52, "r": 18, "t": 40, "b": below}, xaxis=axis, yaxis={**axis, "zerolinecolor": "#9aa4b0"}, xaxis2=axis,
    )  # fmt: skip
    figure.update_annotations(font={"color": _INK})
    figure.add_annotation(
        text="<br>".join(_plain(line) for line in lines), showarrow=False, xref="paper", yref="paper", x=0, y=0, align="left",
        xanchor="left", yanchor="top", yshift=-48, xshift=-40, font={"size": 11, "color": _MUTED},
    )  # fmt: skip
    return figure


def figure_html(figure: go.Figure, title: str) -> str:
    """A page of its own with the figure in it, plotly and all (5 MB): it opens offline, and asks nobody for anything."""
    drawn = figure.to_html(config=dict(QUIET), include_plotlyjs=True, full_html=True, include_mathjax=False)
    head = f"<head><title>{_plain(title)}</title>"
    return str(drawn).replace("<head>", head, 1)


def figure_message(figure: go.Figure, format_: str, name: str) -> dict[str, Any]:
    """What the chart's browser side is sent to save a figure as "png" or "svg" under this name, its ending added."""
    size = {"width": int(figure.layout.width or WIDTH), "height": int(figure.layout.height or HEIGHT)}
    drawn = json.loads(figure.to_json())
    return {"type": "download", "format": format_, "name": f"{safe_name(name)}.{format_}", "figure": drawn, **size}


def _named(table: PredictionTable) -> str:
    network = table.provenance.get("network", {})
    hash_ = str(network.get("sha256", ""))[:12]
    return " ".join(part for part in (f"{table.method}:", str(network.get("name", "")), hash_) if part).rstrip(":")


def _version(tables: Sequence[PredictionTable]) -> str:
    versions = [table.provenance.get("versions", {}).get("csnviz", "") for table in tables]
    known = [version for version in versions if version]
    return f"csnviz {known[0]}" if known else ""


def _plain(text: str) -> str:
    """Text in which plotly finds no markup; it knows these three by name."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
