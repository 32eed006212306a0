"""The page: faces, curves and numbers of one person at a time, kept in step with one selection."""

import functools
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from csnviz.data.tables import PredictionTable
from csnviz.explain.results import Attribution
from csnviz.facs import au as unit_of
from csnviz.views.case_menu import CaseMenu
from csnviz.views.chart import Chart
from csnviz.views.choosers import Choosers
from csnviz.views.latest_only import LatestOnly, Watch, sentence_of
from csnviz.views.layout import lay_out
from csnviz.views.notices import Notices
from csnviz.views.people import Person
from csnviz.views.provenance import provenance_html
from csnviz.views.reading_panel import ReadingPanel
from csnviz.views.reference_panel import ReferencePanel
from csnviz.views.selection import Selection
from csnviz.views.source import Calibrated, Case, Question, Source, Wording
from csnviz.views.viewer import Faces, FaceViewer, signed_map
from csnviz.views.why_panel import WhyPanel
from csnviz.views.words import reading


def _in_step(act: Callable[..., None]) -> Callable[..., None]:
    """One thread at a time touches the widgets, and what goes wrong becomes a sentence on the page."""

    @functools.wraps(act)
    def acting(self: "Explorer", *arguments: Any) -> None:
        with self._lock:
            try:
                act(self, *arguments)
            except Exception as error:
                self.notices.fail(sentence_of(error))

    return acting


