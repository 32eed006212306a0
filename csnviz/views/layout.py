"""Where everything stands on the page. Looks are in page.css; this only nests and names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import ipywidgets

from csnviz.data.tables import PredictionTable
from csnviz.views.case_menu import CaseMenu
from csnviz.views.chart import Chart
from csnviz.views.choosers import Choosers
from csnviz.views.guest import GuestPanel
from csnviz.views.notices import Notices
from csnviz.views.provenance import provenance_html
from csnviz.views.reading_panel import ReadingPanel
from csnviz.views.reference_panel import ReferencePanel
from csnviz.views.selection import Selection
from csnviz.views.share_panel import SharePanel
from csnviz.views.source import Source
from csnviz.views.tabs import Tab, Tabs
from csnviz.views.viewer import FaceViewer
from csnviz.views.why_panel import WhyPanel
from csnviz.views.words import escape

STYLE = Path(__file__).parent / "page.css"


@dataclass(frozen=True)
class Parts:
    """The panels of the page. tabs: what the lower half offers beside the curves."""

    notices: Notices
    cases: CaseMenu
    choosers: Choosers
    viewer: FaceViewer
    reading: ReadingPanel
    reference: ReferencePanel
    why: WhyPanel
    chart: Chart
    sharing: SharePanel
    guest: GuestPanel
    tabs: Sequence[Tab]


@dataclass(frozen=True)
class Page:
    """The page as it is shown, its tabs, and the small print at its foot."""

    widget: ipywidgets.Box
    tabs: Tabs
    small_print: ipywidgets.HTML

    def say_provenance(self, tables: Sequence[PredictionTable]) -> None:
        """Where the numbers come from."""
        self.small_print.value = provenance_html(tables)


def lay_out(source: Source, parts: Parts, selection: Selection) -> Page:
    """The page: faces and numbers above, tabs below; for a guest the same page, less what is not needed for one case."""
    style = ipywidgets.HTML(f"<style>{STYLE.read_text(encoding='utf-8')}</style>")
    style.add_class("csn-style")
    head = box(ipywidgets.HBox, "csn-head", _title(source), parts.notices.line)
    faces = box(ipywidgets.VBox, "csn-card csn-faces-card", parts.viewer)
    numbers = box(ipywidgets.VBox, "csn-card csn-numbers", parts.reading.widget)
    pair = box(ipywidgets.HBox, "csn-pair", parts.reference.widget, parts.why.widget)
    side = box(ipywidgets.VBox, "csn-side", numbers, pair, parts.guest.widget)
    main = box(ipywidgets.HBox, "csn-main", faces, side)
    plot = box(ipywidgets.VBox, "csn-card csn-plot", parts.chart.ground)
    # The same viewer once more: inside this place it draws its timeline.
    timeline = box(ipywidgets.VBox, "csn-card csn-timeline-place", parts.viewer)
    tabs = Tabs(
        [Tab("curves", "Curves", plot), Tab("timeline", "Timeline", timeline), *parts.tabs], "what is shown below"
    )
    ipywidgets.link((selection, "tab"), (tabs.row, "chosen"))
    row = box(ipywidgets.HBox, "csn-lower-head", tabs.row, parts.sharing.widget)
    lower = box(ipywidgets.VBox, "csn-lower", row, *tabs.panels)
    small_print = ipywidgets.HTML()
    foot = box(ipywidgets.VBox, "csn-foot", small_print)
    page = box(ipywidgets.VBox, "csn-page", style, head, parts.notices.bar, parts.choosers.widget, main, lower, foot)

    def follow() -> None:
        (page.add_class if selection.guest else page.remove_class)("csn-guest")

    selection.observe(lambda _: follow(), "guest")
    follow()
    return Page(page, tabs, small_print)


def box(kind: Callable[..., ipywidgets.Box], names: str, *children: ipywidgets.Widget) -> ipywidgets.Box:
    """A box with these class names."""
    made = kind(list(children))
    for name in names.split():
        made.add_class(name)
    return made


def _title(source: Source) -> ipywidgets.HTML:
    cautions = "".join(f"<span>{escape(caution)}</span>" for caution in source.cautions)
    title = ipywidgets.HTML(
        f'<h1>csnviz <span>{escape(source.title)}</span></h1><p class="csn-about">{escape(source.about)}</p>'
        + (f'<p class="csn-cautions">{cautions}</p>' if cautions else "")
    )
    title.add_class("csn-title")
    return title
