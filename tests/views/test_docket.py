import io
import threading
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from csnviz.data.tables import PredictionTable, make_rows
from csnviz.errors import InputError
from csnviz.evaluation.error_runs import KINDS, PEAK, WHATS, error_runs, no_errors, peak_runs
from csnviz.facs import AUSet
from csnviz.views.docket import NO_ERROR, NO_PEAK, NOBODY_READ, UNLABELLED, Docket
from csnviz.views.docket_filter import SORTS, DocketFilter
from csnviz.views.docket_table import COLUMNS, KIND_SIGNS, WHAT_SIGNS
from csnviz.views.source import Calibrated, Estimated

FRAMES = 40


def tables(who: str, csn_errs: tuple[int, ...]) -> tuple[PredictionTable, PredictionTable]:
    """Two units labelled 0; NCG sees AU9 at 3 in frames 0-3 and AU12 at 2.5 in 20-21; CSN sees AU9 at 2.2 where it is told to."""
    numbers = np.arange(FRAMES)
    rows = make_rows(
        {
            "frame_id": [f"{who}/{number}" for number in numbers],
            "dataset": "made", "participant": who, "camera": "front", "video": "v", "frame_index": numbers,
            "timestamp": numbers / 20, "source": "",
        }
    )  # fmt: skip
    ncg, csn = np.zeros((2, FRAMES, 2), np.float32)
    ncg[:4, 0], ncg[20:22, 1], csn[list(csn_errs), 0] = 3, 2.5, 2.2
    label = np.zeros((FRAMES, 2), np.float32)
    made = [PredictionTable(rows, label, each, AUSet((9, 12)), "intensity", "made", "NCG", {}) for each in (ncg, csn)]
    return made[0], made[1]


P1, P2 = tables("P1", (0, 1)), tables("P2", (30, 31, 32))


def runs(person):
    return error_runs(person[0], person[1], None)


ERRORS = pd.concat([runs(P1), runs(P2)], ignore_index=True)
"""P1: AU9 kept (4), AU12 removed (2). P2: AU9 removed (4), AU9 created (3), AU12 removed (2)."""


class Heard(Docket):
    """A docket whose widget's messages are written down, and where it went."""

    def __init__(self) -> None:
        self.went, self.sent, self.asked = [], [], []
        people = {"P1": P1, "P2": P2}
        super().__init__(
            self.went.append,
            lambda who, _: Estimated(people[who][0], Calibrated(*people[who][::-1])),
            self.asked.append,
        )
        self.widget.send = lambda content, buffers=None: self.sent.append((content, buffers or []))

    def shown(self) -> list[tuple[str, int, str]]:
        """What the browser is told to list."""
        order = np.frombuffer(self.widget.order, np.int32)
        return [(run.participant, run.au, run.what) for run in self._errors.iloc[order].itertuples()]

    def hears(self, **message):
        """What the browser says."""
        self.widget._handle_custom_msg(message, [])


@pytest.fixture
def docket():
    heard = Heard()
    heard.offer(ERRORS, {"P2": "eyeglasses"}, 2, 12, labelled=True, in_sample={"P1"})
    return heard


def test_the_longest_runs_come_first_and_all_counts_stand_together(docket):
    assert docket.shown() == [
        ("P1", 9, "kept"), ("P2", 9, "removed"), ("P2", 9, "created"), ("P1", 12, "removed"), ("P2", 12, "removed"),
    ]  # fmt: skip
    assert docket.widget.counts == {"": 5, "removed": 3, "kept": 1, "created": 1, "lost": 0}
    assert docket.widget.about["read"] == "2 of 12 people read"
    assert docket.widget.about["notice"] == ""


def test_a_tab_chooses_rows_and_leaves_the_counts(docket):
    docket.filter = DocketFilter(what="removed", au=9)
    assert docket.shown() == [("P2", 9, "removed")]
    assert docket.widget.counts == {"": 3, "removed": 1, "kept": 1, "created": 1, "lost": 0}
    assert docket.counts() == {"removed": 1, "kept": 1, "created": 1, "lost": 0}


