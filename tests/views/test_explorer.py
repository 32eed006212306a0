import re
import threading
from dataclasses import replace

import numpy as np
import pytest

from csnviz.data.tables import ReferenceTable, join_frames
from csnviz.errors import InputError
from csnviz.views.explorer import Explorer
from csnviz.views.source import CANCELLED, MOVED, WHY_NCG, Case, Estimated, Standing


def opened(source) -> Explorer:
    """The page as it is once a browser has drawn it and the network has answered."""
    explorer = Explorer(source)
    explorer.viewer._handle_custom_msg({"type": "ready"}, [])
    assert explorer.networks.wait(60.0)
    return explorer


def sentence(explorer: Explorer) -> str:
    return re.sub(r"<[^>]+>", "", explorer.reading.widget.value.split("</p>")[0])


def tiles(explorer: Explorer) -> dict[str, str]:
    return dict(re.findall(r'data-method="(\w+)".*?<output>(.*?)</output>', explorer.reading.widget.value))


def curve(explorer: Explorer, place: int) -> np.ndarray:
    return np.asarray(explorer.chart.widget.data[place].y)


def test_faces_are_there_at_once_and_numbers_wait_for_the_browser(source):
    explorer = Explorer(source)
    assert explorer.networks.wait(60.0)
    assert explorer.viewer.frames["count"] == 12
    assert tiles(explorer)["ncg"] == "–"
    assert np.isnan(curve(explorer, 1)).all()
    explorer.viewer._handle_custom_msg({"type": "ready"}, [])
    assert tiles(explorer)["ncg"] == "1.8"
    np.testing.assert_allclose(np.delete(curve(explorer, 1), 5), 1.8, rtol=1e-6)


def test_a_person_who_has_moved_already_is_not_led_elsewhere(source):
    explorer = Explorer(source)
    explorer.viewer.index = 3
    explorer.viewer._handle_custom_msg({"type": "ready"}, [])
    assert explorer.networks.wait(60.0)
    assert (explorer.selection.row, explorer.selection.au) == (3, 4)


def test_the_page_opens_where_the_source_says(source):
    explorer = opened(replace(source, opening=("P2", 9)))
    assert (explorer.selection.participant, explorer.selection.au) == ("P2", 9)
    assert tiles(explorer)["ncg"] == "1.8"


def test_the_page_opens_on_an_overestimate_with_the_reference_switched_off(source):
    explorer = opened(source)
    assert explorer.selection.au == 9
    assert not explorer.selection.calibrated
    assert (
        sentence(explorer)
        == "AU9 nose wrinkler: human label 0 (absent); non-calibrated 1.8 (overestimate at A or above)."
    )
    assert tiles(explorer) == {"label": "0", "ncg": "1.8", "bs": "off", "csn": "off"}


def test_switching_the_reference_on_makes_the_overestimate_vanish(source):
    explorer = opened(source)
    assert explorer.selection.row == 1, "frame 0 is as high, but it is the reference"
    explorer.choosers.calibrated.value = True
    assert sentence(explorer).endswith("calibrated 0.2. The reference makes the overestimate vanish.")
    assert tiles(explorer) == {"label": "0", "ncg": "1.8", "bs": "0.3", "csn": "0.2"}
    assert explorer.chart.widget.data[3].visible is True
    assert np.nanmax(curve(explorer, 3)) == pytest.approx(0.2)
    assert explorer.viewer.calibrated


def test_a_step_in_the_browser_moves_numbers_bars_and_cursor(source):
    explorer = opened(source)
    explorer.selection.au = 12
    explorer.viewer.index = 9
    assert tiles(explorer)["ncg"] == "3.0"
    assert explorer.chart.widget.layout.shapes[0].x0 == 9
    np.testing.assert_allclose(curve(explorer, 5), [0, 1.8, 3])
    assert explorer.viewer.settled == 9


