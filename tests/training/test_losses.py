import numpy as np
import pytest
import torch

from csnviz.training.losses import IntensityWeights, intensity_loss, occurrence_loss, occurrence_weights_of

LABELS = np.array([[0, 5, 2], [3, 1, 0], [0, 0, 4], [1, 2, 0]], dtype=np.float32)


def losses_and_gradient(labels, output, weights):
    seen = output.clone().requires_grad_()
    losses = intensity_loss(seen, torch.from_numpy(labels), weights)
    sum(losses.values()).backward()
    return {name: loss.item() for name, loss in losses.items()}, seen.grad


def test_what_a_network_says_about_an_uncoded_label_changes_no_loss_and_no_gradient():
    labels = LABELS.copy()
    labels[1, 2] = labels[3, 0] = np.nan
    weights = IntensityWeights.of(labels)
    output = torch.randn(4, 18, generator=torch.Generator().manual_seed(4))
    other = output.clone()
    for row, unit in ((1, 2), (3, 0)):
        other[row, unit] += 9
        other[row, 3 + 5 * unit : 8 + 5 * unit] -= 7
    (one, gradient), (two, other_gradient) = (losses_and_gradient(labels, seen, weights) for seen in (output, other))
    assert one == pytest.approx(two)
    assert np.isfinite(list(one.values())).all()
    torch.testing.assert_close(gradient, other_gradient)
    assert gradient[1, 2] == gradient[3, 0] == 0
    coded, _ = losses_and_gradient(LABELS, output, weights)
    assert all(coded[name] != pytest.approx(one[name]) for name in one)


def test_the_best_outputs_are_the_labels_themselves_and_certain_answers():
    labels = torch.from_numpy(LABELS)
    certain = torch.where(labels[..., None] >= torch.arange(1, 6), 50.0, -50.0).reshape(4, 15)
    losses = intensity_loss(torch.cat([labels, certain], dim=1), labels, IntensityWeights.of(LABELS))
    assert [loss.item() for loss in losses.values()] == pytest.approx([0, 0, 0], abs=1e-6)


def test_losses_are_computed_in_float32_whatever_the_network_computed_in():
    output = torch.randn(4, 18, generator=torch.Generator().manual_seed(4)).bfloat16()
    losses = intensity_loss(output, torch.from_numpy(LABELS), IntensityWeights.of(LABELS))
    assert {loss.dtype for loss in losses.values()} == {torch.float32}


def test_an_uncoded_occurrence_leaves_the_mean():
    present = np.array([[1, 0], [0, np.nan]], dtype=np.float32)
    weights = torch.tensor([[0.3, 0.7], [0.4, 0.6]])
    output = torch.tensor([[0.2, -0.4], [1.0, 30.0]])
    with_gap = occurrence_loss(output, torch.from_numpy(present), weights)["cross_entropy"]
    three = [
        occurrence_loss(
            output[row : row + 1, [unit]], torch.from_numpy(present[row : row + 1, [unit]]), weights[[unit]]
        )
        for row, unit in ((0, 0), (0, 1), (1, 0))
    ]
    assert with_gap.item() == pytest.approx(np.mean([loss["cross_entropy"].item() for loss in three]))
    assert occurrence_weights_of(present)[0].tolist() == [0.5, 0.5]
