"""What the page says in words: about the frame looked at, about its reference, and to a guest about the whole case."""

from csnviz.data.tables import FrameTable
from csnviz.facs import au as unit_of
from csnviz.views.case_menu import CaseMenu
from csnviz.views.chosen_references import ChosenReferences
from csnviz.views.guest import GuestPanel
from csnviz.views.people import Person
from csnviz.views.reading_panel import ReadingPanel
from csnviz.views.reference_panel import ReferencePanel
from csnviz.views.selection import Selection
from csnviz.views.source import AtOnce, Source
from csnviz.views.words import attributes_in_words, reading

KEYS = ("label", "ncg", "bs", "csn")
_NOW = tuple[FrameTable, int, str, AtOnce]
"""One frame's estimates that came before the others: of which frames, which row, beside which reference."""


class Telling:
    """Writes the reading, the reference's words and the guest's; `now` is what was estimated of one frame at once."""

    now: _NOW | None

    def __init__(
        self,
        source: Source,
        selection: Selection,
        references: ChosenReferences,
        cases: CaseMenu,
        reading_panel: ReadingPanel,
        reference_panel: ReferencePanel,
        guest_panel: GuestPanel,
    ) -> None:
        self.attributes, self.now = source.attributes, None
        self._source, self._selection, self._references, self._cases = source, selection, references, cases
        self._reading, self._reference, self._guest = reading_panel, reference_panel, guest_panel

    def tell(self, person: Person) -> None:
        """About the frame and the AU looked at."""
        selection = self._selection
        unit, row = unit_of(selection.au), selection.row
        values = self._values(person)
        fitness, reason = person.reference_fitness, str(person.frames.rows["reason"].iloc[row])
        unfit = fitness is not None and not fitness.fit
        is_reference = person.frame_id(row) == person.reference
        proviso = "Mind that the reference is not fit." if unfit else ""
        proviso = "This frame is the reference itself." if is_reference else proviso
        numbers = (values["label"], values["ncg"], values["csn"])
        said = reading(unit, *numbers, selection.calibrated, reason, proviso, selection.cut)
        awaited = self.awaits(person) and bool(person.frames.usable[row])
        calibrated, note = selection.calibrated, self._cases.note
        self._reading.show(said, values, calibrated, unfit, person.standing, note, awaited, row)
        self._reference.show(fitness, person.fitness(row), is_reference, self._references.chosen_by(person.place))

    def introduce(self, person: Person) -> None:
        """To a guest: who, which AU, which reference, and what the networks learned from."""
        who = person.place[0]
        self._guest.show(
            f"Participant {who}",
            unit_of(self._selection.au),
            attributes_in_words(self.attributes, who),
            f"Frame {person.number(person.frames.row_of(person.reference))}" if person.reference else "",
            self._source.trained_on,
            self._source.hidden_faces,
            person.labelled,
        )

    def awaits(self, person: Person) -> bool:
        """Whether one frame is worth asking for at once, because the estimates of all of them are not there yet."""
        missing = person.ncg is None or (bool(person.reference) and person.calibrated is None)
        return missing and self._source.at_once is not None

    def _values(self, person: Person) -> dict[str, float]:
        """The label and the estimates of the frame and AU looked at, NaN where there is none."""
        row, au = self._selection.row, self._selection.au
        values = {key: float(person.column(key, au)[row]) for key in KEYS}
        if self.now is None or not self.awaits(person):
            return values
        frames, at, reference, estimates = self.now
        if frames is person.frames and (at, reference) == (row, person.reference):
            column = frames.aus.column_of(au)
            values |= {key: float(estimate[column]) for key, estimate in estimates.items()}
        return values
