from dataclasses import replace

import numpy as np
import pytest

from csnviz.views.explorer import Explorer
from csnviz.views.page_state import PageState, state_named
from csnviz.views.source import Case

WRINKLE = Case("A wrinkle", "P2", "front", 9, first=6, last=9, note="A permanent wrinkle.")
WHOLE = PageState(frame="P2/9", reference="P2/3", au=12, calibrated=True, cut=1.5, tab="timeline")


class Remembering:
    """Views that are kept in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def all(self):
        return tuple(type("V", (), {"name": name, "query": query})() for name, query in self.kept.items())

    def keep(self, name, query):
        self.kept[name] = query
        return self.all()


def opened(source, state=PageState()) -> Explorer:  # noqa: B008
    explorer = Explorer(source, state)
    explorer.viewer._handle_custom_msg({"type": "ready"}, [])
    assert explorer.networks.wait(60.0)
    return explorer


def seen(explorer: Explorer) -> tuple:
    chosen = explorer.selection
    return chosen.participant, chosen.row, chosen.reference, chosen.au, chosen.calibrated, chosen.cut, chosen.tab


def test_a_link_opens_on_its_person_frame_reference_unit_cut_and_tab(source):
    explorer = opened(source, WHOLE)
    assert seen(explorer) == ("P2", 9, "P2/3", 12, True, 1.5, "timeline")
    assert set(explorer._person.calibrated.csn.rows["ref_frame_id"]) <= {"", "P2/3"}
    assert explorer.notices.failure == ""


def test_the_link_of_a_page_opens_the_same_page_elsewhere(source):
    first = opened(source)
    first.go("P2", "front", 7, 12)
    first.selection.reference = "P2/2"
    first.selection.calibrated, first.selection.cut, first.selection.tab = True, 1.3, "timeline"
    first.viewer.view, first.viewer.compare = "network", "wipe"
    assert first.networks.wait(60.0)
    second = opened(source, state_named(first.sharing.link.query))
    assert seen(second) == seen(first) == ("P2", 7, "P2/2", 12, True, 1.3, "timeline")
    assert (second.viewer.view, second.viewer.compare) == ("network", "wipe")


def test_a_link_asks_the_question_whose_answer_was_shown_and_leaves_it_out_for_another_frame(source):
    first = opened(source)
    first.go("P2", "front", 7, 12)
    assert first.networks.wait(60.0)
    first.why.choices.choose("cancelled,blurred")
    first.why.ask(first.why.choices.question.value)
    assert first.networks.wait(60.0)
    assert "why=cancelled,blurred" in first.sharing.link.query
    second = opened(source, state_named(first.sharing.link.query))
    question, _, _ = second.why.answer
    assert (question.key, question.start, question.frame_id, question.au) == ("cancelled", "blurred", "P2/7", 12)
    second.selection.row = 8
    assert "why=" not in second.sharing.link.query


def test_a_link_with_a_question_that_nobody_knows_says_so_and_opens_the_rest(source):
    explorer = opened(source, replace(WHOLE, why="why_not"))
    assert "why_not" in explorer.notices.failure
    assert seen(explorer) == ("P2", 9, "P2/3", 12, True, 1.5, "timeline")


def test_what_a_link_names_and_the_page_lacks_is_said_and_the_rest_is_shown(source):
    explorer = opened(source, replace(WHOLE, frame="P9/1", reference="", au=43))
    assert "the frame P9/1 and AU43" in explorer.notices.failure
    assert (explorer.selection.participant, explorer.selection.au, explorer.selection.cut) == ("P1", 4, 1.5)


def test_a_guest_is_told_that_nobody_was_coded_where_there_are_no_labels(source):
    frames = replace(source.frames, intensity=np.full_like(source.frames.intensity, np.nan))
    words = opened(replace(source, frames=frames), PageState(page="guest")).guest._words.value
    assert "nobody has coded this person" in words
    assert "a trained person coded" not in words


def test_a_guest_sees_one_case_at_its_worst_frame_and_may_open_the_rest(source):
    def higher(frames, watch):
        table = source.without_reference(frames, watch)
        table.estimate[7, 1] += 1
        return table

    case_source = replace(source, cases=(WRINKLE,), without_reference=higher, trained_on="27 drawn people")
    explorer = opened(case_source, PageState(case="A wrinkle", page="guest", calibrated=True))
    chosen = explorer.selection
    assert (chosen.participant, chosen.au, chosen.row, chosen.guest) == ("P2", 9, 7, True)
    assert "csn-guest" in explorer.page._dom_classes
    words = explorer.guest._words.value
    for fact in (
        "P2",
        "AU9 nose wrinkler",
        "Frame 0",
        "27 drawn people",
        "Faces are shown",
        "what a trained person coded",
    ):
        assert fact in words
    assert explorer.chart.widget.layout.xaxis.domain == (0, 1)
    explorer.guest.button.click()
    assert "csn-guest" not in explorer.page._dom_classes
    assert "page=guest" not in explorer.sharing.link.query
    assert explorer.chart.widget.layout.xaxis.domain[1] < 1


def test_a_view_is_saved_under_a_name_and_opens_again(source):
    explorer = opened(replace(source, views=Remembering()))
    explorer.go("P2", "front", 9, 12)
    explorer.sharing.name.value = "a smile"
    explorer.sharing.save.click()
    explorer.go("P1", "front", 1, 9)
    explorer.sharing.saved.label = "a smile"
    assert explorer.networks.wait(60.0)
    assert seen(explorer)[:2] == ("P2", 9)
    assert explorer.sharing.saved.value == "", "so that it can be chosen again"


def test_where_nothing_can_be_kept_there_is_nothing_to_save_views_with(source):
    explorer = opened(source)
    assert explorer.sharing.saved not in explorer.sharing.widget.children


@pytest.mark.parametrize("cut", [1.5, 2.5])
def test_the_cut_decides_what_is_called_a_false_positive(source, cut):
    explorer = opened(source, PageState(frame="P1/1", au=9, cut=cut))
    words = explorer.reading.widget.value
    assert ("false positive at 1.5 or above" in words) == (cut == 1.5)
    assert ("overestimate at A or above" in words) == (cut == 2.5)
