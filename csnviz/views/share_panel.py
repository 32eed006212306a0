"""Sharing: the link to what is looked at, and the views that somebody saved under a name."""

from collections.abc import Callable
from pathlib import Path

import anywidget
import ipywidgets
import traitlets

from csnviz.views.source import View, Views
from csnviz.views.viewer import OF_FRAME

CHOOSE = "Choose a saved view"


class Link(anywidget.AnyWidget):
    """Two buttons that copy the page's link; in Voila the address bar follows `query`, in JupyterLab the link leads to Voila."""

    _esm = Path(__file__).parent / "share.js"
    query = traitlets.Unicode().tag(sync=True)


class SharePanel:
    """Calls `open_` with the query of a chosen view, and `held` around everything that may go wrong. views None: read only."""

    def __init__(
        self,
        open_: Callable[[str], None],
        views: Views | None,
        held: Callable[[Callable[..., None]], Callable[..., None]],
    ) -> None:
        self.link = Link()
        self._views, self._go = views, open_
        self.saved = ipywidgets.Dropdown(description="Saved views", options=[(CHOOSE, "")])
        self.saved.add_class("csn-saved-views")
        self.saved.observe(held(lambda change: self._open(change["new"])), "value")
        self.name = ipywidgets.Text(description="Save this view as", placeholder="a name")
        self.name.add_class("csn-view-name")
        self.save = ipywidgets.Button(
            description="Save view", tooltip="keep what is looked at under this name, on this machine"
        )
        self.save.add_class("csn-save-view")
        self.save.add_class(OF_FRAME)
        self.save.on_click(held(lambda _: self._keep()))
        kept = [self.saved, self.name, self.save] if views is not None else []
        self.widget = ipywidgets.HBox([self.link, *kept])
        self.widget.add_class("csn-sharing")
        held(self._offer)()

    def _open(self, query: str) -> None:
        if query:
            self._go(query)
            self.saved.value = ""  # so that it can be chosen again

    def _offer(self) -> None:
        if self._views is not None:
            self._list(self._views.all())

    def _keep(self) -> None:
        if self._views is not None:
            self._list(self._views.keep(self.name.value, self.link.query))
            self.name.value = ""

    def _list(self, views: tuple[View, ...]) -> None:
        self.saved.options = [(CHOOSE, ""), *((view.name, view.query) for view in views)]
