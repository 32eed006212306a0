import numpy as np
import pytest

from csnviz.explain.results import Attribution
from csnviz.explain.sentence import Told, sentence

BRIDGE, ROOT, LIPS = "the nose bridge", "the root of the nose", "the lips"


def answered(by_region, start=0.0, estimate=2.1):
    return Attribution(
        np.zeros((3, 2, 2), np.float32), 9, "image", "why?", "made", "nowhere", start, estimate, 0.0, by_region
    )


def test_the_sentence_names_the_part_that_raises_most_and_its_share_of_what_raises():
    why = answered({BRIDGE: 1.5, ROOT: 0.6, LIPS: 0.0})
    share = f"{100 * 1.5 / 2.1:.0f} %"
    assert share == "71 %"
    assert sentence(Told(9, 812, 2.1, 0.1, 0.0), why) == (
        f"AU9, frame 812: 2.1 without calibration, {share} of it on the nose bridge; 0.1 with calibration; coder 0"
    )


def test_where_parts_lower_it_too_the_share_is_of_what_raises_it():
    why = answered({BRIDGE: 3.0, ROOT: 1.0, LIPS: -1.9})
    assert "75 % of what raises it on the nose bridge" in sentence(Told(9, 1, 2.1, 0.1, 0.0), why)


@pytest.mark.parametrize(
    ("start", "estimate", "words"),
    [
        (1.9, 2.1, "2.1 without calibration, hardly more than where the question starts (1.9)"),
        (2.4, 2.1, "2.1 without calibration, no more than where the question starts (2.4)"),
        (-0.3, -0.2, "−0.2 without calibration, hardly more than where the question starts (−0.3)"),
    ],
)
def test_of_next_to_nothing_no_share_is_told(start, estimate, words):
    why = answered({BRIDGE: 0.2, LIPS: -0.1}, start, estimate)
    assert sentence(Told(9, 1, estimate, 0.1, 0.0), why) == f"AU9, frame 1: {words}; 0.1 with calibration; coder 0"


def test_what_is_not_known_is_left_out():
    nan = float("nan")
    assert sentence(Told(9, 3, 2.1, nan, nan), None) == "AU9, frame 3: 2.1 without calibration; not coded"
    assert sentence(Told(9, 3, nan, nan, 2.0), None) == "AU9, frame 3: coder 2"
