"""Where everything stands on the page. Looks are in page.css; this only nests and names."""

from pathlib import Path

import ipywidgets

from csnviz.views.chart import Chart
from csnviz.views.choosers import Choosers
from csnviz.views.notices import Notices
from csnviz.views.reading_panel import ReadingPanel
from csnviz.views.reference_panel import ReferencePanel
from csnviz.views.source import Source
from csnviz.views.viewer import FaceViewer
from csnviz.views.why_panel import WhyPanel
from csnviz.views.words import escape

_STYLE = Path(__file__).parent / "page.css"


def lay_out(
    source: Source,
    notices: Notices,
    choosers: Choosers,
    viewer: FaceViewer,
    reading: ReadingPanel,
    reference: ReferencePanel,
    why: WhyPanel,
    chart: Chart,
) -> tuple[ipywidgets.Widget, ipywidgets.HTML]:
    """The page, and the place in its foot for the small print about the numbers."""
    style = ipywidgets.HTML(f"<style>{_STYLE.read_text(encoding='utf-8')}</style>")
    style.add_class("csn-style")
    cautions = "".join(f"<span>{escape(caution)}</span>" for caution in source.cautions)
    title = ipywidgets.HTML(
        f'<h1>csnviz <span>{escape(source.title)}</span></h1><p class="csn-about">{escape(source.about)}</p>'
        + (f'<p class="csn-cautions">{cautions}</p>' if cautions else "")
    )
    title.add_class("csn-title")
    head = _box(ipywidgets.HBox, "csn-head", title, notices.busy)
    faces = _box(ipywidgets.VBox, "csn-card csn-faces-card", viewer)
    numbers = _box(ipywidgets.VBox, "csn-card csn-numbers", reading.widget)
    side = _box(ipywidgets.VBox, "csn-side", numbers, _box(ipywidgets.HBox, "csn-pair", reference.widget, why.widget))
    plot = _box(ipywidgets.VBox, "csn-card csn-plot", chart.ground)
    small_print = ipywidgets.HTML()
    foot = _box(ipywidgets.VBox, "csn-foot", small_print)
    main = _box(ipywidgets.HBox, "csn-main", faces, side)
    return _box(ipywidgets.VBox, "csn-page", style, head, notices.bar, choosers.widget, main, plot, foot), small_print


def _box(kind: type[ipywidgets.Box], names: str, *children: ipywidgets.Widget) -> ipywidgets.Box:
    box = kind(list(children))
    for name in names.split():
        box.add_class(name)
    return box
