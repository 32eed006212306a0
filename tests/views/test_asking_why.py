"""Why is asked beside made-up networks, and what comes back is shown."""

import io
import re
import threading
from dataclasses import dataclass, replace

import numpy as np
import pytest
from PIL import Image

from csnviz.data.tables import ReferenceTable
from csnviz.errors import InputError
from csnviz.explain.results import Changed
from csnviz.views.asking_why import AskingWhy
from csnviz.views.docket import Entry
from csnviz.views.latest_only import LatestOnly, Watch
from csnviz.views.notices import Notices
from csnviz.views.people import Person
from csnviz.views.selection import Selection
from csnviz.views.source import CANCELLED, DIFFERENCE, OCCLUSION, WHY_NCG, Change, Standing
from csnviz.views.turns import Turns
from csnviz.views.viewer import Faces, FaceViewer
from csnviz.views.why_card import NO_PARTS
from csnviz.views.why_choices import LOWERS, RAISES

PARTS = {"the lips": -0.6, "the eyeglasses": 0.9, "the nose bridge": 1.5, "the brows": 0.0, "the chin boss": 0.2}
CHANGES = (
    Change("off", "Remove the eyeglasses", approximate=False),
    *(Change(f"fill {part}", f"Fill {part}", part) for part in PARTS if part != "the eyeglasses"),
)


@pytest.fixture
def explained(source):
    """A source that knows parts of a face, and can change it: the changed crop is black, NCG falls to 0.4."""

    def explain(question, watch):
        return replace(source.explain(question, watch), by_region=dict(PARTS))

    def what_if(asked, watch):
        before, after = {"ncg": 1.8, "bs": 0.3, "csn": 0.2}, {"ncg": 0.4, "bs": 0.1, "csn": 0.2}
        return Changed(f"Changed by {asked.change}", np.zeros((112, 112, 3), np.uint8), before, after, False)

    return replace(source, explain=explain, changes=lambda frame_id: CHANGES, what_if=what_if)


@dataclass
class Page:
    """Asking why with all that it needs of a page, at frame 3 of P1, AU9; NCG sees 1.8 of it there."""

    why: AskingWhy
    selection: Selection
    viewer: FaceViewer
    networks: LatestOnly
    notices: Notices


def opened(source) -> Page:
    frames = source.frames.of("P1", "front")
    reference = source.references.frame_id_for("P1", "front") if len(source.references.rows) else ""
    person = Person.of(frames, reference, Standing())
    person = replace(person, ncg=source.without_reference(frames, Watch(lambda: False, lambda _: None)))
    selection = Selection(participant="P1", camera="front", row=3, au=9, reference=reference)
    notices = Notices()
    turns = Turns(notices.fail)
    networks = LatestOnly(lambda _: None, notices.fail)
    viewer = FaceViewer()
    viewer.show(Faces.of(frames), 3)
    why = AskingWhy(
        source, selection, lambda: replace(person, reference=selection.reference), viewer, networks, notices, turns
    )  # fmt: skip
    selection.observe(lambda _: why.look(), ["row", "au", "reference"])  # as the page does
    return Page(why, selection, viewer, networks, notices)


def answered(source, wording=WHY_NCG) -> Page:
    page = opened(source)
    page.why.ask(wording)
    assert page.networks.wait(60.0)
    return page


def press(page: Page, words: str) -> None:
    buttons = {button.description: button for button in page.why.card.changes.buttons.children}
    buttons[words].click()
    assert page.networks.wait(60.0)


def words(page: Page) -> str:
    return re.sub(r"<[^>]+>", "", page.why.card._words.value)


def test_the_card_shows_faces_bars_and_the_changes_of_the_parts_that_count_most(explained):
    page = answered(explained)
    card = page.why.card
    assert card.faces.titles["image"] == "Frame 3"
    with Image.open(io.BytesIO(card.faces.file("image"))) as picture:
        assert set(np.asarray(picture).flat) == {3}, "crops of this table are as dark as their place"
    assert re.findall(r'row">(.*?)</th>', card._bars.value) == ["nose bridge", "eyeglasses", "lips", "chin boss"]
    offered = [button.description for button in card.changes.buttons.children]
    assert offered == ["Remove the eyeglasses", "≈ Fill the nose bridge", "≈ Fill the lips"]


def test_without_a_reference_nothing_is_offered_that_would_be_taken_from_it(explained):
    own = Change("own lips", "Give the lips the reference's pixels", "the lips", needs_reference=True)
    changeable = replace(explained, changes=lambda frame_id: (*CHANGES, own))
    for references, offered in ((explained.references, True), (ReferenceTable.empty(), False)):
        page = answered(replace(changeable, references=references))
        page.why.trying.offer(page.why.answer[0], replace(page.why.answer[2], by_region={"the lips": 1.0}))
        words = [button.description for button in page.why.card.changes.buttons.children]
        assert ("≈ Give the lips the reference's pixels" in words) == offered


def test_a_change_is_answered_beside_the_faces_it_was_made_on(explained):
    page = answered(explained)
    press(page, "Remove the eyeglasses")
    card = page.why.card
    assert "1.8 → 0.4" in card.changes._answer.value
    assert "Changed by off" in card.changes._answer.value
    with Image.open(io.BytesIO(card.faces.file("changed"))) as picture:
        assert not np.asarray(picture).any()


def test_what_a_change_brings_for_an_answer_that_is_gone_is_dropped(explained):
    go_on = threading.Event()

    def slow(asked, watch):
        assert go_on.wait(30.0)
        return explained.what_if(asked, watch)

    page = answered(replace(explained, what_if=slow))
    page.why.card.changes.buttons.children[0].click()
    page.selection.au = 4
    go_on.set()
    assert page.networks.wait(60.0)
    assert page.why.card.faces.file("changed") == b""
    assert "→" not in page.why.card.changes._answer.value


