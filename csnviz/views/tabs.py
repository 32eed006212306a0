"""The lower half of the page: several panels in one place, one of them shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import anywidget
import ipywidgets
import traitlets


@dataclass(frozen=True)
class Tab:
    """One panel: `key` in links, `title` on screen."""

    key: str
    title: str
    panel: ipywidgets.Widget


class TabRow(anywidget.AnyWidget):
    """The row of names. `chosen` is a key; `notes` stands small behind a title (a count, say)."""

    _esm = Path(__file__).parent / "tabs.js"
    label = traitlets.Unicode().tag(sync=True)
    titles = traitlets.List().tag(sync=True)
    notes = traitlets.Dict().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)


class Tabs:
    """Shows one panel at a time; all of them are on the page from the beginning, so that none loses what it is told."""

    def __init__(self, tabs: Sequence[Tab], label: str) -> None:
        self._tabs = tuple(tabs)
        titles = [[tab.key, tab.title] for tab in tabs]
        self.row = TabRow(label=label, titles=titles, chosen=tabs[0].key, notes={})
        self.row.add_class("csn-tab-row")
        self.row.observe(lambda _: self._show(), "chosen")
        for tab in tabs:
            tab.panel.add_class("csn-tab-panel")
            tab.panel.add_class(f"csn-tab-{tab.key}")
        self._show()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all tabs, in order."""
        return tuple(tab.key for tab in self._tabs)

    @property
    def panels(self) -> tuple[ipywidgets.Widget, ...]:
        """The panels, in order."""
        return tuple(tab.panel for tab in self._tabs)

    def note(self, notes: Mapping[str, str]) -> None:
        """What stands behind the titles, by key."""
        self.row.notes = dict(notes)

    def _show(self) -> None:
        for tab in self._tabs:
            shown = tab.key == self.row.chosen
            (tab.panel.remove_class if shown else tab.panel.add_class)("csn-away")
