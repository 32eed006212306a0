import copy

import pytest
import torch

from csnviz.models.csn import CSN
from csnviz.models.iresnet import IResNetSize, iresnet
from csnviz.training.steps import with_reference, without_reference

TINY = IResNetSize((1, 1, 1, 1), (4, 4, 8, 8))


@pytest.fixture
def csn():
    torch.manual_seed(1)
    return CSN(iresnet(TINY, 6).double(), "stage4").train()


def faces(count: int, seed: int) -> torch.Tensor:
    return torch.rand(count, 3, 112, 112, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def outputs_and_gradients(csn, references, images):
    outputs = with_reference(csn, references, images)
    (outputs * torch.arange(1.0, outputs.numel() + 1).reshape(outputs.shape)).sum().backward()
    return outputs.detach(), {name: parameter.grad for name, parameter in csn.named_parameters()}


def test_sharing_a_reference_equals_encoding_it_again_for_each_of_its_frames(csn):
    references, images, again = faces(2, 5), faces(6, 6), copy.deepcopy(csn)
    shared, gradients = outputs_and_gradients(csn, references, images)
    repeated, expected = outputs_and_gradients(again, references.repeat_interleave(3, dim=0), images)
    torch.testing.assert_close(shared, repeated, rtol=1e-10, atol=1e-10)
    for name, gradient in gradients.items():
        torch.testing.assert_close(
            gradient, expected[name], rtol=1e-8, atol=1e-8 * float(expected[name].abs().max() + 1)
        )


def test_sharing_moves_the_stored_mean_alike_and_the_stored_variance_by_the_small_sample_factor_only(csn):
    references, images, again = faces(2, 5), faces(6, 6), copy.deepcopy(csn)
    with torch.no_grad():
        with_reference(csn, references, images)
        with_reference(again, references.repeat_interleave(3, dim=0), images)
    ours, theirs = csn.stages.stem.bn1, again.stages.stem.bn1
    torch.testing.assert_close(ours.running_mean, theirs.running_mean, rtol=1e-12, atol=1e-12)
    places = 112 * 112
    factor = (2 * places / (2 * places - 1)) / (6 * places / (6 * places - 1))
    torch.testing.assert_close(ours.running_var, theirs.running_var, rtol=factor - 1, atol=0)
    assert not torch.equal(ours.running_var, theirs.running_var)


def test_with_one_reference_per_frame_it_is_the_network_itself(csn):
    references, images = faces(3, 5), faces(3, 6)
    with torch.no_grad():
        torch.testing.assert_close(with_reference(csn, references, images), copy.deepcopy(csn)(references, images))


def test_without_a_reference_only_the_images_matter(csn):
    images = faces(3, 6)
    network = csn.stages.eval()
    with torch.no_grad():
        torch.testing.assert_close(without_reference(network, faces(1, 8), images), network(images))
