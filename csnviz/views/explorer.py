"""The page: faces, curves and numbers of one person at a time, kept in step with one selection."""

import threading
from dataclasses import replace

import numpy as np
import pandas as pd

from csnviz.data.tables import FrameTable, PredictionTable
from csnviz.facs import au as unit_of
from csnviz.views.answers import Answers
from csnviz.views.asking_why import AskingWhy
from csnviz.views.case_menu import CaseMenu
from csnviz.views.chart import Chart
from csnviz.views.choosers import Choosers
from csnviz.views.chosen_references import LABELS, PERSON, ChosenReferences
from csnviz.views.errors_tab import ERRORS, ErrorsTab
from csnviz.views.export_tab import ExportTab
from csnviz.views.figures import BOTH, CURVES_ALONE, Arrangement, Bars, Curves
from csnviz.views.guest import GuestPanel
from csnviz.views.latest_only import LatestOnly
from csnviz.views.layout import Page, Parts, lay_out
from csnviz.views.leading import Leading
from csnviz.views.notices import Notices
from csnviz.views.opening import case_named, opening, place_of, reference_asked, state_of
from csnviz.views.page_state import AS_USUAL, PageState, state_named
from csnviz.views.people import Person
from csnviz.views.reading_panel import ReadingPanel
from csnviz.views.reference_panel import ReferencePanel
from csnviz.views.references_tab import REFERENCES, ReferencesTab
from csnviz.views.share_panel import SharePanel
from csnviz.views.shown_faces import ShownFaces
from csnviz.views.source import AtOnce, Calibrated, Case, Source
from csnviz.views.tabs import Tab
from csnviz.views.telling import Telling
from csnviz.views.turns import Turns, in_turn
from csnviz.views.viewer import COMPARISONS, VIEWS, FaceViewer
from csnviz.views.why_card import WHY

FIRST_FACE = ".csn-viewer[data-drawn]"
"""What a browser paints before it begins with plotly."""

DRAWING = 1.2
"""Seconds from asking for the first faces that a browser has for the page before the networks are loaded."""

SOON = 0.5
"""Seconds for which curves may still be those of the former reference."""


