"""How arXiv 2409.00240 trains (section 4.2 and the authors' code), against arithmetic written out beside it."""

import copy

import pytest
import torch

from csnviz.models.csn import CSN
from csnviz.models.iresnet import IResNetSize, iresnet
from csnviz.training.augment import AREA, ASPECT
from csnviz.training.fit import FitSettings
from csnviz.training.optimisers import adam_of_the_paper
from csnviz.training.steps import BatchNorm, step_for

TINY = IResNetSize((1, 1, 1, 1), (4, 4, 8, 8))


@pytest.fixture
def network():
    torch.manual_seed(2)
    return iresnet(TINY, 6).double()


def test_the_defaults_are_three_epochs_of_batches_of_64_with_seed_42_in_single_precision():
    settings = FitSettings()
    assert (settings.epochs, settings.batch_size, settings.seed) == (3, 64, 42)
    assert (settings.frames_per_reference, settings.precision) == (1, "float32")


def test_crops_keep_nine_tenths_of_the_picture_or_more_at_nearly_its_aspect():
    assert (AREA, ASPECT) == ((0.9, 1.0), (19 / 20, 20 / 19))


def test_adam_adds_the_decay_to_the_gradient_and_moves_fc_ten_times_as_far(network):
    optimiser = adam_of_the_paper(network).optimiser
    before = copy.deepcopy(network)
    gradients = [{}, {}]
    for update in range(2):
        optimiser.zero_grad()
        network(torch.rand(3, 3, 112, 112, dtype=torch.float64)).square().sum().backward()
        for name, parameter in network.named_parameters():
            # Coupled: the decay is part of the gradient that Adam sees.
            gradients[update][name] = (parameter.grad + 5e-4 * parameter).detach().clone()
        optimiser.step()
    for name, start in before.named_parameters():
        rate = 1e-4 if name.startswith("fc.") else 1e-5
        g1, g2 = gradients[0][name], gradients[1][name]
        first = start - rate * g1 / (g1.abs() + 1e-8)
        mean = (0.1 * 0.9 * g1 + 0.1 * g2) / (1 - 0.9**2)
        square = (0.001 * 0.999 * g1**2 + 0.001 * g2**2) / (1 - 0.999**2)
        second = first - rate * mean / (square.sqrt() + 1e-8)
        torch.testing.assert_close(network.get_parameter(name), second, rtol=1e-9, atol=1e-12, msg=name)


def test_a_step_passes_references_first_and_images_second_through_what_lies_before_the_merge(network):
    generator = torch.Generator().manual_seed(3)
    references, images = (torch.rand(4, 3, 112, 112, dtype=torch.float64, generator=generator) for _ in range(2))
    csn, first = CSN(network, "stage4").train(), network.stem.conv1
    with torch.no_grad():
        means = [first(faces).mean(dim=(0, 2, 3)) for faces in (references, images)]
        step_for(BatchNorm.TWO_PASSES, "stage4")(csn, references, images)
    # The stored mean starts at 0 and moves a tenth of the way to each pass in turn.
    expected = 0.9 * (0.1 * means[0]) + 0.1 * means[1]
    torch.testing.assert_close(network.stem.bn1.running_mean, expected, rtol=1e-12, atol=1e-12)
    assert int(network.stem.bn1.num_batches_tracked) == 2
    assert int(network.tail.bn2.num_batches_tracked) == 1
