from dataclasses import replace

import numpy as np
import pytest

from csnviz.errors import InputError
from csnviz.explain.results import Attribution


@pytest.fixture
def found() -> Attribution:
    values = np.arange(12, dtype=np.float32).reshape(3, 2, 2) - 6
    return Attribution(values, 12, "image", "why?", "made", "nowhere", start_estimate=1.0, estimate=-4.0, gap=-1.0)


def test_heat_keeps_the_signs_of_the_three_colours(found):
    expected = [[-6 - 2 + 2, -5 - 1 + 3], [-4 + 0 + 4, -3 + 1 + 5]]
    assert found.heat().tolist() == expected
    assert found.heat().sum() == found.values.sum() == found.output_difference + found.gap


def test_the_gap_is_told_as_a_share_of_the_difference(found):
    assert found.relative_gap == 1 / 5


@pytest.mark.parametrize(("estimate", "share"), [(1.2, 0.05 / 0.2), (1.05, 0.05 / 0.1), (1.0, 0.05 / 0.1)])
def test_of_next_to_nothing_the_gap_is_a_share_of_a_tenth_of_a_step(found, estimate, share):
    assert replace(found, estimate=estimate, gap=-0.05).relative_gap == pytest.approx(share)


def test_an_attribution_is_about_the_image_or_the_reference(found):
    with pytest.raises(InputError, match="found 'target'"):
        replace(found, about="target")