class Explorer:
    """Everything on the page for one source; `page` is the widget to show.

    Faces are shown at once. The network is asked at once too, in its own thread, but what it answers stays out of the widgets
    until a browser has drawn the page: what is changed while one is connecting may never reach it. After that every change
    of the selection asks for what is missing and shows the rest. state: what a link asked for. networks_wait: for how many seconds
    the network may wait until a browser has the first face, which takes longer beside it.
    """

    def __init__(self, source: Source, state: PageState = AS_USUAL, networks_wait: float = 0.0) -> None:
        self._source = source
        self._drawn, self._linked = False, state.why
        self.notices = Notices(lambda: self.networks.cancel(), lambda: self.networks.again())
        self.turns = Turns(self.notices.fail)
        self.selection, missing = opening(source, state)
        self.quick = LatestOnly(lambda _: None, self.notices.fail, begins_within=networks_wait)
        self.networks = LatestOnly(self._say, self.notices.fail, quicker=self.quick, begins_within=networks_wait)
        self.answers = Answers(source, self.networks, self.quick, self.turns)
        self.chosen = ChosenReferences(source.references)
        here = (self.selection.participant, self.selection.camera)
        asked = reference_asked(source, state, self.selection)
        if asked and asked != self.chosen.frame_id(here):
            self.chosen.name(here, asked)
        self._person = self._meet(*here)
        self.selection.reference = self._person.reference
        self._build(source, state)
        self._show_person()
        self._listen()
        self._estimate()
        if missing:
            self.notices.fail(missing)
        case = case_named(source, state.case)
        if case is not None:
            self._open_case(case)

    def _build(self, source: Source, state: PageState) -> None:
        selection, frames = self.selection, source.frames
        self.cases = CaseMenu(source.cases, self._open_case)
        self.choosers = Choosers(selection, frames.participants, frames.aus, self.next_run, self.cases)
        self.viewer = FaceViewer(await_selector=".csn-chart .main-svg")
        go, lock = self._go_to_number, self.turns.lock
        self.chart = Chart(self._curves(), self._bars(), go, self._choose_column, lock, self._arrangement(), FIRST_FACE)
        self.reading = ReadingPanel()
        self.reference = ReferencePanel(self._choose_reference, self._use_current)
        self.guest = GuestPanel(self._analyse)
        self.faces = ShownFaces(self.viewer, selection, source.hidden_faces)
        self.telling = Telling(
            source, selection, self.chosen, self.cases, self.reading, self.reference, self.guest
        )  # fmt: skip
        self.leading = Leading(selection, lambda: self._person, bool(state.frame or state.case))
        self.why = AskingWhy(
            source, selection, lambda: self._person, self.viewer, self.networks, self.notices, self.turns
        )  # fmt: skip
        self.sharing = SharePanel(self._open_link, source.views, self.turns.held)
        self._laid = self._lay_out(source, state)
        self.page = self._laid.widget

    def _lay_out(self, source: Source, state: PageState) -> Page:
        selection, turns = self.selection, self.turns
        self.errors = ErrorsTab(source, selection, self.answers, turns, self._go_to, self.why.ask_about)
        self.references = ReferencesTab(
            source, selection, self.answers, turns, self._use_row, self._annotated, self._move_person
        )  # fmt: skip
        self.export = ExportTab(
            source, selection, self.chart, turns, lambda: self._person, lambda: self.faces.of(self._person),
            self.why.answers, lambda: self.errors.docket.looked_at,
        )  # fmt: skip
        tabs = (
            Tab(ERRORS, self.errors.title, self.errors.widget),
            Tab(WHY, "Why", self.why.card.widget),
            Tab(REFERENCES, "References", self.references.widget),
            Tab("export", "Export", self.export.widget),
        )
        parts = Parts(
            self.notices, self.cases, self.choosers, self.viewer, self.reading, self.reference, self.why.panel, self.chart,
            self.sharing, self.guest, tabs,
        )  # fmt: skip
        laid = lay_out(source, parts, selection)
        self._arrange(laid, state)
        return laid

    def _listen(self) -> None:
        selection, viewer = self.selection, self.viewer
        selection.observe(lambda _: setattr(self.leading, "greeted", True))
        viewer.on_frames(self._begin_networks)
        viewer.on_ready(self._connected)
        viewer.on_event_step(self.errors.step)
        viewer.on_choose_unit(self._choose_column)
        viewer.on_drop_reference(lambda row: self._use_row(row, self.references.chosen_by(row)))
        viewer.on_letter(self.references.press)
        viewer.letters = self.references.letters
        viewer.observe(lambda change: setattr(selection, "row", change["new"]), "index")
        selection.observe(lambda _: self._open_person(), ["participant", "camera"])
        selection.observe(lambda _: self._show_link(), selection.trait_names())  # before all that takes longer
        selection.observe(lambda _: self._show_frame(), "row")
        selection.observe(lambda _: self._choose_unit(), "au")
        selection.observe(lambda _: self._show_unit(), "calibrated")
        selection.observe(lambda _: self._cut_elsewhere(), "cut")
        selection.observe(lambda _: self._open_reference(), "reference")
        selection.observe(lambda _: self.chart.arrange(self._arrangement()), "guest")
        viewer.observe(lambda _: self._show_link(), ["view", "compare"])
        self.why.heard = self._show_link
        self._show_link()

    # ---- a person --------------------------------------------------------------------------------------------------
    def _meet(self, participant: str, camera: str) -> Person:
        reference = self.chosen.frame_id((participant, camera))
        before = self._source.frames.of(participant, camera)
        return Person.of(before, reference, self._source.standing(participant))

    @in_turn
    def _open_person(self) -> None:
        selection = self.selection
        cameras = self._source.frames.cameras(selection.participant)
        if selection.camera not in cameras:
            self.choosers.offer_cameras(cameras, cameras[0])  # which leads back here
        if (selection.participant, selection.camera) == self._person.place:
            return
        self.leading.another_person()
        before, number = self._person.place[0], self._person.number(selection.row)
        self._person = self.errors.as_read(self._meet(selection.participant, selection.camera))
        selection.reference = self._person.reference
        # Two cameras film one moment: the same frame is looked at from the other side.
        selection.row = self._person.row_numbered(number) if selection.participant == before else 0
        self._show_person()
        if self._person.ncg is None:
            self._estimate()
        else:
            self._show_estimates()
            self.answers.get_ready(self._person, self.chosen.table)

    def _show_person(self) -> None:
        person, selection = self._person, self.selection
        self.choosers.offer_cameras(self._source.frames.cameras(selection.participant), selection.camera)
        self.choosers.offer_runs(0, person.labelled)
        self.faces.show(person)
        self._show_reference()
        self._show_unit()

    def _move_person(self, by: int) -> None:
        people = self._source.frames.participants
        self.selection.participant = people[(people.index(self.selection.participant) + by) % len(people)]

    def _begin_networks(self) -> None:
        for thread in (self.quick, self.networks):
            thread.begin(DRAWING)

    @in_turn
    def _connected(self) -> None:
        self._drawn = True
        self.chart.connect()
        self.telling.tell(self._person)  # one frame's estimates may be there long before the others
        self._show_estimates()
        self.why.get_ready()
        self.errors.begin(lambda: self.chosen.table)

    def _say(self, words: str) -> None:
        if self._drawn:
            self.notices.say(words)

    # ---- estimates -------------------------------------------------------------------------------------------------
    def _estimate(self) -> None:
        self._ask_at_once()
        self.answers.estimate(self._person, self._estimated)
        self._compare()

    def _compare(self) -> None:
        self.answers.compare(self._person, self.chosen.table, self._compared)

    def _ask_at_once(self) -> bool:
        """Whether one frame is asked for before all of them are there."""
        awaited = self.telling.awaits(self._person)
        return awaited and self.answers.at_once(self._person, self.selection.row, self._at_once)

    def _estimated(self, frames: FrameTable, table: PredictionTable) -> None:
        if frames is self._person.frames:
            self._person = replace(self._person, ncg=table)
            self.faces.show_estimates(self._person)
            self._show_estimates()

    def _compared(self, frames: FrameTable, reference: str, both: Calibrated) -> None:
        if frames is self._person.frames and reference == self._person.reference:
            self._person = replace(self._person, calibrated=both)
            self._show_estimates()
            self.faces.show_calibrated(self._person)

    def _at_once(self, frames: FrameTable, row: int, reference: str, values: AtOnce) -> None:
        self.telling.now = (frames, row, reference, values)
        if self._drawn and frames is self._person.frames and row == self.selection.row:
            self.telling.tell(self._person)
            # After a step the plot follows; another reference brings curves too, and all is drawn in one.
            if self.chart.frame != self._person.number(row):
                self.chart.show_frame(self._bars())

    def _show_estimates(self) -> None:
        person = self._person
        if not self._drawn or person.ncg is None:
            return
        self._show_unit()  # the curves first: somebody watches them
        self.choosers.offer_runs(len(person.runs()), person.labelled)
        calibrated = person.calibrated
        self._laid.say_provenance([person.ncg] if calibrated is None else [person.ncg, calibrated.bs, calibrated.csn])
        self.errors.see(person)
        self.leading.found()
        if calibrated is not None or not person.reference:
            self.leading.greet()
            self._ask_linked()

    def _ask_linked(self) -> None:
        """Asks once what a link asks, when all methods have answered."""
        link, self._linked = self._linked, ""
        if link:
            self.why.ask_linked(link)

    # ---- going somewhere -------------------------------------------------------------------------------------------
    @in_turn
    def next_run(self) -> None:
        """Goes to the peak of the next overestimate of this person, whichever AU it is of."""
        self.leading.next_run()

    @in_turn
    def go(self, participant: str, camera: str, row: int, au: int) -> None:
        """Looks at one frame of one person and one AU."""
        selection = self.selection
        selection.participant = participant
        selection.camera = camera
        selection.au = au
        selection.row = row

    def _go_to(self, frame_id: str, au: int) -> None:
        self.go(*place_of(self._source.frames, frame_id), au)

    @in_turn
    def _go_to_number(self, number: int) -> None:
        self.selection.row = self._person.row_numbered(number)

    @in_turn
    def _choose_column(self, column: int) -> None:
        numbers = self._source.frames.aus.numbers
        self.selection.au = numbers[int(np.clip(column, 0, len(numbers) - 1))]

    @in_turn
    def _open_case(self, case: Case) -> None:
        """Goes to a case, and to the worst frame of its stretch once NCG has answered."""
        self.leading.seek(case)
        self.cases.chosen = case
        self.telling.tell(self._person)
        self._show_link()
        self.leading.found()

    @in_turn
    def _open_link(self, query: str) -> None:
        """Goes where a saved view leads, on this same page."""
        state, selection = state_named(query), self.selection
        if state.frame:
            self.go(*place_of(self._source.frames, state.frame), state.au or selection.au)
        if state.reference:
            selection.reference = state.reference
        selection.calibrated, selection.cut = state.calibrated, state.cut
        selection.errors = state.errors
        self._arrange(self._laid, state)
        self._linked = state.why
        self._show_estimates()

    def _arrange(self, laid: Page, state: PageState) -> None:
        """How a link wants things seen; what is not known here stays as usual."""
        self.selection.tab = state.tab if state.tab in laid.tabs.keys else laid.tabs.keys[0]
        self.viewer.view = state.view if state.view in VIEWS else VIEWS[0]
        self.viewer.compare = state.compare if state.compare in COMPARISONS else COMPARISONS[0]

    @in_turn
    def _show_link(self) -> None:
        frame_id = self._person.frame_id(min(self.selection.row, len(self._person.frames) - 1))
        seen = (self.viewer.view, self.viewer.compare, self.why.link)
        state = state_of(self.selection, frame_id, self.cases.chosen, *seen)
        self.sharing.link.query = state.query

    def _analyse(self) -> None:
        self.selection.guest = False

    # ---- the reference ---------------------------------------------------------------------------------------------
    @in_turn
    def _choose_reference(self, frame_id: str) -> None:
        # The list offers the frames that are fit, and where there are labels these are asked for that.
        self.chosen.next_by = LABELS if self._person.labelled else PERSON
        self.selection.reference = frame_id

    @in_turn
    def _use_current(self) -> None:
        self._use_row(self.selection.row, PERSON)

    @in_turn
    def _use_row(self, row: int, chosen_by: str) -> None:
        self.chosen.next_by = chosen_by
        self.selection.reference = self._person.frame_id(row)

    @in_turn
    def _open_reference(self) -> None:
        wanted, person = self.selection.reference, self._person
        if wanted == person.reference or not wanted:
            return
        if not person.frames.usable[person.frames.row_of(wanted)]:
            self.selection.reference = person.reference
            self.notices.fail(
                "That frame has no usable face, so nothing can be compared with it. Choose another frame."
            )
            return
        self.chosen.name(person.place, wanted)
        self._person = person.with_reference(wanted)
        # The networks begin first; what is quick to say is said meanwhile, and the former curves stay for as long as nobody minds.
        self._compare()
        self._ask_at_once()
        self.faces.show_reference(self._person)
        self._show_reference()
        self.why.look()
        self.telling.introduce(self._person)
        self.telling.tell(self._person)
        threading.Timer(SOON, self._show_unit_without, [wanted]).start()

    @in_turn
    def _show_unit_without(self, reference: str) -> None:
        """Takes the curves of the former reference away, unless those of this one have come."""
        if self._person.reference == reference and self._person.calibrated is None:
            self._show_unit()

    def _show_reference(self) -> None:
        person = self._person
        self.reference.offer(person.frames, person.fit, person.reference)
        self.references.show(person, self.chosen.chosen_by(person.place))

    def _annotated(self, attributes: pd.DataFrame) -> None:
        self.telling.attributes = attributes
        self.errors.annotated(attributes)
        self.export.attributes = attributes
        self.telling.introduce(self._person)

    # ---- what is looked at -----------------------------------------------------------------------------------------
    @in_turn
    def _choose_unit(self) -> None:
        self.faces.choose_unit(self._person)
        self._show_unit()

    @in_turn
    def _cut_elsewhere(self) -> None:
        self.faces.show_estimates(self._person)
        self._show_unit()

    @in_turn
    def _show_unit(self) -> None:
        self.faces.show_unit(self._person)
        self.why.look()
        self.cases.follow(self.selection)
        self.telling.introduce(self._person)
        self.chart.show(self._curves(), self._bars(), self.selection.calibrated)
        self.telling.tell(self._person)

    @in_turn
    def _show_frame(self) -> None:
        self.leading.moved()
        self.viewer.index = self.selection.row
        asked = self._ask_at_once()
        self.telling.tell(self._person)
        self.viewer.settled = self.selection.row
        self.why.look()
        if not asked:  # else the plot follows its numbers: while it is drawn the browser does nothing else
            self.chart.show_frame(self._bars())

    def _curves(self) -> Curves:
        return self._person.curves(self.selection.au, unit_of(self.selection.au).title)

    def _bars(self) -> Bars:
        return self._person.bars(self.selection.row, self.selection.au)

    def _arrangement(self) -> Arrangement:
        return CURVES_ALONE if self.selection.guest else BOTH
