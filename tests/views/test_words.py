import math

import pytest

from csnviz.facs import au
from csnviz.views.words import error_of, reading

NAN = math.nan


@pytest.mark.parametrize(
    ("label", "estimate", "error"),
    [
        (0.0, 0.9, ""), (0.0, 1.0, "overestimate"), (0.0, 1.9, "overestimate"), (0.0, 2.0, "false positive"),
        (1.0, 1.9, ""), (1.0, 2.4, "false positive"), (2.0, 1.9, "false negative"), (3.0, 2.0, ""), (NAN, 4.0, ""), (3.0, NAN, ""),
    ],
)  # fmt: skip
def test_errors_are_cut_at_a_slight_intensity_and_overestimates_at_a_trace(label, estimate, error):
    assert error_of(au(9), label, estimate) == error


def test_shut_eyes_count_as_present_from_one_on():
    assert error_of(au(43), 0.0, 1.0) == "false positive"


def test_without_the_reference_an_overestimate_is_called_one():
    said = reading(au(9), 0.0, 1.84, NAN, calibrated=False)
    assert said.sentence == (
        "AU9 nose wrinkler: human label 0 (absent); non-calibrated 1.8 (overestimate at A or above)."
    )
    assert said.mood == "over"


def test_with_the_reference_a_false_positive_vanishes():
    said = reading(au(9), 0.0, 2.3, 0.2, calibrated=True)
    assert "non-calibrated 2.3 (false positive at B or above), calibrated 0.2." in said.sentence
    assert said.sentence.endswith("The reference makes the false positive vanish.")
    assert said.mood == "gone"


@pytest.mark.parametrize(
    ("label", "ncg", "csn", "words", "mood"),
    [
        (0.0, 0.2, 1.3, "Here it is the reference that brings the overestimate.", "over"),
        (3.0, 2.6, 0.4, "Here the reference loses what was found.", "over"),
        (0.0, 2.4, 2.2, "The reference does not remove it.", "over"),
        (3.0, 0.6, 2.4, "The reference finds what was missed.", "gone"),
    ],
)
def test_where_calibration_loses_it_is_said_as_plainly_as_where_it_wins(label, ncg, csn, words, mood):
    said = reading(au(15), label, ncg, csn, calibrated=True)
    assert said.sentence.endswith(words)
    assert said.mood == mood


def test_a_frame_without_a_face_gives_its_reason_and_no_number():
    assert reading(au(9), 0.0, NAN, NAN, True, "no face found").sentence == "No estimate for this frame: no face found."


def test_a_face_without_a_label_is_never_called_right_or_wrong():
    said = reading(au(12), NAN, 4.9, 0.1, calibrated=True)
    assert said.sentence == "AU12 lip corner puller: no human label; non-calibrated 4.9, calibrated 0.1."
    assert said.mood == "plain"


def test_the_reference_itself_is_no_proof_that_the_reference_helps():
    said = reading(au(9), 0.0, 2.3, 0.0, calibrated=True, proviso="This frame is the reference itself.")
    assert said.sentence.endswith("calibrated 0.0. This frame is the reference itself.")
    assert said.mood == "plain"
