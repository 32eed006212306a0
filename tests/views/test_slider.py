import pytest

from csnviz.views.slider import Slider


@pytest.mark.parametrize(("asked", "kept"), [(1.5, 1.5), (9.0, 4.5), (0.0, 0.5)])
def test_a_number_outside_the_range_becomes_its_end(asked, kept):
    slider = Slider(label="Present from", min=0.5, max=4.5, step=0.1, value=2.0)
    slider.value = asked
    assert slider.value == kept