def test_an_answer_about_a_frame_that_was_left_meanwhile_is_dropped(explained):
    go_on = threading.Event()

    def slow(question, watch):
        assert go_on.wait(30.0)
        return explained.explain(question, watch)

    page = opened(replace(explained, explain=slow))
    page.why.ask(WHY_NCG)
    page.selection.row = 4
    go_on.set()
    assert page.networks.wait(60.0)
    assert page.why.answer is None
    assert page.viewer._attribution is None


def test_an_answer_stays_while_frames_are_stepped_through_and_says_which_frame_it_is_about(explained):
    page = answered(explained)
    assert "not the one looked at now" not in words(page)
    page.selection.row = 4
    assert "about frame 3, not the one looked at now" in words(page)
    page.selection.row = 3
    assert "not the one looked at now" not in words(page)


@pytest.mark.parametrize(("name", "value"), [("reference", "P1/2"), ("au", 12)])
def test_an_answer_goes_with_the_unit_and_the_reference_that_it_is_about(explained, name, value):
    page = answered(explained)
    page.why.look()
    assert page.why.answer is not None
    page.selection.set_trait(name, value)
    assert page.why.answer is None
    assert page.why.card.faces.file("image") == b""


@pytest.mark.parametrize(("sign", "raised", "lowered"), [(RAISES, True, False), (LOWERS, False, True)])
def test_the_sign_decides_which_colours_are_shown_of_the_same_answer(explained, sign, raised, lowered):
    page = answered(explained)
    page.why.choices.sign.value = sign
    values = np.frombuffer(page.viewer._attribution[1][0], np.int8)
    assert ((values > 0).any(), (values < 0).any()) == (raised, lowered)
    assert page.why.answer is not None


def test_another_method_takes_the_answer_away_and_is_asked_for_next_time(explained):
    asked = []

    def heard(question, watch):
        asked.append(question.algorithm)
        return explained.explain(question, watch)

    page = answered(replace(explained, explain=heard))
    page.why.choices.method.value = OCCLUSION
    assert page.why.answer is None
    page.why.card.button.click()
    assert page.networks.wait(60.0)
    assert asked[-1] == OCCLUSION
    assert page.why.answer is not None


def test_a_picture_that_leaves_much_out_carries_the_warning_and_what_would_mend_it(explained):
    def rough(question, watch):
        # 0.27 of 0.9 are 30 %.
        return replace(explained.explain(question, watch), gap=0.27, steps_that_mend=400)

    page = answered(replace(explained, explain=rough))
    assert page.why.card.faces.caution == "⚠ 30% left out. About 400 steps would mend it."
    assert "csn-incomplete" in page.why.panel.widget._dom_classes
    page.why.forget()
    assert page.why.card.faces.caution == ""
    assert "csn-incomplete" not in page.why.panel.widget._dom_classes


def test_an_answer_that_accounts_for_everything_carries_no_warning(explained):
    assert answered(explained).why.card.faces.caution == ""


def test_without_parts_and_changes_the_card_says_so_and_still_shows_the_faces(source):
    page = answered(source)
    assert NO_PARTS in page.why.card._bars.value
    assert page.why.card.changes.buttons.children == ()
    assert page.why.card.faces.file("image")


def test_a_face_that_cannot_be_changed_is_explained_all_the_same_and_the_card_says_why_not(explained):
    def refused(frame_id):
        raise InputError("P1 was drawn by another version. Draw these people anew.")

    page = answered(replace(explained, changes=refused))
    assert page.why.answer is not None
    assert "P1 was drawn by another version." in page.why.card.changes._answer.value
    assert page.notices.failure == ""


def entry(what: str, kind: str = "false positive") -> Entry:
    return Entry(kind, what, "P1", "front", "v", 9, 3, 4, 2, "P1/3", 3)


@pytest.mark.parametrize(
    ("run", "wording"), [(entry("removed"), WHY_NCG), (entry("created"), CANCELLED), (entry("lost"), DIFFERENCE)]
)
def test_a_run_of_the_docket_opens_the_card_with_the_question_that_fits(explained, run, wording):
    page = opened(explained)
    page.why.ask_about(run)
    assert page.networks.wait(60.0)
    assert page.selection.tab == "why"
    assert page.why.answer[1] is wording


def test_without_labels_and_without_a_reference_a_peak_is_explained_by_ncg(explained):
    unknown = np.full_like(explained.frames.intensity, np.nan)
    clip = replace(explained, frames=replace(explained.frames, intensity=unknown), references=ReferenceTable.empty())
    page = opened(clip)
    page.why.ask_about(entry("", "peak"))
    assert page.networks.wait(60.0)
    assert page.why.answer[1] is WHY_NCG
    assert page.why.card.faces.file("reference") == b""
    assert page.notices.failure == ""


def test_the_opacity_of_the_viewer_is_that_of_the_card(explained):
    page = answered(explained)
    page.why.panel._fade.value = 0.3
    assert (page.viewer.opacity, page.why.card.faces.opacity) == (0.3, 0.3)


def test_where_faces_are_hidden_nothing_is_got_ready_to_explain_them(explained):
    asked = []
    source = replace(explained, get_ready_to_explain=lambda frame_id, watch: asked.append(frame_id))
    for hidden in (True, False):
        page = opened(replace(source, hidden_faces=hidden))
        page.why.get_ready()
        assert page.networks.wait(60.0)
        assert asked == ([] if hidden else [page.selection.reference])
