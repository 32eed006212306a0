"""The tab of references: frames that could stand as one, the best first, and what the person's face carries at rest."""

from collections.abc import Callable

import ipywidgets
import numpy as np
import pandas as pd

from csnviz.data.tables import FrameTable
from csnviz.views.answers import Answers
from csnviz.views.attributes_panel import AttributesPanel
from csnviz.views.gallery import Gallery
from csnviz.views.people import Person
from csnviz.views.selection import Selection
from csnviz.views.source import ATTRIBUTE_COLUMNS, Source
from csnviz.views.turns import Turns, in_turn

REFERENCES = "references"
NEXT_PERSON, PREVIOUS_PERSON = "j", "k"
"""Keys that lead from person to person, so that annotating needs no other hand."""


class ReferencesTab:
    """Ranks the frames of the person looked at once the tab is open; `use` is called with a row and who chose it.

    Accepted references and annotated attributes go to the source's keeper; without one nothing can be kept. `annotated` is called
    with everybody's attributes after each change, `move` with 1 or -1 for the next or previous person.
    """

    def __init__(
        self,
        source: Source,
        selection: Selection,
        answers: Answers,
        turns: Turns,
        use: Callable[[int, str], None],
        annotated: Callable[[pd.DataFrame], None],
        move: Callable[[int], None],
    ) -> None:
        self.turns, self.attributes = turns, source.attributes
        self._source, self._selection, self._answers = source, selection, answers
        self._use, self._annotated, self._move = use, annotated, move
        self._person: Person | None = None
        self._named_by = ""
        self._ranked: tuple[FrameTable, np.ndarray | None, bool] | None = None
        self._rows: dict[int, str] = {}
        keeper = source.keeper
        self.gallery = Gallery(self._choose, None if keeper is None else self._accept)
        self.gallery.observe(lambda _: self._rank(None), "labels_wanted")
        self.panel = AttributesPanel(None if keeper is None else self._annotate)
        self.widget = ipywidgets.HBox([self.gallery, self.panel])
        self.widget.add_class("csn-references-tab")
        selection.observe(lambda _: self._look(), "tab")

    @property
    def letters(self) -> str:
        """The keys that mean something here, for the face viewer to pass on."""
        return self.panel.letters + NEXT_PERSON + PREVIOUS_PERSON

    def show(self, person: Person, named_by: str) -> None:
        """Another person, or another reference of the same; named_by: who chose it (see ReferenceTable), "" without one."""
        self._person, self._named_by = person, named_by
        self.panel.show(person.place[0], self.attributes)
        self._look()

    @in_turn
    def press(self, letter: str) -> None:
        """A key that was pressed over the face."""
        if letter in (NEXT_PERSON, PREVIOUS_PERSON):
            self._move(1 if letter == NEXT_PERSON else -1)
        else:
            self.panel.press(letter)

    def _look(self) -> None:
        person = self._person
        if self._selection.tab != REFERENCES or person is None:
            return
        if self._ranked is not None and self._ranked[0] is person.frames:
            self.gallery.chosen, self.gallery.said = _row_of(person), ""  # what was kept was another one
            return
        self.gallery.labels_offered = person.labelled
        self._rank(None)
        self._answers.likeness(person, self._likened)

    def _likened(self, frames: FrameTable, likeness: np.ndarray) -> None:
        if self._person is not None and frames is self._person.frames:
            self._rank(likeness)

    @in_turn
    def _rank(self, likeness: np.ndarray | None) -> None:
        """Offers the best frames anew; a likeness that is known already stays known."""
        # Here and not above: nobody needs it before the tab is open.
        from csnviz.data.candidates import candidates, candidates_with_labels

        person, labels = self._person, self.gallery.labels_wanted
        if person is None:
            return
        if likeness is None and self._ranked is not None and self._ranked[0] is person.frames:
            likeness = self._ranked[1]
        self._ranked = (person.frames, likeness, labels)
        found = (candidates_with_labels if labels else candidates)(person.frames, likeness)
        self._rows = {candidate.row: candidate.chosen_by for candidate in found}
        picture = _nothing if self._source.hidden_faces else person.frames.picture
        self.gallery.offer(found, picture, _row_of(person))

    def chosen_by(self, row: int) -> str:
        """Who chose a frame that somebody picks now: the labels, where the gallery offers it and was ranked with them."""
        return self._rows.get(row, "person")

    def _choose(self, row: int) -> None:
        self._use(row, self.chosen_by(row))

    @in_turn
    def _accept(self) -> None:
        person, keeper = self._person, self._source.keeper
        if person is None or keeper is None or not person.reference:
            return
        self.gallery.said = keeper.keep_reference(
            *person.place, person.reference, self._named_by, "accepted on the page"
        )

    @in_turn
    def _annotate(self, attribute: str, value: str) -> None:
        person, keeper = self._person, self._source.keeper
        if person is None or keeper is None:
            return
        participant = person.place[0]
        keeper.keep_attribute(participant, attribute, value)
        known = self.attributes
        others = known[(known["participant"] != participant) | (known["attribute"] != attribute)]
        row = pd.DataFrame([[participant, attribute, value, "person"]], columns=list(ATTRIBUTE_COLUMNS))
        self.attributes = pd.concat([others, row], ignore_index=True)
        self.panel.show(participant, self.attributes)
        self._annotated(self.attributes)


def _row_of(person: Person) -> int | None:
    return person.frames.row_of(person.reference) if person.reference else None


def _nothing(row: int) -> bytes | None:
    return None
