"""Each equation of arXiv 2409.00240 against arithmetic written out beside it, in its printed and in its sound reading."""

import math

import numpy as np
import pytest
import torch

from csnviz.training.class_weights import exceedance_weights, mse_weights, occurrence_weights
from csnviz.training.losses import (
    IntensityWeights,
    cosine_loss,
    exceedance_loss,
    intensity_loss,
    occurrence_loss,
    weighted_mse,
)

COUNTS = (100, 50, 30, 15, 4, 1)
"""How many of 200 frames carry each label 0-5."""


def as_table(*rows):
    return np.array(rows, dtype=np.int64)


def test_equation_7_shares_the_inverse_frequency_of_a_group_among_its_labels():
    low, high = 1 / (100 + 50), 1 / (30 + 15 + 4 + 1)
    normaliser = 2 * low + 4 * high
    expected = [low / normaliser] * 2 + [high / normaliser] * 4
    assert expected == pytest.approx([0.0714286] * 2 + [0.2142857] * 4, abs=1e-7)
    assert mse_weights(as_table(COUNTS))[0] == pytest.approx(expected, abs=1e-12)


def test_equation_7_is_not_taken_as_printed():
    low, high = 2 / 150, 4 / 50
    printed = [low / (low + high), high / (low + high)]
    assert printed == pytest.approx([0.1428571, 0.8571429], abs=1e-7)
    ours = mse_weights(as_table(COUNTS))[0]
    assert ours[2] / ours[0] == pytest.approx(3)
    assert printed[1] / printed[0] == pytest.approx(6)


def test_equation_8_weighs_each_question_by_how_rare_its_answer_is():
    below = [sum(COUNTS[:j]) for j in range(1, 6)]
    reached = [sum(COUNTS[j:]) for j in range(1, 6)]
    normaliser = sum(1 / n for n in below) + sum(1 / n for n in reached)
    assert normaliser == pytest.approx(1.31237555)
    expected = [(1 / b / normaliser, 1 / r / normaliser) for b, r in zip(below, reached, strict=True)]
    by_hand = [
        (0.0076198, 0.0076198),
        (0.0050798, 0.0152395),
        (0.0042332, 0.0380989),
        (0.0039076, 0.1523954),
        (0.0038290, 0.7619770),
    ]
    ours = exceedance_weights(as_table(COUNTS))[0]
    assert ours == pytest.approx(np.array(expected), abs=1e-12)
    assert ours == pytest.approx(np.array(by_hand), abs=1e-7)


def test_equation_9_weighs_present_and_absent_by_their_own_inverse_frequency():
    present = np.array([[1.0]] * 50 + [[0.0]] * 150, dtype=np.float32)
    assert occurrence_weights(present)[0] == pytest.approx([0.25, 0.75])


@pytest.mark.parametrize("power", [0.0, 0.3, 0.5, 1.0])
def test_the_weights_of_an_action_unit_sum_to_one_whatever_the_power(power):
    counts = as_table(COUNTS, (7, 0, 3, 9, 2, 2))
    assert mse_weights(counts, power).sum(axis=1) == pytest.approx([1, 1])
    assert exceedance_weights(counts, power).sum(axis=(1, 2)) == pytest.approx([1, 1])


def test_power_one_half_takes_the_root_of_every_ratio():
    whole, half = mse_weights(as_table(COUNTS))[0], mse_weights(as_table(COUNTS), 0.5)[0]
    assert half[2] / half[0] == pytest.approx(math.sqrt(whole[2] / whole[0]))


def test_a_label_that_never_occurs_has_no_weight_and_leaves_the_sum():
    nobody_moved = as_table((10, 5, 0, 0, 0, 0))
    assert mse_weights(nobody_moved)[0].tolist() == [0.5, 0.5, 0, 0, 0, 0]
    assert exceedance_weights(nobody_moved)[0, 1:, 1].tolist() == [0, 0, 0, 0]
    assert exceedance_weights(nobody_moved).sum() == pytest.approx(1)
    nobody_coded = as_table((0,) * 6)
    assert mse_weights(nobody_coded).sum() == exceedance_weights(nobody_coded).sum() == 0


