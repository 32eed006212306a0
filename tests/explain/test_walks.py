import numpy as np
import pytest
import torch

from csnviz.explain import walks
from csnviz.explain.attribution import why_ncg
from csnviz.explain.walks import integrated, steps_that_mend


def faces(*brightness):
    return [torch.full((1, 3, 2, 2), value, dtype=torch.float64) for value in brightness]


def kinked(at):
    """Nothing until the first pixel is as bright as `at`, then ten steps of intensity for each step of brightness."""
    return lambda pixels: 10 * torch.relu(pixels[:, 0, 0, 0] - at)


@pytest.mark.parametrize(("allowed", "steps"), [(np.inf, 50), (1e-9, 200)])
def test_steps_double_until_the_gap_is_small_or_there_are_200(tiny, face, someone_else, monkeypatch, allowed, steps):
    monkeypatch.setattr(walks, "LARGEST_GAP", allowed)
    assert why_ncg(tiny(None), face(1), someone_else, 12).algorithm == f"integrated gradients, {steps} steps"


def test_a_bend_in_the_middle_of_the_way_is_accounted_for_and_only_where_it_is():
    begin, end = faces(0.0, 1.0)
    walk = integrated(kinked(0.5), begin, end)
    expected = np.zeros((3, 2, 2))
    expected[0, 0, 0] = 5.0
    assert np.allclose(walk.values, expected, atol=1e-9)
    assert (walk.start_estimate, walk.estimate, walk.steps_that_mend) == (0.0, 5.0, None)


def test_a_bend_near_the_end_asks_for_more_steps_than_were_tried(monkeypatch):
    # Of 4 and of 8 steps, each told by its middle, only the last one lies beyond .86: they tell 10/4 and 10/8 of 1.4.
    monkeypatch.setattr(walks, "STEPS", 4)
    monkeypatch.setattr(walks, "MOST_STEPS", 8)
    begin, end = faces(0.0, 1.0)
    walk = integrated(kinked(0.86), begin, end)
    shares = [(10 / 4 - 1.4) / 1.4, (1.4 - 10 / 8) / 1.4]
    assert walk.gap == pytest.approx(10 / 8 - 1.4)
    assert walk.steps_that_mend == steps_that_mend(8, shares) == 16


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ([0.8, 0.4, 0.2], 800),  # halves with each doubling: .2, .1, .05
        ([0.9, 0.3, 0.1], 400),  # falls to a third: .1, .03
        ([0.1, 0.2, 0.1], None),  # did not fall
        ([0.06, 0.0600001, 0.0599999], None),  # hardly did
        ([0.2], None),  # nobody tried more
    ],
)
def test_the_steps_that_mend_go_on_as_the_gap_fell(shares, expected):
    assert steps_that_mend(200, shares) == expected
