"""The menu of cases: what somebody found worth looking at in these people, one choice away."""

from collections.abc import Callable, Sequence

import ipywidgets

from csnviz.views.selection import Selection
from csnviz.views.source import Case

NO_CASE = "Choose a case"


class CaseMenu:
    """Calls `go` with the case that is chosen. It is not there at all where there are no cases."""

    def __init__(self, cases: Sequence[Case], go: Callable[[Case], None]) -> None:
        self.chosen: Case | None = None
        self._go = go
        self.list = ipywidgets.Dropdown(description="Cases", options=[(NO_CASE, ""), *((c.name, c) for c in cases)])
        self.list.add_class("csn-cases")
        if not cases:
            self.list.add_class("csn-hidden")
        self.list.observe(lambda change: self._choose(change["new"]), "value")

    @property
    def note(self) -> str:
        """Why the case that is looked at is one; "" where none is."""
        return self.chosen.note if self.chosen else ""

    def follow(self, selection: Selection) -> None:
        """Lets go of the case once something else is looked at, so that it can be chosen again."""
        case = self.chosen
        if case and (selection.participant, selection.camera, selection.au) != (case.participant, case.camera, case.au):
            self.chosen, self.list.value = None, ""

    def _choose(self, case: Case | str) -> None:
        self.chosen = None  # on the way there the page looks at neither the old case nor the new one
        if isinstance(case, Case):
            self._go(case)