def test_what_the_browser_is_told_are_the_numbers_of_the_runs(docket):
    names = docket.widget.words["sent"]
    numbers = np.frombuffer(docket.widget.numbers, np.float32).reshape(len(names), len(ERRORS))
    sent = dict(zip(names, numbers, strict=True))
    about, words = docket.widget.about, docket.widget.words
    for row, run in ERRORS.iterrows():
        assert about["places"][int(sent["place"][row])]["who"] == run["participant"]
        assert words["kinds"][int(sent["kind"][row])][1] == run["kind"]
        assert words["whats"][int(sent["what"][row])][1] == run["what"]
        for name in ("au", "first", "last", "n", "still", "ncg", "csn", "label"):
            assert sent[name][row] == pytest.approx(run[name])
    assert about["units"] == {"9": "AU9 nose wrinkler", "12": "AU12 lip corner puller"}
    assert [(place["attributes"], place["inSample"]) for place in about["places"]] == [
        ("", True),
        ("eyeglasses", False),
    ]


def test_every_kind_every_fate_and_every_column_has_its_words():
    assert tuple(KIND_SIGNS) == (*KINDS, PEAK)
    assert tuple(WHAT_SIGNS) == ("", *WHATS)
    assert tuple(name for name, _, _ in COLUMNS) == SORTS


def test_a_row_that_is_clicked_leads_to_its_worst_frame(docket):
    docket.hears(type="go", row=2, generation=docket.widget.about["generation"])
    entry = docket.went[-1]
    assert (entry.participant, entry.au, entry.what, entry.frame_id) == ("P2", 9, "removed", "P2/0")
    assert docket.widget.looked == 2
    assert docket.looked_at == entry


def test_a_row_that_is_asked_about_is_gone_to_first(docket):
    docket.hears(type="why", row=2, generation=docket.widget.about["generation"])
    assert [entry.frame_id for entry in docket.went] == ["P2/0"]
    assert docket.asked == docket.went


def test_rows_are_asked_about_only_where_somebody_answers():
    def last_column(docket: Docket) -> str:
        return docket.widget.words["columns"][-1][0]

    assert last_column(Docket(lambda _: None, lambda *_: None, lambda _: None)) == "why"
    assert last_column(Docket(lambda _: None, lambda *_: None)) == "attributes"


@pytest.mark.parametrize("message", [{"row": 99}, {"row": -1}, {"row": "x"}, {}])
def test_a_row_that_does_not_exist_leads_nowhere(docket, message):
    docket.hears(type="go", generation=docket.widget.about["generation"], **message)
    assert docket.went == []


def test_a_click_on_a_former_list_leads_nowhere(docket):
    docket.hears(type="go", row=2, generation=docket.widget.about["generation"] - 1)
    assert docket.went == []


def test_steps_follow_the_order_and_the_filter_round_and_round(docket):
    docket.filter = DocketFilter(participant="P2")
    steps = [docket.step(1).what, docket.step(1).what, docket.step(1).au, docket.step(1).frame_id, docket.step(-1).au]
    assert steps == ["removed", "created", 12, "P2/0", 12]
    assert len(docket.went) == 5
    docket.filter = DocketFilter(words="giraffe")
    assert docket.step(1) is None


def test_the_first_step_backwards_leads_to_the_end(docket):
    assert docket.step(-1).participant == "P2"
    assert docket.looked_at.au == 12


def test_another_reference_changes_one_persons_runs_and_keeps_what_was_looked_at(docket):
    docket.hears(type="go", row=0, generation=docket.widget.about["generation"])
    docket.widget.marked = [2]
    docket.replace("P1", "front", runs(tables("P1", ())))
    assert sorted(docket.shown())[:2] == [("P1", 9, "removed"), ("P1", 12, "removed")]
    assert docket.looked_at.participant == "P1"
    assert docket.looked_at.what == "removed"
    assert len(docket.widget.marked) == 1
    assert docket._entry(docket.widget.marked[0]).participant == "P2"
    assert [place["inSample"] for place in docket.widget.about["places"] if place["who"] == "P1"] == [True]


@pytest.mark.parametrize(("by", "au"), [(1, 12), (-1, 9)])
def test_after_a_run_has_gone_a_step_leads_to_its_neighbour(docket, by, au):
    docket.filter = DocketFilter(participant="P2")
    docket.step(1)
    assert docket.step(1).what == "created"
    docket.replace("P2", "front", runs(tables("P2", ())))
    assert docket.looked_at is None
    assert docket.step(by).au == au


def test_runs_of_one_length_stay_where_they_are_when_the_same_are_listed_again(docket):
    before = docket.shown()
    for person, who in ((P1, "P1"), (P2, "P2"), (P1, "P1")):
        docket.replace(who, "front", runs(person))
        assert docket.shown() == before


