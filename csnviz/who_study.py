"""Who is misread, by which attribute, and what calibration makes of it: the page of notebooks/who.ipynb."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import ipywidgets

from csnviz import places, workbench
from csnviz.data.manifest import DRAWN
from csnviz.errors import InputError
from csnviz.page_address import query
from csnviz.views.explorer import Explorer
from csnviz.views.opening import place_of
from csnviz.views.page_state import PageState
from csnviz.views.source import Source
from csnviz.views.stress import Lab
from csnviz.views.who_panel import WhoPage
from csnviz.views.words import escape


@dataclass(frozen=True)
class WhoStudy:
    """The page in three parts, for three cells of a notebook: the map of people, the attributes, the stress lab."""

    people: ipywidgets.Widget
    attributes: ipywidgets.Widget
    stress: ipywidgets.Widget
    page: WhoPage | None = None


def open_study(environment: Mapping[str, str] = os.environ) -> WhoStudy:
    """The study of what the environment names (see `workbench.open_page`).

    What cannot be used becomes a sentence in place of the first part, and the others stay empty.
    """
    try:
        source = workbench.source_named(environment)
        query(environment)  # in a kernel that was started ahead of its page this waits for somebody to ask
        page = WhoPage(source, lab_for(source, environment), _Bench(environment).opened, workbench.NETWORKS_WAIT)
    except InputError as error:
        words = ipywidgets.HTML()
        words.value = f"<p role='alert'>{escape(str(error))}</p>"
        return WhoStudy(words, ipywidgets.HTML(), ipywidgets.HTML())
    return WhoStudy(page.people, page.attributes, page.stress, page)


def lab_for(source: Source, environment: Mapping[str, str]) -> Lab | None:
    """The stress lab where everybody is drawn as the demo is; None where somebody is not, for nobody else can be drawn again."""
    from csnviz.cast.dataset import DEMO_PARTICIPANTS

    rows = source.frames.rows
    drawn = rows["dataset"].isin(DRAWN).all() and set(source.frames.participants) <= set(DEMO_PARTICIPANTS)
    if not drawn or source.hidden_faces:
        return None
    from csnviz.stress_lab import lab_of

    return lab_of(source.frames, Path(environment.get("CSNVIZ_CHECKPOINTS") or places.checkpoints()), source.cases)


@dataclass
class _Bench:
    """The workbench on the same people, made when it is first asked for and gone on with afterwards.

    It has networks of its own, since it works in a thread of its own.
    """

    environment: Mapping[str, str]
    source: Source | None = None
    explorer: Explorer | None = None

    def opened(self, state: PageState) -> ipywidgets.Widget:
        """The workbench on a frame and an action unit."""
        if self.source is None or self.explorer is None:
            self.source = workbench.source_named(self.environment)
            self.explorer = Explorer(self.source, state)
        else:
            self.explorer.go(*place_of(self.source.frames, state.frame), state.au)
        return self.explorer.page