def test_another_participant_brings_their_faces_and_reference(source):
    explorer = opened(source)
    before = explorer.viewer.frames["generation"]
    explorer.choosers.participant.value = "P2"
    assert explorer.networks.wait(60.0)
    assert explorer.viewer.frames["generation"] > before
    assert explorer.selection.reference == "P2/0"
    assert explorer._person.ncg.rows["participant"].unique() == ["P2"]
    assert explorer.notices.failure == ""


def test_an_unfit_frame_may_be_the_reference_and_is_then_marked_on_every_curve_that_uses_it(source):
    explorer = opened(source)
    explorer.selection.calibrated = True
    explorer.selection.au = 12
    explorer.selection.row = 10
    explorer._use_current()
    assert explorer.networks.wait(60.0)
    # Labels of AU12 are 3 in the reference, so calibrated estimates at rest are 0 - 3.
    assert curve(explorer, 3)[0] == pytest.approx(-3)
    assert [trace.name for trace in explorer.chart.widget.data[:4]] == ["Human label", "NCG", "BS ⚠", "CSN ⚠"]
    assert "Not fit: AU12 is labelled 3." in explorer.reference._words.value
    assert "⚠ frame 10" in explorer.reference.list.label
    assert explorer.reading.widget.value.count("⚠") == 2
    assert sentence(explorer).endswith("This frame is the reference itself.")
    explorer.selection.row = 11
    assert sentence(explorer).endswith("Mind that the reference is not fit.")


def test_a_fit_reference_from_the_list_is_used_and_not_marked(source):
    explorer = opened(source)
    explorer.reference.list.value = "P1/3"
    assert explorer.networks.wait(60.0)
    assert explorer.selection.reference == "P1/3"
    assert set(explorer._person.calibrated.csn.rows["ref_frame_id"]) <= {"", "P1/3"}
    assert not any("⚠" in trace.name for trace in explorer.chart.widget.data[:4])


def test_a_frame_without_a_face_cannot_be_the_reference_and_that_is_said(source):
    explorer = opened(source)
    explorer.selection.row = 5
    explorer._use_current()
    assert "no usable face" in explorer.notices.failure
    assert explorer.selection.reference == "P1/0"
    assert sentence(explorer) == "No estimate for this frame: no face found."


@pytest.mark.parametrize(("wording", "about"), [(WHY_NCG, "image"), (CANCELLED, "reference"), (MOVED, "image")])
def test_a_question_colours_the_face_that_it_is_about(source, wording, about):
    explorer = opened(source)
    explorer.why.ask(wording)
    assert explorer.networks.wait(60.0)
    words, _ = explorer.viewer._attribution
    assert (words["about"], words["index"]) == (about, explorer.selection.row)
    said = explorer.why.panel._words.value
    assert "Starts at an average face (0.1) and ends at 1.0." in said
    assert "Completeness gap 0.02 (2.2%)." in said
    assert ("That start is drawn." in said) == (wording is not MOVED)


def test_another_unit_takes_the_answer_away(source):
    explorer = opened(source)
    explorer.why.ask(WHY_NCG)
    assert explorer.networks.wait(60.0)
    explorer.selection.au = 4
    assert explorer.viewer._attribution is None
    assert "Completeness" not in explorer.why.panel._words.value


def test_a_row_of_the_docket_is_explained_at_its_frame_and_stays_explained_when_calibration_is_switched_on(source):
    explorer = opened(source)
    explorer.errors.docket.widget._handle_custom_msg(
        {"type": "why", "row": 0, "generation": explorer.errors.docket.widget.about["generation"]}, []
    )
    assert explorer.networks.wait(60.0)
    run = explorer.errors.docket.looked_at
    assert explorer.selection.tab == "why"
    explorer.selection.calibrated = True
    assert (explorer.why.answer[0].frame_id, explorer.why.answer[0].au) == (run.frame_id, run.au)
    explorer.selection.participant = "P2"
    assert explorer.why.answer is None


