import numpy as np
import pytest

from csnviz.data.tables import ReferenceTable
from csnviz.errors import InputError
from csnviz.evaluation.bias import NEUTRAL_OFFSET, bias_by_person, variance_split, worst_frame
from csnviz.evaluation.error_kinds import FALSE_NEGATIVE, FALSE_POSITIVE, OVERESTIMATED

WHO = ["A"] * 5 + ["B"] * 3
LABEL = np.array([0, 0, 0, 2, 3, 0, 0, np.nan])
ESTIMATE = np.array([1.5, 1.0, 2.5, 1.0, 4.0, -0.5, 0.5, 3.0])
REFERENCES = (
    ReferenceTable.empty().with_reference("A", "front", "A/0", "labels").with_reference("B", "front", "B/0", "labels")
)


@pytest.fixture
def table(make):
    return make(ESTIMATE, LABEL, WHO, aus=(12,))


def cell(lines, participant, measure):
    found = lines[(lines["participant"] == participant) & (lines["measure"] == measure)]
    assert len(found) == 1
    line = found.iloc[0]
    return line["value"], line["errors"], line["frames"]


def test_a_rate_counts_the_frames_in_which_its_error_could_happen_without_the_reference(table):
    lines = bias_by_person(table, REFERENCES)
    # A without the reference: labels 0, 0, 2, 3 and estimates 1, 2.5, 1, 4.
    assert cell(lines, "A", OVERESTIMATED) == (1.0, 2, 2)
    assert cell(lines, "A", FALSE_POSITIVE) == (0.5, 1, 2)
    assert cell(lines, "A", FALSE_NEGATIVE) == (0.5, 1, 2)
    assert cell(bias_by_person(table), "A", FALSE_POSITIVE) == (pytest.approx(1 / 3), 1, 3)


def test_a_neutral_offset_is_what_the_method_says_about_the_reference(table):
    lines = bias_by_person(table, REFERENCES)
    assert cell(lines, "A", NEUTRAL_OFFSET) == (1.5, 0, 1)
    assert cell(lines, "B", NEUTRAL_OFFSET) == (-0.5, 0, 1)


def test_what_could_not_happen_is_undefined_with_a_count_of_nothing(table):
    lines = bias_by_person(table, REFERENCES)
    value, errors, frames = cell(lines, "B", FALSE_NEGATIVE)
    assert np.isnan(value)
    assert (errors, frames) == (0, 0)
    value, _, frames = cell(bias_by_person(table), "A", NEUTRAL_OFFSET)
    assert np.isnan(value)
    assert frames == 0
    # B's third frame is not coded: one frame labelled 0 is left beside the reference.
    assert cell(lines, "B", OVERESTIMATED) == (0.0, 0, 1)


def test_a_face_that_is_not_there_is_no_error(make):
    lines = bias_by_person(make([np.nan, 3.0], [0, 0], ["A", "A"], aus=(12,)))
    assert cell(lines, "A", OVERESTIMATED) == (1.0, 1, 1)


def test_logits_of_occurrence_are_refused(make):
    with pytest.raises(InputError, match="found occurrence"):
        bias_by_person(make([0.5], [1], ["A"], aus=(12,), quantity="occurrence"))


def test_errors_that_differ_from_person_to_person_alone_are_all_between_people(make):
    estimate = np.array([1.0, 1.0, 3.0, 3.0])
    line = variance_split(make(estimate, np.zeros(4), ["A", "A", "B", "B"], aus=(12,))).iloc[0]
    # Two people at 1 and 3: the variance of their means is 2, and nobody varies.
    assert (line["between"], line["within"], line["share"]) == (2.0, 0.0, 1.0)
    assert (line["people"], line["frames"]) == (2, 4)


def test_people_who_err_alike_have_nothing_between_them(make):
    estimate = np.array([1.0, -1.0, 1.0, -1.0])
    line = variance_split(make(estimate, np.zeros(4), ["A", "A", "B", "B"], aus=(12,))).iloc[0]
    # Within: four squares of 1 over 4 - 2 degrees of freedom; between is negative by chance, and said to be 0.
    assert (line["between"], line["within"], line["share"]) == (0.0, 2.0, 0.0)


def test_the_split_finds_the_variances_that_errors_were_made_with(make):
    rng = np.random.default_rng(3)
    sizes = rng.integers(10, 60, 300)
    who = np.repeat([f"P{place}" for place in range(300)], sizes)
    errors = np.repeat(rng.normal(0, 0.8, 300), sizes) + rng.normal(0, 0.5, len(who))
    line = variance_split(make(errors, np.zeros(len(who)), list(who), aus=(12,))).iloc[0]
    # A variance from 300 people is off by about 8 % (sqrt(2 / 300)).
    assert line["between"] == pytest.approx(0.64, rel=0.2)
    assert line["within"] == pytest.approx(0.25, rel=0.05)


def test_one_person_alone_has_no_split(make):
    line = variance_split(make([1.0, 2.0], [0, 0], ["A", "A"], aus=(12,))).iloc[0]
    assert np.isnan(line["share"])
    assert line["people"] == 1


def test_the_worst_frame_is_furthest_off_in_the_direction_of_the_measure_and_never_the_reference(table):
    assert worst_frame(table, OVERESTIMATED, "A", 12, REFERENCES) == 2
    assert worst_frame(table, FALSE_NEGATIVE, "A", 12, REFERENCES) == 3
    # A's offset is above 0, B's below: there the lowest error beside the reference is the only frame left.
    assert worst_frame(table, NEUTRAL_OFFSET, "A", 12, REFERENCES) == 2
    assert worst_frame(table, NEUTRAL_OFFSET, "B", 12, REFERENCES) == 6
    assert worst_frame(table, FALSE_NEGATIVE, "B", 12, REFERENCES) is None
    with pytest.raises(InputError, match="AU1 is not coded"):
        worst_frame(table, OVERESTIMATED, "A", 1)