def test_the_filter_is_one_word_for_a_link_and_is_observed(docket):
    seen = []
    docket.observe(lambda change: seen.append(change["new"]), "filter")
    docket.set_filter_text("what:removed,au:9")
    assert docket.shown() == [("P2", 9, "removed")]
    assert docket.filter_text() == "what:removed,au:9"
    assert docket.widget.filter["what"] == "removed"
    docket.widget.filter = {**docket.widget.filter, "au": 12}
    assert [each.au for each in seen] == [9, 12]
    assert docket.filter_text() == "what:removed,au:12"
    with pytest.raises(InputError):
        docket.set_filter_text("au:x")


def test_without_a_reference_the_list_says_so_and_counts_nothing(docket):
    docket.offer(error_runs(P1[0], None, None), {}, 1, 1, labelled=True)
    assert "reference" in docket.widget.about["notice"]
    assert not docket.widget.about["compared"]
    assert docket.widget.about["read"] == ""


def test_without_labels_the_list_says_so_and_shows_where_to_look(docket):
    blank = replace(P1[0], label=np.full((FRAMES, 2), np.nan, np.float32))
    docket.offer(peak_runs(blank, None, None), {}, 1, 1, labelled=False)
    titles = {name: title for name, title, _ in docket.widget.words["columns"]}
    assert (titles["kind"], docket.widget.words["listed"]) == ("Peak", "peaks")
    assert docket.widget.about["notice"].startswith("There are no human labels, so nothing can be called an error.")
    assert docket.shown() == [("P1", 9, ""), ("P1", 12, "")]
    assert docket.step(1).kind == "peak"


def test_nobody_read_yet_is_an_empty_list():
    heard = Heard()
    heard.offer(no_errors(), {}, 0, 12, labelled=True)
    assert heard.shown() == []
    assert heard.widget.about["read"] == "0 of 12 people read"
    assert heard.step(1) is None
    assert heard.looked_at is None


def test_two_cameras_of_one_person_are_told_apart(docket):
    left = ERRORS[:1].assign(camera="left")
    docket.offer(pd.concat([ERRORS[:1], left]), {}, 1, 1, labelled=True)
    assert [place["who"] for place in docket.widget.about["places"]] == ["P1 · front", "P1 · left"]


def test_saved_are_the_rows_shown_or_those_of_them_that_are_marked(docket):
    docket.filter = DocketFilter(participant="P2")
    docket.hears(type="errors")
    words, (content,) = docket.sent[-1]
    assert words == {"type": "file", "name": "csnviz_errors.csv"}
    assert pd.read_csv(io.BytesIO(content))["what"].tolist() == ["removed", "created", "removed"]
    docket.widget.marked = [0, 3]
    docket.hears(type="frames")
    words, (content,) = docket.sent[-1]
    # Row 0 is P1's and not shown; row 3 is P2's created run, frames 30-32.
    assert pd.read_csv(io.BytesIO(content))["frame_index"].tolist() == [30, 31, 32]


def test_what_cannot_be_saved_is_said_in_the_panel(docket):
    docket._estimated_of = lambda *_: None
    docket.hears(type="frames")
    assert docket.sent[-1][0]["type"] == "said"
    assert "nothing has been estimated" in docket.sent[-1][0]["words"]


def test_whoever_is_called_may_call_back_from_another_thread(docket):
    def call_back(entry):
        other = threading.Thread(target=lambda: docket.offer(ERRORS, {}, 3, 12, labelled=True))
        other.start()
        other.join(5)
        assert not other.is_alive()

    docket._go = call_back
    docket.observe(call_back, "filter")
    docket.step(1)
    docket.filter = DocketFilter(au=9)


def test_the_list_is_small():
    widget = Heard().widget
    assert len(str(widget._esm).encode()) < 15_000
    assert len(str(widget._css).encode()) < 10_000


@pytest.mark.parametrize(
    ("read", "labelled", "expected"), [(0, True, NOBODY_READ), (1, True, NO_ERROR), (1, False, NO_PEAK)]
)
def test_an_empty_list_says_whether_nobody_was_read_yet_or_nothing_was_found(read, labelled, expected):
    heard = Heard()
    heard.offer(no_errors(), {}, read, 1, labelled)
    about = heard.widget.about
    assert about["none"] == expected
    assert about["compared"] == bool(read), "four zeros would say that calibration changed nothing"
    assert about["notice"] == ("" if labelled else UNLABELLED)