def test_without_a_reference_only_the_calibrated_questions_are_refused(source):
    explorer = opened(replace(source, references=type(source.references).empty()))
    assert tiles(explorer)["ncg"] == "1.8"
    explorer.why.ask(MOVED)
    assert "needs a reference" in explorer.notices.failure


def test_what_goes_wrong_in_the_network_is_one_sentence_and_the_page_lives_on(source):
    def failing(*_):
        raise InputError("P1, front camera: the network is gone. Install it again.")

    explorer = opened(replace(source, with_reference=failing))
    assert explorer.notices.failure == "P1, front camera: the network is gone. Install it again."
    explorer.viewer.index = 3
    assert tiles(explorer)["ncg"] == "1.8" or explorer.selection.au != 9


def test_a_click_on_the_curve_leads_to_that_frame_and_one_on_a_bar_to_that_unit(source):
    explorer = opened(source)
    explorer._go_to_number(7)
    explorer._choose_column(2)
    assert (explorer.selection.row, explorer.viewer.index, explorer.selection.au) == (7, 7, 12)


def test_unlabelled_recordings_have_no_overestimates_to_go_to(source):
    unknown = np.full_like(source.frames.intensity, np.nan)
    explorer = opened(replace(source, frames=replace(source.frames, intensity=unknown)))
    assert explorer.choosers._next.disabled
    assert "no human labels" in explorer.choosers._next.tooltip
    assert tiles(explorer)["label"] == "–"
    assert explorer.choosers._next.description == "No human labels"
    assert "nobody has said that this face is neutral" in explorer.reference._words.value
    assert "✓" not in explorer.reference._words.value


def test_the_timeline_marks_labels_overestimates_and_missing_faces(source):
    explorer = opened(source)
    explorer.selection.au = 9
    assert list(explorer.viewer.strip) == [2, 2, 2, 2, 2, 3, 2, 2, 2, 2, 2, 2]
    explorer.selection.au = 12
    assert list(explorer.viewer.strip) == [0, 0, 0, 0, 0, 3, 0, 0, 1, 1, 1, 1]


def test_text_from_a_file_name_cannot_become_markup(source):
    explorer = opened(replace(source, title="<img src=x onerror=alert(1)>"))
    head = explorer.page.children[1].children[0].value
    assert "<img" not in head
    assert "&lt;img" in head


def test_the_plot_begins_small_and_gives_plotly_to_a_browser_that_asks(source, monkeypatch):
    widget, sent = Explorer(source).chart.widget, []
    assert len(str(widget._esm)) < 5_000
    assert max(len(str(value)) for value in widget.get_state().values()) < 100_000
    monkeypatch.setattr(widget, "send", lambda *message: sent.append(message))
    widget._handle_custom_msg({"type": "plotly"}, [])
    ((words, (bundle,)),) = sent
    assert words == {"type": "plotly"}
    assert len(bundle) > 1_000_000


FIGURE = Case("Figure 1", "P2", "front", 9, first=6, last=9, note="A permanent wrinkle.")


@pytest.fixture
def wrinkled(source):
    """The figure as a case; NCG is furthest above the labels of AU9 in frame 7, but for frame 2 outside of its stretch."""

    def higher(frames, watch):
        table = source.without_reference(frames, watch)
        table.estimate[[2, 7], 1] += [3, 1]
        return table

    return replace(source, cases=(FIGURE,), without_reference=higher)


def test_a_case_leads_to_its_person_unit_and_the_worst_frame_of_its_stretch(wrinkled):
    explorer = opened(wrinkled)
    explorer.cases.list.value = FIGURE
    assert explorer.networks.wait(60.0)
    selection = explorer.selection
    assert (selection.participant, selection.camera, selection.au, selection.row) == ("P2", "front", 9, 7)
    assert "A permanent wrinkle." in explorer.reading.widget.value


