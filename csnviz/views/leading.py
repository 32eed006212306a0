"""Leading somewhere worth looking at: the next overestimate, the worst frame of a case, and the greeting of a newcomer."""

from collections.abc import Callable

from csnviz.views.people import Person
from csnviz.views.selection import Selection
from csnviz.views.source import Case


class Leading:
    """Moves the selection of the person whom `person` gives. `greeted`: somebody has been led somewhere, or has moved."""

    def __init__(self, selection: Selection, person: Callable[[], Person], greeted: bool) -> None:
        self.greeted = greeted
        self._selection, self._person = selection, person
        self._place = -1
        self._sought: Case | None = None

    def another_person(self) -> None:
        """Somebody else is looked at: nothing is sought any more."""
        self._place, self._sought = -1, None

    def moved(self) -> None:
        """Somebody has gone to a frame of their own choice."""
        self._sought = None

    def greet(self) -> None:
        """The page opens on an overestimate, of the AU that is shown first if there is one, unless somebody has moved."""
        if self.greeted:
            return
        self.greeted = True
        runs = self._person().runs()
        shown_first = runs.index[runs["au"] == self._selection.au]
        self._place = int(shown_first[0]) - 1 if len(shown_first) else -1
        self.next_run()

    def next_run(self) -> None:
        """Goes to the peak of the next overestimate of this person, whichever AU it is of."""
        runs = self._person().runs()
        if runs.empty:
            return
        self._place = (self._place + 1) % len(runs)
        run = runs.iloc[self._place]
        self._selection.au = int(run["au"])
        self._selection.row = int(run["row"])

    def seek(self, case: Case) -> None:
        """Looks at a case's person, camera, AU and reference; `found` then leads to its worst frame."""
        selection = self._selection
        selection.participant, selection.au = case.participant, case.au
        selection.camera = case.camera
        if case.reference:
            selection.reference = case.reference
        if case.first is not None:
            selection.row = self._person().row_numbered(case.first)
        self._sought = case

    def found(self) -> None:
        """Goes to the frame that the case is about once NCG has answered, unless somebody has moved since."""
        case, person = self._sought, self._person()
        if case is not None and person.ncg is not None:
            row = person.worst(case.au, case.first, case.last)
            self._sought = None
            self._selection.row = self._selection.row if row is None else row