def two_frames():
    """Estimates and labels of two frames and three AUs."""
    return torch.tensor([[0.5, 2.0, 3.5], [1.0, 0.0, -1.0]]), torch.tensor([[0.0, 2.0, 5.0], [1.0, 0.0, 0.0]])


def test_equation_2_sums_weighted_squares_over_action_units_and_averages_frames():
    estimate, labels = two_frames()
    weights = torch.tensor([[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]] * 3)
    first = 0.1 * 0.5**2 + 0.3 * 0 + 0.6 * 1.5**2
    second = 0.2 * 0 + 0.1 * 0 + 0.1 * 1.0**2
    assert weighted_mse(estimate, labels, weights).item() == pytest.approx((first + second) / 2)


def test_equation_3_is_one_minus_the_cosine_with_square_roots():
    estimate, labels = two_frames()
    first = (2 * 2 + 3.5 * 5) / (math.sqrt(4 + 25) * math.sqrt(0.25 + 4 + 12.25))
    second = 1 / math.sqrt(2)
    expected = 1 - (first + second) / 2
    assert cosine_loss(estimate, labels).item() == pytest.approx(expected)
    assert cosine_loss(estimate * 7, labels).item() == pytest.approx(expected), "a cosine knows no scale"


def test_equation_3_teaches_nothing_on_a_neutral_frame_and_counts_as_one():
    estimate = torch.tensor([[0.5, 2.0]], requires_grad=True)
    loss = cosine_loss(estimate, torch.zeros(1, 2))
    loss.backward()
    assert loss.item() == 1
    assert (estimate.grad == 0).all()


def test_equation_4_asks_five_weighted_questions_of_each_action_unit():
    logits = torch.tensor([[[0.3, -0.2, 1.0, 0.0, -2.0]]])
    weights = torch.tensor([[[0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.4, 0.6], [0.5, 0.55]]])
    expected = 0.0
    for j in range(5):
        logit, (if_below, if_reached) = logits[0, 0, j].item(), weights[0, j].tolist()
        probability = 1 / (1 + math.exp(-logit))
        expected -= if_reached * math.log(probability) if j < 2 else if_below * math.log(1 - probability)
    assert exceedance_loss(logits, torch.tensor([[2.0]]), weights).item() == pytest.approx(expected, rel=1e-5)


def test_equation_6_is_the_mean_over_frames_and_action_units():
    logits, present = torch.tensor([[0.0, 2.0], [-1.0, 0.5]]), torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    weights = torch.tensor([[0.25, 0.75], [0.4, 0.6]])

    def cross_entropy(logit, truth):
        probability = 1 / (1 + math.exp(-logit))
        return -math.log(probability if truth else 1 - probability)

    total = (
        0.75 * cross_entropy(0, 1)
        + 0.4 * cross_entropy(2, 0)
        + 0.25 * cross_entropy(-1, 0)
        + 0.6 * cross_entropy(0.5, 1)
    )
    assert occurrence_loss(logits, present, weights)["cross_entropy"].item() == pytest.approx(total / 4)


def test_equation_1_adds_its_three_parts_with_weight_one():
    labels = np.array([[0, 5], [3, 1], [0, 0], [1, 2]], dtype=np.float32)
    output = torch.randn(4, 12, generator=torch.Generator().manual_seed(2))
    losses = intensity_loss(output, torch.from_numpy(labels), IntensityWeights.of(labels))
    assert list(losses) == ["mse", "cosine", "exceedance"]
    weights = IntensityWeights.of(labels)
    known = torch.from_numpy(labels)
    parts = [
        weighted_mse(output[:, :2], known, weights.mse),
        cosine_loss(output[:, :2], known),
        exceedance_loss(output[:, 2:].reshape(4, 2, 5), known, weights.exceedance),
    ]
    torch.testing.assert_close(list(losses.values()), parts)