def test_a_case_without_a_stretch_leads_to_the_worst_frame_of_all_and_uses_its_own_reference(wrinkled):
    case = replace(FIGURE, first=None, last=None, reference="P2/3")
    explorer = opened(replace(wrinkled, cases=(case,)))
    explorer.cases.list.value = case
    assert explorer.networks.wait(60.0)
    assert (explorer.selection.row, explorer.selection.reference) == (2, "P2/3")


def test_the_menu_lets_go_of_a_case_once_something_else_is_looked_at(wrinkled):
    explorer = opened(wrinkled)
    explorer.cases.list.value = FIGURE
    assert explorer.networks.wait(60.0)
    explorer.selection.row = 1
    assert explorer.cases.list.value == FIGURE, "another frame of the same case"
    explorer.selection.au = 12
    assert explorer.cases.list.label == "Choose a case"
    assert "A permanent wrinkle." not in explorer.reading.widget.value
    explorer.cases.list.value = FIGURE
    assert (explorer.selection.row, explorer.selection.au) == (7, 9)


def test_who_moves_on_before_the_estimates_come_is_not_led_back(wrinkled):
    answers = threading.Event()

    def slow(frames, watch):
        answers.wait(30)
        return wrinkled.without_reference(frames, watch)

    explorer = Explorer(replace(wrinkled, without_reference=slow))
    explorer.viewer._handle_custom_msg({"type": "ready"}, [])
    explorer.cases.list.value = FIGURE
    assert explorer.selection.row == 6, "the first frame of the stretch, until there are estimates"
    explorer.viewer.index = 8
    answers.set()
    assert explorer.networks.wait(60.0)
    assert (explorer.selection.row, explorer.notices.failure) == (8, "")


def test_there_is_no_menu_where_there_are_no_cases(source):
    assert "csn-hidden" in opened(source).cases.list._dom_classes
    assert "csn-hidden" not in opened(replace(source, cases=(FIGURE,))).cases.list._dom_classes


def test_how_the_networks_stand_to_a_person_is_said_beside_the_numbers_and_in_sample_is_hatched(source):
    standings = {"P1": Standing("Not this one."), "P2": Standing("In-sample: this one among them.", in_sample=True)}
    explorer = opened(replace(source, standing=standings.__getitem__))
    explorer.selection.calibrated = True
    assert "Not this one." in explorer.reading.widget.value
    assert "csn-in-sample" not in explorer.reading.widget.value
    assert "csn-in-sample" not in explorer.chart.ground._dom_classes
    fair = [trace.line.dash for trace in explorer.chart.widget.data[1:4]]
    explorer.choosers.participant.value = "P2"
    assert explorer.networks.wait(60.0)
    assert "⚠ In-sample: this one among them." in explorer.reading.widget.value
    assert "csn-in-sample" in explorer.chart.ground._dom_classes
    figure = explorer.chart.widget
    assert figure.layout.annotations[3].visible is True
    assert [trace.line.dash for trace in figure.data[1:4]] != fair
    assert "solid" not in {trace.line.dash for trace in figure.data[1:4]}
    assert all(trace.marker.pattern.shape for trace in figure.data[5:8])
    explorer.choosers.participant.value = "P1"
    assert explorer.networks.wait(60.0)
    assert [trace.line.dash for trace in figure.data[1:4]] == fair
    assert [trace.marker.pattern.shape for trace in figure.data[5:8]] == ["", "/", ""]
    assert figure.layout.annotations[3].visible is False


def test_what_must_be_read_before_faces_are_shown_to_anybody_stands_in_the_head(source):
    explorer = opened(replace(source, cautions=("Do not show <these> faces.", "1 of 3 people is hidden.")))
    head = explorer.page.children[1].children[0].value
    assert "Do not show &lt;these&gt; faces." in head
    assert "1 of 3 people is hidden." in head
    assert "csn-cautions" not in opened(source).page.children[1].children[0].value