class Explorer:
    """Everything on the page for one source; `page` is the widget to show.

    Faces are shown at once. The network is asked at once too, in its own thread, but what it answers stays out of the widgets
    until a browser has drawn the page: what is changed while one is connecting may never reach it. After that every change
    of the selection asks for what is missing and shows the rest.
    """

    def __init__(self, source: Source) -> None:
        self._lock = threading.RLock()
        self._source = source
        self._references = source.references
        self._place_in_runs = -1
        self._drawn = self._greeted = False
        self._sought: Case | None = None
        first, unit = source.opening or (source.frames.participants[0], source.frames.aus.numbers[0])
        camera = source.frames.cameras(first)[0]
        self.selection = Selection(participant=first, camera=camera, au=unit)
        self.notices = Notices()
        self.networks = LatestOnly(self._say, self.notices.fail)
        self._person = self._meet(first, camera)
        self.selection.reference = self._person.reference
        self._build(source)
        self._show_person()
        self._listen()
        self._estimate()

    def _build(self, source: Source) -> None:
        selection, frames = self.selection, source.frames
        self.cases = CaseMenu(source.cases, self._open_case)
        self.choosers = Choosers(selection, frames.participants, frames.aus, self.next_run, self.cases)
        self.viewer = FaceViewer(await_selector=".csn-chart .main-svg")
        self.chart = Chart(self._curves(), self._bars(), self._go_to_number, self._choose_column, self._lock)
        self.reading = ReadingPanel()
        self.reference = ReferencePanel(self._choose_reference, self._use_current)
        self.why = WhyPanel(self.ask, functools.partial(setattr, self.viewer, "opacity"), source.start_note)
        self.page, self._provenance = lay_out(
            source, self.notices, self.choosers, self.viewer, self.reading, self.reference, self.why, self.chart
        )

    def _listen(self) -> None:
        self.selection.observe(lambda _: setattr(self, "_greeted", True))
        self.viewer.on_ready(self._connected)
        self.viewer.observe(lambda change: setattr(self.selection, "row", change["new"]), "index")
        self.selection.observe(lambda _: self._open_person(), ["participant", "camera"])
        self.selection.observe(lambda _: self._show_frame(), "row")
        self.selection.observe(lambda _: self._show_unit(), "au")
        self.selection.observe(lambda _: self._show_unit(), "calibrated")
        self.selection.observe(lambda _: self._open_reference(), "reference")

    # ---- a person --------------------------------------------------------------------------------------------------
    def _named(self, column: str, participant: str, camera: str) -> str:
        """A column of the reference table for a person before a camera; "" where no reference is named."""
        rows = self._references.rows
        named = rows[(rows["participant"] == participant) & (rows["camera"] == camera)]
        return "" if named.empty else str(named[column].iloc[0])

    def _meet(self, participant: str, camera: str) -> Person:
        reference = self._named("frame_id", participant, camera)
        theirs = self._source.frames.of(participant)
        before = theirs.select(np.asarray(theirs.rows["camera"] == camera))
        return Person.of(before, reference, self._source.standing(participant))

    @_in_step
    def _open_person(self) -> None:
        selection = self.selection
        cameras = self._source.frames.cameras(selection.participant)
        if selection.camera not in cameras:
            self.choosers.offer_cameras(cameras, cameras[0])  # which leads back here
        if (selection.participant, selection.camera) == self._person.place:
            return
        self._place_in_runs, self._sought = -1, None
        before, number = self._person.place[0], self._person.number(selection.row)
        self._person = self._meet(selection.participant, selection.camera)
        selection.reference = self._person.reference
        # Two cameras film one moment: the same frame is looked at from the other side.
        selection.row = self._person.row_numbered(number) if selection.participant == before else 0
        self._show_person()
        self._estimate()

    def _show_person(self) -> None:
        person, selection = self._person, self.selection
        self.choosers.offer_cameras(self._source.frames.cameras(selection.participant), selection.camera)
        self.choosers.offer_runs(0, person.labelled)
        self.viewer.show(Faces.of(person.frames), selection.row)
        self._show_reference()
        self._show_unit()

    @_in_step
    def _connected(self) -> None:
        self._drawn = True
        self.chart.connect()
        self._show_estimates()

    def _say(self, words: str) -> None:
        if self._drawn:
            self.notices.say(words)

    # ---- estimates -------------------------------------------------------------------------------------------------
    def _estimate(self) -> None:
        person = self._person
        frames, ask = person.frames, self._source.without_reference

        def work(watch: Watch) -> PredictionTable:
            table = ask(frames, watch)
            replace(person, ncg=table).runs()  # loads what counting overestimates needs, while the browser is busy
            return table

        @_in_step
        def arrived(self: "Explorer", table: PredictionTable) -> None:
            if frames is self._person.frames:
                self._person = replace(self._person, ncg=table)
                self._show_estimates()

        words = f"Estimating {len(frames)} frames of {self.selection.participant}"
        self.networks.submit("estimates", words, work, lambda table: arrived(self, table))
        self._compare()

    def _compare(self) -> None:
        """Asks for the methods that use the reference, where there is one."""
        frames, references, chosen = self._person.frames, self._references, self._person.reference
        if not chosen:
            return

        @_in_step
        def arrived(self: "Explorer", both: Calibrated) -> None:
            if frames is self._person.frames and chosen == self._person.reference:
                self._person = replace(self._person, calibrated=both)
                self._show_estimates()

        def work(watch: Watch) -> Calibrated:
            return self._source.with_reference(frames, references, watch)

        self.networks.submit("reference", "Comparing with the reference", work, lambda both: arrived(self, both))

    def _show_estimates(self) -> None:
        person = self._person
        if not self._drawn or person.ncg is None:
            return
        self.choosers.offer_runs(len(person.runs()), person.labelled)
        calibrated = person.calibrated
        tables = [person.ncg] if calibrated is None else [person.ncg, calibrated.bs, calibrated.csn]
        self._provenance.value = provenance_html(tables)
        self._show_unit()
        self._seek()
        if not self._greeted and (calibrated is not None or not person.reference):
            self._greet()

    def _greet(self) -> None:
        """The page opens on an overestimate, of the AU that is shown first if there is one, unless somebody has moved."""
        self._greeted = True
        runs = self._person.runs()
        shown_first = runs.index[runs["au"] == self.selection.au]
        self._place_in_runs = int(shown_first[0]) - 1 if len(shown_first) else -1
        self.next_run()

    @_in_step
    def next_run(self) -> None:
        """Goes to the peak of the next overestimate of this person, whichever AU it is of."""
        runs = self._person.runs()
        if runs.empty:
            return
        self._place_in_runs = (self._place_in_runs + 1) % len(runs)
        run = runs.iloc[self._place_in_runs]
        self.selection.au = int(run["au"])
        self.selection.row = int(run["row"])

    # ---- a case ----------------------------------------------------------------------------------------------------
    @_in_step
    def _open_case(self, case: Case) -> None:
        """Goes to a case's person, camera, AU and reference, and to the worst frame of its stretch once NCG has answered."""
        selection = self.selection
        selection.participant, selection.au = case.participant, case.au
        selection.camera = case.camera
        if case.reference:
            selection.reference = case.reference
        if case.first is not None:
            selection.row = self._person.row_numbered(case.first)
        self._sought = self.cases.chosen = case
        self._show_words()
        self._seek()

    def _seek(self) -> None:
        """Goes to the frame that the case is about, unless somebody has moved since."""
        case = self._sought
        if case is not None and self._person.ncg is not None:
            row = self._person.worst(case.au, case.first, case.last)
            self._sought = None
            self.selection.row = self.selection.row if row is None else row

    # ---- the reference ---------------------------------------------------------------------------------------------
    @_in_step
    def _choose_reference(self, frame_id: str) -> None:
        self.selection.reference = frame_id

    @_in_step
    def _use_current(self) -> None:
        self.selection.reference = str(self._person.frames.rows["frame_id"].iloc[self.selection.row])

    @_in_step
    def _open_reference(self) -> None:
        chosen, selection = self.selection.reference, self.selection
        if chosen == self._person.reference or not chosen:
            return
        if not self._person.frames.usable[self._person.frames.row_of(chosen)]:
            self.selection.reference = self._person.reference
            self.notices.fail(
                "That frame has no usable face, so nothing can be compared with it. Choose another frame."
            )
            return
        place = (selection.participant, selection.camera)
        self._references = self._references.with_reference(*place, chosen, "person", "chosen on the page")
        self._person = self._person.with_reference(chosen)
        self._show_reference()
        self._show_unit()
        self._compare()

    def _show_reference(self) -> None:
        person = self._person
        self.reference.offer(person.frames, person.fit, person.reference)
        fitness = person.reference_fitness
        if fitness is None:
            self.viewer.show_reference(None, "No reference", reason="Choose a frame with a resting face.")
            return
        row = person.frames.row_of(person.reference)
        caption = f"{'Reference' if fitness.fit else '⚠ Reference, not fit'}: frame {person.number(row)}"
        self.viewer.show_reference(person.frames.picture(row), caption, not fitness.fit)

    # ---- what is looked at -----------------------------------------------------------------------------------------
    @_in_step
    def _show_unit(self) -> None:
        self.viewer.calibrated = self.selection.calibrated
        self.viewer.strip = self._person.strip(self.selection.au)
        self._forget_attribution()
        self.cases.follow(self.selection)
        self.chart.show(self._curves(), self._bars(), self.selection.calibrated)
        self._show_words()

    @_in_step
    def _show_frame(self) -> None:
        self._sought = None
        self.viewer.index = self.selection.row
        self.chart.show_frame(self._bars())
        self._show_words()
        self.viewer.settled = self.selection.row

    def _show_words(self) -> None:
        selection, person = self.selection, self._person
        unit, row = unit_of(selection.au), selection.row
        values = {key: float(person.column(key, selection.au)[row]) for key in ("label", "ncg", "bs", "csn")}
        fitness, reason = person.reference_fitness, str(person.frames.rows["reason"].iloc[row])
        unfit = fitness is not None and not fitness.fit
        is_reference = bool(person.frames.rows["frame_id"].iloc[row] == person.reference)
        proviso = "Mind that the reference is not fit." if unfit else ""
        proviso = "This frame is the reference itself." if is_reference else proviso
        numbers = (values["label"], values["ncg"], values["csn"])
        self.reading.show(
            reading(unit, *numbers, selection.calibrated, reason, proviso),
            values,
            selection.calibrated,
            unfit,
            person.standing,
            self.cases.note,
        )
        self.reference.show(fitness, person.fitness(row), is_reference, self._named("chosen_by", *person.place))

    def _curves(self) -> Any:
        return self._person.curves(self.selection.au, unit_of(self.selection.au).title)

    def _bars(self) -> Any:
        return self._person.bars(self.selection.row, self.selection.au)

    @_in_step
    def _go_to_number(self, number: int) -> None:
        self.selection.row = self._person.row_numbered(number)

    @_in_step
    def _choose_column(self, column: int) -> None:
        numbers = self._source.frames.aus.numbers
        self.selection.au = numbers[min(max(column, 0), len(numbers) - 1)]

    # ---- why -------------------------------------------------------------------------------------------------------
    @_in_step
    def ask(self, wording: Wording) -> None:
        """Asks the network thread why, for the frame, AU and reference looked at, and colours the face when it answers."""
        person, selection, row = self._person, self.selection, self.selection.row
        if wording.needs_reference and not person.reference:
            self.notices.fail("That question needs a reference. Choose a frame with a resting face as reference first.")
            return
        frame_id = str(person.frames.rows["frame_id"].iloc[row])
        question = Question(wording.key, selection.au, frame_id, person.reference)

        @_in_step
        def arrived(self: "Explorer", attribution: Attribution) -> None:
            if (person.frames, question.reference_id, question.au) == (
                self._person.frames, self._person.reference, self.selection.au
            ):  # fmt: skip
                self.viewer.show_attribution(attribution.about, row, signed_map(attribution.values))
                self.why.show(wording, attribution)

        def work(watch: Watch) -> Attribution:
            return self._source.explain(question, watch)

        words = f"Asking about frame {person.number(row)}: {wording.ask}"
        self.networks.submit("why", words, work, lambda attribution: arrived(self, attribution))

    def _forget_attribution(self) -> None:
        self.viewer.clear_attribution()
        self.why.clear()
