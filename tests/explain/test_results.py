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


def test_without_a_difference_the_share_is_undefined_unless_the_gap_is_nothing_too(found):
    assert np.isnan(replace(found, estimate=1.0).relative_gap)
    assert replace(found, estimate=1.0, gap=0.0).relative_gap == 0


def test_an_attribution_is_about_the_image_or_the_reference(found):
    with pytest.raises(InputError, match="found 'target'"):
        replace(found, about="target")
