import numpy as np
import pytest

from csnviz.data.candidates import Candidate, candidates
from csnviz.views.gallery import Gallery


@pytest.fixture
def asked():
    return []


@pytest.fixture
def gallery(asked):
    made = Gallery(lambda row: asked.append(("choose", row)), lambda: asked.append("accept"))
    made.sent = []
    made.send = lambda message, buffers=None: made.sent.append((message, buffers))
    return made


FIT = Candidate(7, "P/7", 12, 0.349, 0.9, ("looks ahead",))
UNFIT = Candidate(3, "P/3", 8, float("nan"), 0.2, (), (), ("the eyes are shut",))


def test_candidates_are_offered_in_order_with_their_words(gallery):
    gallery.offer([FIT, UNFIT], lambda row: None, 7)
    assert gallery.offered["candidates"] == [
        {"row": 7, "number": 12, "seconds": 0.35, "reasons": ["looks ahead"], "doubts": [], "faults": []},
        {"row": 3, "number": 8, "seconds": None, "reasons": [], "doubts": [], "faults": ["the eyes are shut"]},
    ]
    assert gallery.chosen == 7


def test_a_picture_goes_out_only_when_it_is_asked_for(gallery):
    looked_at = []

    def picture(row):
        looked_at.append(row)
        return None if row == 3 else b"jpeg"

    gallery.offer([FIT, UNFIT], picture, None)
    assert looked_at == []
    gallery._heard(gallery, {"type": "pictures", "generation": 1, "rows": [3, 7, 99]}, [])
    assert gallery.sent == [({"type": "pictures", "generation": 1, "rows": [3, 7]}, [b"", b"jpeg"])]


def test_pictures_of_the_person_before_are_not_sent(gallery):
    gallery.offer([FIT], lambda row: b"one", None)
    gallery.offer([UNFIT], lambda row: b"other", None)
    gallery._heard(gallery, {"type": "pictures", "generation": 1, "rows": [7]}, [])
    assert gallery.sent == []


def test_only_what_is_offered_can_be_chosen(gallery, asked):
    gallery.offer([FIT], lambda row: None, None)
    gallery._heard(gallery, {"type": "choose", "row": 7}, [])
    gallery._heard(gallery, {"type": "choose", "row": 8}, [])
    assert asked == [("choose", 7)]


def test_a_choice_is_accepted_where_it_can_be_kept_and_nowhere_else(gallery, asked):
    gallery._heard(gallery, {"type": "accept"}, [])
    assert asked == ["accept"]
    read_only = Gallery(lambda row: None)
    assert not read_only.keeps
    read_only._heard(read_only, {"type": "accept"}, [])


def test_no_picture_is_part_of_what_a_notebook_saves(frames):
    gallery = Gallery(lambda row: None)
    theirs = frames.of("P1")
    gallery.offer(candidates(theirs, np.ones(len(theirs), np.float32)), theirs.picture, 0)
    gallery._heard(gallery, {"type": "pictures", "generation": 1, "rows": [0]}, [])
    assert not any(isinstance(value, bytes) for value in gallery.get_state().values())
