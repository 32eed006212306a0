"""Which frame is each person's reference on this page, and who chose it."""

from csnviz.data.tables import ReferenceTable

Place = tuple[str, str]
"""A participant and a camera."""

PERSON, LABELS = "person", "labels"


class ChosenReferences:
    """The references as they are now: those that the page began with, and what was chosen since. `table` is handed to the networks.

    next_by: who chooses the next one (see ReferenceTable); a panel that offers frames says so before it names one of them.
    """

    def __init__(self, table: ReferenceTable) -> None:
        self.table = table
        self.next_by = PERSON

    def frame_id(self, place: Place) -> str:
        """The reference of a person before a camera; "" where none is named."""
        return self._cell("frame_id", place)

    def chosen_by(self, place: Place) -> str:
        """Who chose it; "" where none is named."""
        return self._cell("chosen_by", place)

    def name(self, place: Place, frame_id: str) -> None:
        """From now on this frame is the reference there."""
        chosen_by, self.next_by = self.next_by, PERSON
        self.table = self.table.with_reference(*place, frame_id, chosen_by, "chosen on the page")

    def _cell(self, column: str, place: Place) -> str:
        rows = self.table.rows
        named = rows[(rows["participant"] == place[0]) & (rows["camera"] == place[1])]
        return "" if named.empty else str(named[column].iloc[0])