def test_the_page_says_who_chose_the_reference(source):
    explorer = opened(source)
    assert "Reference, chosen with the labels:" in explorer.reference._words.value
    explorer.selection.row = 3
    explorer._use_current()
    assert explorer.networks.wait(60.0)
    assert "Reference, your choice:" in explorer.reference._words.value


@pytest.fixture
def two_cameras(source):
    """P1 before front and side, P2 before a camera that P1 does not have."""
    rows = source.frames.rows
    camera = np.where(rows["participant"] == "P2", "other", np.where(rows["frame_index"] < 6, "front", "side"))
    references = ReferenceTable.empty()
    for who, lens, frame in (("P1", "front", 0), ("P1", "side", 6), ("P2", "other", 0)):
        references = references.with_reference(who, lens, f"{who}/{frame}", "authors")
    frames = replace(source.frames, rows=rows.assign(camera=camera))

    def beside(frames, references, watch):
        return source.with_reference(frames, references_of(frames, references), watch)

    def references_of(frames, references):
        first = frames.rows.iloc[0]
        chosen = references.frame_id_for(first["participant"], first["camera"])
        return ReferenceTable.empty().with_reference(first["participant"], "front", chosen, "authors")

    return replace(source, frames=frames, references=references, with_reference=beside)


def test_another_camera_brings_its_own_frames_and_reference(two_cameras):
    explorer = opened(two_cameras)
    assert explorer.choosers.camera.options == ("front", "side")
    explorer.choosers.camera.value = "side"
    assert explorer.networks.wait(60.0)
    assert explorer.viewer.frames["numbers"] == [6, 7, 8, 9, 10, 11]
    assert explorer.selection.reference == "P1/6"
    assert "the authors' choice" in explorer.reference._words.value
    assert explorer.notices.failure == ""


def test_the_other_camera_shows_the_same_moment(source):
    one = source.frames.of("P1")
    ids = one.rows["frame_id"] + "/right"
    both = join_frames([one, replace(one, rows=one.rows.assign(camera="right", frame_id=ids))])
    explorer = opened(replace(source, frames=both))
    explorer.selection.row = 9
    explorer.choosers.camera.value = "right"
    assert explorer.networks.wait(60.0)
    assert (explorer.selection.row, explorer.viewer.index) == (9, 9)


def test_a_person_whom_another_camera_filmed_is_shown_before_it(two_cameras):
    explorer = opened(two_cameras)
    explorer.choosers.camera.value = "side"
    explorer.choosers.participant.value = "P2"
    assert explorer.networks.wait(60.0)
    assert (explorer.selection.camera, explorer.choosers.camera.options) == ("other", ("other",))
    assert (explorer.selection.reference, explorer.viewer.frames["count"]) == ("P2/0", 12)
    explorer.choosers.participant.value = "P1"
    assert explorer.networks.wait(60.0)
    assert (explorer.selection.camera, explorer.notices.failure) == ("front", "")


def test_one_frame_s_number_that_came_before_the_browser_is_shown_once_the_browser_is_there(source):
    answers = threading.Event()
    number = {key: np.full(len(source.frames.aus), 1.7, np.float32) for key in ("ncg", "bs", "csn")}

    def slow(frames, watch):
        answers.wait(30)
        return source.without_reference(frames, watch)

    explorer = Explorer(replace(source, without_reference=slow, at_once=lambda frames, row, reference: number))
    assert explorer.quick.wait(20.0)
    explorer.viewer._handle_custom_msg({"type": "ready"}, [])
    assert "<output>1.7</output>" in explorer.reading.widget.value
    answers.set()
    assert explorer.networks.wait(60.0)


