"""The tab of errors: everybody's docket, the cut that decides what is one, and walking from error to error."""

from collections.abc import Callable
from dataclasses import replace

import ipywidgets
import pandas as pd

from csnviz.data.tables import ReferenceTable
from csnviz.evaluation.error_runs import error_runs, no_errors, peak_runs
from csnviz.views.answers import Answers
from csnviz.views.chosen_references import Place
from csnviz.views.docket import Docket, Entry
from csnviz.views.people import Person
from csnviz.views.selection import Selection
from csnviz.views.slider import Slider
from csnviz.views.source import Estimated, Source
from csnviz.views.turns import Turns, in_turn
from csnviz.views.words import attributes_in_words

ERRORS = "errors"
"""The key of this tab."""


class ErrorsTab:
    """Lists the errors of everybody who has been estimated so far; `go` is called with the frame_id and the AU of one, `why` with
    one whose explanation is wanted once the page has gone there.

    `see` is told when the person looked at has been estimated anew, `begin` reads the others while nothing else is asked.
    """

    def __init__(
        self,
        source: Source,
        selection: Selection,
        answers: Answers,
        turns: Turns,
        go: Callable[[str, int], None],
        why: Callable[[Entry], None],
    ) -> None:
        self.turns, self._source, self._selection, self._answers = turns, source, selection, answers
        rows = source.frames.rows
        self._places = list(dict.fromkeys(zip(rows["participant"], rows["camera"], strict=True)))
        self._estimated: dict[Place, Estimated] = {}
        self._errors: dict[Place, pd.DataFrame] = {}
        self._in_sample = [who for who in source.frames.participants if source.standing(who).in_sample]
        self._labelled = bool((source.frames.intensity == source.frames.intensity).any())
        self.docket = Docket(lambda entry: self._go(entry, go), self._estimated_of, why)
        meaning = "the intensity from which an action unit counts as present; 2 in the paper"
        self.cut = Slider(label="Present from", meaning=meaning, min=0.5, max=4.5, step=0.1, value=selection.cut)
        self.cut.add_class("csn-cut")
        ipywidgets.link((selection, "cut"), (self.cut, "value"))
        self.widget = ipywidgets.VBox([self.docket.widget, self.cut])
        self.widget.add_class("csn-errors-tab")
        self.docket.offer(no_errors(), {}, 0, len(self._places), self._labelled)
        selection.observe(lambda _: self._count_again(), "cut")
        if selection.errors:
            turns.held(self.docket.set_filter_text)(selection.errors)
        selection.observe(turns.held(lambda change: self.docket.set_filter_text(change["new"])), "errors")
        self.docket.observe(lambda _: selection.set_trait("errors", self.docket.filter_text()), "filter")

    @property
    def title(self) -> str:
        """What is listed, in a word: without labels nothing can be called an error."""
        return "Errors" if self._labelled else "Peaks"

    def begin(self, references: Callable[[], ReferenceTable]) -> None:
        """Reads everybody, one after the other."""
        self._answers.everyone(references, self._read)

    def see(self, person: Person) -> None:
        """The person looked at has been estimated, perhaps with another reference."""
        if person.ncg is not None and (person.calibrated is not None or not person.reference):
            self._read(*person.place, Estimated(person.ncg, person.calibrated))

    def as_read(self, person: Person) -> Person:
        """The person with what was read of them, where that was beside the same reference."""
        read = self._estimated.get(person.place)
        if read is None or _reference_of(read) != person.reference:
            return person
        return replace(person, ncg=read.ncg, calibrated=read.calibrated)

    @in_turn
    def step(self, by: int) -> None:
        """Goes to the next (1) or the previous (-1) error of those listed."""
        self.docket.step(by)

    def annotated(self, attributes: pd.DataFrame) -> None:
        """Somebody has said something about a face."""
        self._source = replace(self._source, attributes=attributes)
        self._offer()

    def _read(self, participant: str, camera: str, estimated: Estimated) -> None:
        place, first = (participant, camera), not self._errors
        known = self._estimated.get(place)
        if known is not None and known.ncg is estimated.ncg and known.calibrated is estimated.calibrated:
            return
        self._estimated[place] = estimated
        self._errors[place] = self._found(estimated)
        if first or known is None:
            self._offer()
        else:
            self.docket.replace(participant, camera, self._errors[place])

    def _found(self, estimated: Estimated) -> pd.DataFrame:
        both = estimated.calibrated
        csn, bs = (None, None) if both is None else (both.csn, both.bs)
        find = error_runs if self._labelled else peak_runs
        return find(estimated.ncg, csn, bs, self._selection.cut)

    def _offer(self) -> None:
        attributes = {
            who: attributes_in_words(self._source.attributes, who) for who in self._source.frames.participants
        }
        errors = pd.concat(list(self._errors.values()), ignore_index=True)
        self.docket.offer(errors, attributes, len(self._errors), len(self._places), self._labelled, self._in_sample)

    @in_turn
    def _count_again(self) -> None:
        if self._errors:
            self._errors = {place: self._found(estimated) for place, estimated in self._estimated.items()}
            self._offer()

    def _estimated_of(self, participant: str, camera: str) -> Estimated | None:
        return self._estimated.get((participant, camera))

    def _go(self, entry: Entry, go: Callable[[str, int], None]) -> None:
        go(entry.frame_id, entry.au)


def _reference_of(read: Estimated) -> str:
    """The reference beside which somebody was read; "" where there was none."""
    return "" if read.calibrated is None else str(read.calibrated.csn.rows["ref_frame_id"].max())
