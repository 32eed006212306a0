import numpy as np
import pandas as pd
import pytest

from csnviz.evaluation.bias import NEUTRAL_OFFSET
from csnviz.evaluation.error_kinds import FALSE_NEGATIVE, OVERESTIMATED
from csnviz.views.latest_only import Watch
from csnviz.views.methods import CSN, NCG
from csnviz.views.misread import NOBODY, Misread
from csnviz.views.source import Estimated

UNWATCHED = Watch(lambda: False, lambda share: None)
ATTRIBUTES = pd.DataFrame(
    [
        ("P2", "eyeglasses", "present", "person"),
        ("P1", "eyeglasses", "absent", "person"),
        ("P1", "beard", "unsure", "person"),
    ],
    columns=["participant", "attribute", "value", "by"],
)


@pytest.fixture
def misread(source):
    found = Misread(source.frames, source.references, ATTRIBUTES)
    for who in source.frames.participants:
        frames = source.frames.of(who)
        both = source.with_reference(frames, source.references, UNWATCHED)
        found.take(who, [Estimated(source.without_reference(frames, UNWATCHED), both)])
    return found


def test_the_map_shows_a_rate_for_everybody_and_hatches_what_could_not_happen(misread):
    shown = misread.map_of(NCG, OVERESTIMATED, NOBODY, None)
    assert shown.people == ("P1", "P2")
    # AU9 is labelled 0 throughout and estimated 1.8: all of 10 frames, for one of 12 has no face and one is the reference.
    np.testing.assert_allclose(shown.values, [[0, 1, 0], [0, 1, 0]])
    assert (shown.errors[0, 1], shown.frames[0, 1]) == (10, 10)
    missed = misread.map_of(NCG, FALSE_NEGATIVE, NOBODY, None)
    assert np.isnan(missed.values[:, :2]).all()
    np.testing.assert_allclose(missed.values[:, 2], 0.0)


def test_carriers_of_a_marked_attribute_come_first(misread):
    shown = misread.map_of(CSN, NEUTRAL_OFFSET, "eyeglasses", ("P1", 12))
    assert shown.people == ("● P2", "P1")
    assert shown.chosen == (1, 2)
    assert shown.signed
    np.testing.assert_allclose(shown.values[:, 1], 0.2, atol=1e-6)
    # One scale for all methods: the highest offset is NCG's.
    assert shown.highest == pytest.approx(1.8, abs=1e-6)


def test_people_who_are_not_read_yet_are_empty_rows(source):
    nobody = Misread(source.frames, source.references, ATTRIBUTES)
    shown = nobody.map_of(NCG, OVERESTIMATED, NOBODY, None)
    assert np.isnan(shown.values).all()
    assert shown.unread == {0, 1}
    assert nobody.worst(NCG, OVERESTIMATED, "P1", 9) is None
    assert nobody.shares_between() == ""


def test_only_attributes_that_somebody_knows_are_offered(misread):
    assert misread.known_attributes() == ("eyeglasses",)


def test_one_person_on_each_side_is_said_to_be_too_few(misread):
    effects, words = misread.effects_of("eyeglasses", OVERESTIMATED)
    assert words.startswith("1 person with, 1 without: too few")
    assert "as a person annotated it" in words
    assert len(effects.lines) == 9
    assert "1 people with, 1 without" in effects.lines["words"].iloc[0]
    assert misread.effects_of(NOBODY, OVERESTIMATED)[1] == "Choose an attribute."


def test_without_known_attributes_it_says_that_none_is_guessed(source):
    nothing = Misread(source.frames, source.references, ATTRIBUTES.iloc[:0])
    assert "never guesses" in nothing.effects_of(NOBODY, OVERESTIMATED)[1]


def test_the_worst_frame_of_a_cell_has_its_numbers_and_its_reference(misread):
    row = misread.worst(NCG, OVERESTIMATED, "P2", 9)
    assert misread.frames.rows["participant"].iloc[row] == "P2"
    numbers = misread.numbers(row, 9)
    assert numbers == pytest.approx({"label": 0.0, "ncg": 1.8, "bs": 0.3, "csn": 0.2}, abs=1e-6)
    assert misread.reference_row(row) == misread.frames.row_of("P2/0")
    words = misread.cell_words(NCG, OVERESTIMATED, "P2", 9)
    assert words == "P2, AU9 nose wrinkler, overestimate: NCG 10 of 10 frames; BS 0 of 10 frames; CSN 0 of 10 frames."


def test_errors_that_are_alike_for_everybody_are_not_between_people(misread):
    # Every estimate is off by the same amount in every frame: there is no variance to split.
    assert misread.shares_between() == ""
