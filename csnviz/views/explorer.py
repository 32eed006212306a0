"""The page: faces, curves and numbers of one person at a time, kept in step with one selection."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from csnviz.data.tables import FrameTable, PredictionTable
from csnviz.faces.regions import region_polygons
from csnviz.facs import au as unit_of
from csnviz.views.answers import Answers
from csnviz.views.asking_why import AskingWhy
from csnviz.views.case_menu import CaseMenu
from csnviz.views.chart import Chart
from csnviz.views.choosers import Choosers
from csnviz.views.errors_tab import ErrorsTab
from csnviz.views.export_tab import ExportTab
from csnviz.views.figures import BOTH, CURVES_ALONE, Arrangement
from csnviz.views.guest import GuestPanel
from csnviz.views.latest_only import LatestOnly
from csnviz.views.layout import Parts, lay_out
from csnviz.views.notices import Notices
from csnviz.views.opening import case_named, opening, place_of, reference_asked, state_of
from csnviz.views.page_state import AS_USUAL, PageState, state_named
from csnviz.views.people import Person
from csnviz.views.reading_panel import ReadingPanel
from csnviz.views.reference_panel import ReferencePanel
from csnviz.views.references_tab import REFERENCES, ReferencesTab
from csnviz.views.schematic import hidden_faces, reference_schematic
from csnviz.views.selection import Selection
from csnviz.views.share_panel import SharePanel
from csnviz.views.source import AtOnce, Calibrated, Case, Source
from csnviz.views.tabs import Tab
from csnviz.views.turns import Turns, in_turn
from csnviz.views.viewer import COMPARISONS, VIEWS, Faces, FaceViewer
from csnviz.views.words import attributes_in_words, reading


class Explorer:
    """Everything on the page for one source; `page` is the widget to show.

    Faces are shown at once. The network is asked at once too, in its own thread, but what it answers stays out of the widgets
    until a browser has drawn the page: what is changed while one is connecting may never reach it. After that every change
    of the selection asks for what is missing and shows the rest. `state`: what a link asked for.
    """

    def __init__(self, source: Source, state: PageState = AS_USUAL) -> None:
        self._source = source
        self._references = source.references
        self._place_in_runs = -1
        self._chosen_by = "person"
        self._drawn = False
        self._greeted = bool(state.frame or state.case)
        self._sought: Case | None = None
        self._now: tuple[FrameTable, int, str, AtOnce] | None = None
        self.notices = Notices(lambda: self.networks.cancel())
        self.turns = Turns(self.notices.fail)
        self.selection, missing = opening(source, state)
        self.networks = LatestOnly(self._say, self.notices.fail)
        self.answers = Answers(source, self.networks, LatestOnly(lambda _: None, self.notices.fail), self.turns)
        asked = reference_asked(source, state, self.selection)
        if asked and asked != self._named("frame_id", *place(self.selection)):
            self._name_reference(asked)
        self._person = self._meet(self.selection.participant, self.selection.camera)
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
        self.chart = Chart(
            self._curves(), self._bars(), self._go_to_number, self._choose_column, self.turns.lock, self._arrangement()
        )
        self.reading = ReadingPanel()
        self.reference = ReferencePanel(self._choose_reference, self._use_current)
        self.why = AskingWhy(
            source, selection, lambda: self._person, self.viewer, self.networks, self.notices, self.turns
        )
        self.sharing = SharePanel(self._open_link, source.views, self.turns.held)
        self.guest = GuestPanel(self._analyse)
        self.errors = ErrorsTab(source, selection, self.answers, self.turns, self._go_to)
        self.references = ReferencesTab(
            source, selection, self.answers, self.turns, self._use_row, self._annotated, self._move_person
        )
        self.export = ExportTab(
            source, selection, self.chart, self.turns, lambda: self._person, self._faces, self.why.answers,
            lambda: self.errors.docket.looked_at,
        )  # fmt: skip
        tabs = (
            Tab("errors", "Errors", self.errors.widget),
            Tab(REFERENCES, "References", self.references.widget),
            Tab("export", "Export", self.export.widget),
        )
        parts = Parts(
            self.notices, self.cases, self.choosers, self.viewer, self.reading, self.reference, self.why.panel, self.chart,
            self.sharing, self.guest, tabs,
        )  # fmt: skip
        self._laid = lay_out(source, parts, selection)
        self._arrange(state)
        self.page = self._laid.widget

    def _listen(self) -> None:
        selection = self.selection
        selection.observe(lambda _: setattr(self, "_greeted", True))
        self.viewer.on_ready(self._connected)
        self.viewer.on_event_step(self.errors.step)
        self.viewer.on_choose_unit(self._choose_column)
        self.viewer.on_drop_reference(lambda row: self._use_row(row, self.references.chosen_by(row)))
        self.viewer.on_letter(self.references.press)
        self.viewer.letters = self.references.letters
        self.viewer.observe(lambda change: setattr(selection, "row", change["new"]), "index")
        selection.observe(lambda _: self._open_person(), ["participant", "camera"])
        selection.observe(lambda _: self._show_frame(), "row")
        selection.observe(lambda _: self._show_unit(), ["au", "calibrated", "cut"])
        selection.observe(lambda _: self._show_tracks(), "cut")
        selection.observe(lambda _: self._open_reference(), "reference")
        selection.observe(lambda _: self.chart.arrange(self._arrangement()), "guest")
        selection.observe(lambda _: self._show_link())
        self.viewer.observe(lambda _: self._show_link(), ["view", "compare"])
        self._show_link()

    # ---- a person --------------------------------------------------------------------------------------------------
    def _named(self, column: str, participant: str, camera: str) -> str:
        """A column of the reference table for a person before a camera; "" where no reference is named."""
        rows = self._references.rows
        named = rows[(rows["participant"] == participant) & (rows["camera"] == camera)]
        return "" if named.empty else str(named[column].iloc[0])

    def _meet(self, participant: str, camera: str) -> Person:
        reference = self._named("frame_id", participant, camera)
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
        self.viewer.show(self._faces(), selection.row)
        self._show_tracks()
        self._show_reference()
        self._show_unit()

    def _faces(self) -> Faces:
        """What the viewer may show of this person: the faces, or a drawing that is nobody's."""
        person, faces = self._person, Faces.of(self._person.frames)
        if not self._source.hidden_faces:
            return faces
        aus = person.frames.aus
        method = "label" if person.ncg is None else "ncg" if person.calibrated is None else "csn"
        tints = np.column_stack([person.column(method, au) for au in aus])
        return replace(hidden_faces(faces, aus, tints, self.selection.au), withheld="Faces are hidden on this page.")

    @in_turn
    def _show_tracks(self) -> None:
        if self._source.hidden_faces:
            self.viewer.show(self._faces(), self.selection.row)  # drawn anew from the new numbers
            self._show_reference()
        self.viewer.show_tracks(self._person.tracks(self.selection.cut))

    def _show_calibrated_tracks(self) -> None:
        if self._source.hidden_faces:
            self._show_tracks()
        else:
            self.viewer.show_calibrated_tracks(self._person.tracks(self.selection.cut))

    @in_turn
    def _connected(self) -> None:
        self._drawn = True
        self.chart.connect()
        self._show_estimates()
        self.errors.begin(lambda: self._references)

    def _say(self, words: str) -> None:
        if self._drawn:
            self.notices.say(words)

    # ---- estimates -------------------------------------------------------------------------------------------------
    def _estimate(self) -> None:
        self.answers.estimate(self._person, self._estimated)
        self._compare()

    def _compare(self) -> None:
        self.answers.compare(self._person, self._references, self._compared)

    def _estimated(self, frames: FrameTable, table: PredictionTable) -> None:
        if frames is self._person.frames:
            self._person = replace(self._person, ncg=table)
            self._show_tracks()
            self._show_estimates()

    def _compared(self, frames: FrameTable, reference: str, both: Calibrated) -> None:
        if frames is self._person.frames and reference == self._person.reference:
            self._person = replace(self._person, calibrated=both)
            self._show_calibrated_tracks()
            self._show_estimates()

    def _at_once(self, frames: FrameTable, row: int, reference: str, values: AtOnce) -> None:
        self._now = (frames, row, reference, values)
        if frames is self._person.frames and row == self.selection.row:
            self._show_words()

    def _show_estimates(self) -> None:
        person = self._person
        if not self._drawn or person.ncg is None:
            return
        self.choosers.offer_runs(len(person.runs()), person.labelled)
        calibrated = person.calibrated
        self._laid.say_provenance([person.ncg] if calibrated is None else [person.ncg, calibrated.bs, calibrated.csn])
        self.errors.see(person)
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

    @in_turn
    def next_run(self) -> None:
        """Goes to the peak of the next overestimate of this person, whichever AU it is of."""
        runs = self._person.runs()
        if runs.empty:
            return
        self._place_in_runs = (self._place_in_runs + 1) % len(runs)
        run = runs.iloc[self._place_in_runs]
        self.selection.au = int(run["au"])
        self.selection.row = int(run["row"])

    # ---- a case, a link ----------------------------------------------------------------------------------------------
    @in_turn
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

    @in_turn
    def _open_link(self, query: str) -> None:
        """Goes where a saved view leads, on this same page."""
        state = state_named(query)
        selection = self.selection
        if state.frame:
            self.go(*place_of(self._source.frames, state.frame), state.au or selection.au)
        if state.reference:
            selection.reference = state.reference
        selection.calibrated, selection.cut = state.calibrated, state.cut
        selection.errors = state.errors
        self._arrange(state)

    def _arrange(self, state: PageState) -> None:
        """How a link wants things seen; what is not known here stays as usual."""
        self.selection.tab = state.tab if state.tab in self._laid.tabs.keys else "curves"
        self.viewer.view = state.view if state.view in VIEWS else VIEWS[0]
        self.viewer.compare = state.compare if state.compare in COMPARISONS else COMPARISONS[0]

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
    def _show_link(self) -> None:
        frame_id = self._person.frame_id(min(self.selection.row, len(self._person.frames) - 1))
        state = state_of(self.selection, frame_id, self.cases.chosen, self.viewer.view, self.viewer.compare)
        self.sharing.link.query = state.query

    def _annotated(self, attributes: pd.DataFrame) -> None:
        self._source = replace(self._source, attributes=attributes)
        self.errors.annotated(attributes)
        self._show_guest()

    def _move_person(self, by: int) -> None:
        people = self._source.frames.participants
        self.selection.participant = people[(people.index(self.selection.participant) + by) % len(people)]

    def _analyse(self) -> None:
        self.selection.guest = False

    def _arrangement(self) -> Arrangement:
        return CURVES_ALONE if self.selection.guest else BOTH

    # ---- the reference ---------------------------------------------------------------------------------------------
    @in_turn
    def _choose_reference(self, frame_id: str) -> None:
        # The list offers the frames that are fit, and where there are labels these are asked for that.
        self._chosen_by = "labels" if self._person.labelled else "person"
        self.selection.reference = frame_id

    @in_turn
    def _use_current(self) -> None:
        self._use_row(self.selection.row, "person")

    @in_turn
    def _use_row(self, row: int, chosen_by: str = "person") -> None:
        self._chosen_by = chosen_by
        self.selection.reference = self._person.frame_id(row)

    def _name_reference(self, frame_id: str) -> None:
        chosen_by, self._chosen_by = self._chosen_by, "person"
        here = place(self.selection)
        self._references = self._references.with_reference(*here, frame_id, chosen_by, "chosen on the page")

    @in_turn
    def _open_reference(self) -> None:
        chosen = self.selection.reference
        if chosen == self._person.reference or not chosen:
            return
        if not self._person.frames.usable[self._person.frames.row_of(chosen)]:
            self.selection.reference = self._person.reference
            self.notices.fail(
                "That frame has no usable face, so nothing can be compared with it. Choose another frame."
            )
            return
        self._name_reference(chosen)
        self._person = self._person.with_reference(chosen)
        self._show_reference()
        self._show_unit()
        self._compare()

    def _show_reference(self) -> None:
        person = self._person
        self.reference.offer(person.frames, person.fit, person.reference)
        self.references.show(person, self._named("chosen_by", *person.place))
        fitness = person.reference_fitness
        if fitness is None:
            self.viewer.show_reference(None, "No reference", reason="Choose a frame with a resting face.")
            return
        row = person.frames.row_of(person.reference)
        caption = f"{'Reference' if fitness.fit else '⚠ Reference, not fit'}: frame {person.number(row)}"
        hidden = self._source.hidden_faces
        picture = reference_schematic(f"frame {person.number(row)}") if hidden else person.frames.picture(row)
        self.viewer.show_reference(picture, caption, not fitness.fit, row=row)

    # ---- what is looked at -----------------------------------------------------------------------------------------
    @in_turn
    def _show_unit(self) -> None:
        au = self.selection.au
        self.viewer.calibrated = self.selection.calibrated
        self.viewer.unit, self.viewer.region = self._person.frames.aus.column_of(au), list(region_polygons(au))
        self.viewer.strip = self._person.strip(self.selection.au)
        self.why.forget()
        self.cases.follow(self.selection)
        self._show_guest()
        self.chart.show(self._curves(), self._bars(), self.selection.calibrated)
        self._show_words()

    @in_turn
    def _show_frame(self) -> None:
        self._sought = None
        self.viewer.index = self.selection.row
        if self._person.ncg is None:
            self.answers.at_once(self._person, self.selection.row, self._at_once)
        self.chart.show_frame(self._bars())
        self._show_words()
        self.viewer.settled = self.selection.row

    def _values(self) -> tuple[dict[str, float], bool]:
        """The label and the estimates of the frame and AU looked at (NaN = none), and whether more are on their way."""
        selection, person = self.selection, self._person
        values = {key: float(person.column(key, selection.au)[selection.row]) for key in KEYS}
        if person.ncg is not None or self._now is None or self._source.at_once is None:
            return values, False
        frames, row, reference, now = self._now
        if frames is person.frames and (row, reference) == (selection.row, person.reference):
            column = person.frames.aus.column_of(selection.au)
            return values | {key: float(estimate[column]) for key, estimate in now.items()}, False
        return values, bool(person.frames.usable[selection.row])

    def _show_words(self) -> None:
        selection, person = self.selection, self._person
        unit, row = unit_of(selection.au), selection.row
        values, computing = self._values()
        fitness, reason = person.reference_fitness, str(person.frames.rows["reason"].iloc[row])
        unfit = fitness is not None and not fitness.fit
        is_reference = person.frame_id(row) == person.reference
        proviso = "Mind that the reference is not fit." if unfit else ""
        proviso = "This frame is the reference itself." if is_reference else proviso
        numbers = (values["label"], values["ncg"], values["csn"])
        self.reading.show(
            reading(unit, *numbers, selection.calibrated, reason, proviso, selection.cut),
            values,
            selection.calibrated,
            unfit,
            person.standing,
            self.cases.note,
            computing,
            row,
        )
        self.reference.show(fitness, person.fitness(row), is_reference, self._named("chosen_by", *person.place))

    def _show_guest(self) -> None:
        person = self._person
        self.guest.show(
            f"Participant {person.place[0]}",
            unit_of(self.selection.au),
            attributes_in_words(self._source.attributes, person.place[0]),
            f"Frame {person.number(person.frames.row_of(person.reference))}" if person.reference else "",
            self._source.trained_on,
            self._source.hidden_faces,
        )

    def _curves(self) -> Any:
        return self._person.curves(self.selection.au, unit_of(self.selection.au).title)

    def _bars(self) -> Any:
        return self._person.bars(self.selection.row, self.selection.au)

    @in_turn
    def _go_to_number(self, number: int) -> None:
        self.selection.row = self._person.row_numbered(number)

    @in_turn
    def _choose_column(self, column: int) -> None:
        numbers = self._source.frames.aus.numbers
        self.selection.au = numbers[int(np.clip(column, 0, len(numbers) - 1))]


def place(selection: Selection) -> tuple[str, str]:
    """The participant and the camera looked at."""
    return selection.participant, selection.camera


KEYS = ("label", "ncg", "bs", "csn")