def test_the_plot_follows_a_frame_s_number_after_a_step_and_is_drawn_once_for_another_reference(source):
    answers = threading.Event()
    number = {key: np.full(len(source.frames.aus), 1.7, np.float32) for key in ("ncg", "bs", "csn")}

    def slow(frames, references, watch):
        answers.wait(30)
        return source.with_reference(frames, references, watch)

    asked = replace(source, with_reference=slow, at_once=lambda frames, row, reference: number)
    explorer = Explorer(asked)
    explorer.viewer._handle_custom_msg({"type": "ready"}, [])
    explorer.viewer.index = 2
    assert explorer.quick.wait(20.0)
    assert explorer.chart.frame == explorer._person.number(2)
    answers.set()
    assert explorer.networks.wait(60.0)
    answers.clear()
    drawn, show = [], explorer.chart.show
    explorer.chart.show = lambda *what: (drawn.append(what), show(*what))
    other = next(value for _, value in explorer.reference.list.options if value != explorer.selection.reference)
    explorer.selection.reference = other
    assert explorer.quick.wait(20.0)
    assert drawn == []
    answers.set()
    assert explorer.networks.wait(60.0)
    assert drawn


def test_what_explaining_takes_is_loaded_once_after_the_estimates_and_before_everybody_else_is_read(source):
    done = []

    def ready(frame_id, watch):
        done.append(("ready", frame_id, threading.current_thread().name))

    def estimated(frames, references, watch):
        done.append("estimated")
        return source.with_reference(frames, references, watch)

    def read(frames, references, watch):
        done.append("another read")
        return Estimated(source.without_reference(frames, watch), None)

    explorer = opened(replace(source, get_ready_to_explain=ready, with_reference=estimated, everyone=read))
    for tab in ("errors", "why"):
        explorer.selection.tab = tab
    assert explorer.networks.wait(60.0)
    assert done[:3] == ["estimated", ("ready", explorer.selection.reference, "csnviz networks"), "another read"]
    assert [what for what in done[3:] if "ready" in what] == []


@pytest.fixture
def reading(source):
    """The source, which reads everybody, and whom it was asked about in front of whoever waits, and when what was read."""
    asked, read = [], []

    def estimated(frames, references, watch):
        asked.append(frames.participants[0])
        return source.with_reference(frames, references, watch)

    def everyone(frames, references, watch):
        read.append(frames.participants[0])
        return Estimated(source.without_reference(frames, watch), source.with_reference(frames, references, watch))

    return replace(source, with_reference=estimated, everyone=everyone), asked, read


def test_somebody_who_was_read_for_the_docket_is_there_at_once_and_made_ready_behind(reading, monkeypatch):
    source, asked, read = reading
    explorer = opened(source)
    assert "P2" in read
    explorer.choosers.calibrated.value = True
    submitted = []
    submit = explorer.networks.submit
    monkeypatch.setattr(explorer.networks, "submit", lambda *a, **k: (submitted.append((a[0], k)), submit(*a, **k)))
    explorer.selection.participant = "P2"
    assert explorer._person.ncg is explorer.errors._estimated["P2", "front"].ncg
    assert tiles(explorer)["csn"] == "0.2"
    assert np.isfinite(curve(explorer, 3)).any()
    assert submitted == [("reference", {"background": True})]
    assert explorer.networks.wait(60.0)
    assert asked == ["P1", "P2"]


def test_somebody_who_was_read_beside_another_reference_is_asked_about_anew(reading):
    explorer = opened(reading[0])
    explorer.selection.participant = "P2"
    assert explorer.networks.wait(60.0)
    before = explorer._person.calibrated
    explorer.selection.reference = explorer._person.frame_id(4)
    assert explorer.networks.wait(60.0)
    explorer.selection.participant = "P1"
    explorer.chosen.name(("P2", "front"), explorer.errors._source.references.frame_id_for("P2", "front"))
    explorer.selection.participant = "P2"
    assert explorer._person.calibrated is None
    assert explorer.networks.wait(60.0)
    assert explorer._person.calibrated is not before
    assert set(explorer._person.calibrated.csn.rows["ref_frame_id"]) == {explorer._person.reference}
