import pytest

from csnviz.evaluation.error_kinds import FALSE_NEGATIVE, FALSE_POSITIVE, OVERESTIMATED
from csnviz.evaluation.error_runs import CREATED, KEPT, LOST, PEAK, REMOVED
from csnviz.views.fitting_question import fitting_question
from csnviz.views.source import CANCELLED, DIFFERENCE, WHY_NCG


@pytest.mark.parametrize("kind", [FALSE_POSITIVE, OVERESTIMATED])
@pytest.mark.parametrize("what", [REMOVED, KEPT])
def test_what_ncg_sees_too_much_is_asked_of_ncg(kind, what):
    assert fitting_question(kind, what, True) is WHY_NCG


def test_an_error_that_the_reference_brought_is_asked_of_the_reference():
    assert fitting_question(FALSE_POSITIVE, CREATED, True) is CANCELLED


def test_what_only_ncg_finds_is_asked_of_the_difference_between_the_networks():
    assert fitting_question(FALSE_NEGATIVE, LOST, True) is DIFFERENCE


def test_a_miss_that_the_reference_mends_is_asked_of_the_reference_and_one_that_stays_of_ncg():
    assert fitting_question(FALSE_NEGATIVE, REMOVED, True) is CANCELLED
    assert fitting_question(FALSE_NEGATIVE, KEPT, True) is WHY_NCG


@pytest.mark.parametrize(("kind", "what"), [(PEAK, ""), (FALSE_POSITIVE, CREATED), (FALSE_NEGATIVE, LOST)])
def test_without_a_reference_only_ncg_can_be_asked(kind, what):
    assert fitting_question(kind, what, False) is WHY_NCG
