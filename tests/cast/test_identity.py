import numpy as np
import pytest

from csnviz.cast.anatomy import MOVEMENTS
from csnviz.cast.attributes import draw_attributes
from csnviz.cast.dataset import DEMO_PARTICIPANTS, TRAINING_PARTICIPANTS, VALIDATION_PARTICIPANTS
from csnviz.cast.identity import draw_identity, generator
from csnviz.data.folds import Fold
from csnviz.errors import InputError

EVERYONE = (*TRAINING_PARTICIPANTS, *VALIDATION_PARTICIPANTS, *DEMO_PARTICIPANTS)


def test_a_name_is_one_person_and_two_names_are_two() -> None:
    assert draw_identity("C105") == draw_identity("C105")
    assert len({draw_identity(name).chin for name in EVERYONE}) == len(EVERYONE)


def test_nobody_in_the_demo_was_drawn_for_training_or_validation() -> None:
    groups = (set(TRAINING_PARTICIPANTS), set(VALIDATION_PARTICIPANTS), set(DEMO_PARTICIPANTS))
    assert [len(group) for group in groups] == [27, 9, 12]
    assert len(set.union(*groups)) == 27 + 9 + 12


def test_random_numbers_depend_on_the_purpose_and_on_nothing_drawn_before() -> None:
    alone = generator("C101", 30, 7).random(4)
    generator("C101", 30, 6).random(100)
    np.testing.assert_array_equal(alone, generator("C101", 30, 7).random(4))
    assert not np.array_equal(alone, generator("C101", 30, 8).random(4))


def test_resting_brows_differ_between_people_by_a_third_to_all_of_what_au1_moves_them() -> None:
    heights = [draw_identity(name).brow_height + 0.07 * draw_attributes(name).brow_eye_distance for name in EVERYONE]
    full = abs(MOVEMENTS[1]["brow_inner_y"])
    assert full / 3 < np.std(heights) < full


def test_the_cast_is_varied_in_skin_and_age() -> None:
    people = [draw_identity(name) for name in EVERYONE]
    assert min(person.melanin for person in people) < 0.15
    assert max(person.melanin for person in people) > 0.85
    assert np.ptp([person.age for person in people]) > 35


@pytest.mark.parametrize("name", ["C1", "SN001", "C1234", "", "101"])
def test_a_name_that_is_no_drawn_participant_is_refused_by_name(name: str) -> None:
    with pytest.raises(InputError, match=repr(name)):
        draw_identity(name)


def test_a_seed_on_both_sides_of_a_split_is_refused_because_it_is_the_same_person() -> None:
    with pytest.raises(InputError, match="somebody is both trained on and held out: C007"):
        Fold("1", train=("C007", "C008"), held_out=("C009", "C007"))
