from collections import Counter

import numpy as np
import pytest

from csnviz.cast.anatomy import CAST_AUS
from csnviz.errors import InputError
from tests.blind_readers import LEAST_APART, instructions, pairs
from tests.reading_marks import mark, marks_text

KEY = {
    "naming": {"01": {"au": 12}, "02": {"au": 4}, "03": {"au": 9}, "04": {"au": 9}},
    "strength": {"01": {"au": 1, "stronger": "left"}, "02": {"au": 6, "stronger": "right"}},
}


def test_a_reader_who_names_three_of_four_and_sees_one_of_two_is_marked_so() -> None:
    marks = mark(
        KEY, {"naming": {"01": 12, "02": 4, "03": 4, "04": "9"}, "strength": {"01": "left", "02": "left"}}
    )  # fmt: skip
    assert (marks.naming, marks.strength, marks.unanswered) == (0.75, 0.5, 0)
    assert marks.confused == Counter({(9, 4): 1})
    assert marks.missed == Counter({6: 1})


def test_a_picture_without_an_answer_counts_as_wrong_but_is_confused_with_nothing() -> None:
    marks = mark(KEY, {"naming": {"01": 12}})
    assert (marks.naming, marks.strength, marks.unanswered) == (0.25, 0.0, 5)
    assert not marks.confused
    assert not marks.missed


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"naming": {"07": 12}}, r"There is no picture naming/07\.png"),
        ({"naming": {"01": 3}}, r"naming/01\.png: 3 is no answer\. Choose from 1, 2, 4"),
        ({"strength": {"01": "both"}}, r"'both' is no answer\. Choose from left, right"),
        ({"nameing": {}}, r"the parts are naming, strength"),
    ],
)
def test_an_answer_that_fits_no_picture_is_refused_in_a_sentence(answers: dict, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        mark(KEY, answers)


def test_the_text_names_the_commonest_confusion_first() -> None:
    answers = {"naming": {"01": 6, "02": 1, "03": 4, "04": 4}, "strength": {"01": "left", "02": "right"}}
    assert marks_text(mark(KEY, answers)).splitlines() == [
        "naming: 0.000 right",
        "strength: 1.000 right",
        "AU9 nose wrinkler taken for AU4 brow lowerer: 2",
        "AU4 brow lowerer taken for AU1 inner brow raiser: 1",
        "AU12 lip corner puller taken for AU6 cheek raiser: 1",
    ]


def test_every_unit_is_named_three_times_at_intensity_four_and_nobody_appears_twice() -> None:
    naming, strength = pairs(seed=5)
    assert Counter(pair.key["au"] for pair in naming) == dict.fromkeys(CAST_AUS.numbers, 3)
    assert all(pair.left == {} and pair.right[pair.key["au"]] == 4.0 for pair in naming)
    people = [pair.participant for pair in (*naming, *strength)]
    assert len(set(people)) == len(people) == 72
    assert all(200 <= int(participant[1:]) <= 999 for participant in people)


def test_the_key_says_on_which_side_a_unit_is_stronger_by_one_and_a_half_at_least() -> None:
    _, strength = pairs(seed=5)
    more = np.array([pair.left[pair.key["au"]] - pair.right[pair.key["au"]] for pair in strength])
    assert (np.abs(more) >= LEAST_APART).all()
    assert [pair.key["stronger"] for pair in strength] == ["left" if by > 0 else "right" for by in more]
    assert {"left", "right"} == {pair.key["stronger"] for pair in strength}


def test_a_fallen_jaw_is_shown_with_lips_parted_about_half_of_the_times() -> None:
    jaws = [pair for seed in range(40) for pair in pairs(seed)[0] if pair.key["au"] == 26]
    assert {tuple(sorted(pair.right.items())) for pair in jaws} == {((26, 4.0),), ((25, 2.0), (26, 4.0))}
    assert 0.35 < np.mean([25 in pair.right for pair in jaws]) < 0.65  # of 120; spread .046


def test_a_reader_is_told_of_every_unit_to_choose_from() -> None:
    for unit in CAST_AUS.units:
        assert f"| {unit.number} | {unit.name} | {unit.looks} |" in instructions()
