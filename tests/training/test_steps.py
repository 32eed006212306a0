import copy

import pytest
import torch
from torch import nn

from csnviz.models.csn import CSN
from csnviz.models.iresnet import IResNetSize, iresnet
from csnviz.models.stages import MERGE_POINTS, stages_before
from csnviz.training.steps import BatchNorm, frozen, in_one_pass, step_for, with_reference, without_reference

TINY = IResNetSize((1, 1, 1, 1), (4, 4, 8, 8))
EXACT = 1e-10


def csn_for(merge_before: str) -> CSN:
    """In training, in double precision, with uneven scales, shifts and stored statistics, as after some updates."""
    torch.manual_seed(1)
    csn = CSN(iresnet(TINY, 6).double(), merge_before).train()
    for module in csn.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1, 0.2)
            nn.init.normal_(module.bias, 0, 0.2)
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2)
    return csn


@pytest.fixture
def csn() -> CSN:
    return csn_for("stage4")


def faces(count: int, seed: int) -> torch.Tensor:
    return torch.rand(count, 3, 112, 112, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def outputs_and_gradients(step, csn, references, images):
    outputs = step(csn, references, images)
    (outputs * torch.arange(1.0, outputs.numel() + 1).reshape(outputs.shape)).sum().backward()
    return outputs.detach(), {name: parameter.grad for name, parameter in csn.named_parameters()}


def check_alike(ours, theirs) -> None:
    (outputs, gradients), (expected, expected_gradients) = ours, theirs
    torch.testing.assert_close(outputs, expected, rtol=EXACT, atol=EXACT)
    size = max(float(gradient.abs().max()) for gradient in expected_gradients.values())
    for name, gradient in gradients.items():
        # What cancels in exact arithmetic, such as the bias of fc at "output", is noise of the size of the whole.
        torch.testing.assert_close(gradient, expected_gradients[name], rtol=EXACT, atol=EXACT * size, msg=name)


def norms(csn) -> dict[str, nn.BatchNorm2d]:
    return {name: module for name, module in csn.named_modules() if isinstance(module, nn.BatchNorm2d)}


def variances_seen_first(csn) -> dict[str, torch.Tensor]:
    """For each BatchNorm the variances (divided by n) of its first pass and that n, filled when the network runs."""
    seen = {}

    def remember(name):
        def hook(module, inputs):
            (features,) = inputs
            seen.setdefault(name, (features.detach().var(dim=(0, 2, 3), correction=0), features[:, 0].numel()))

        return hook

    for name, module in norms(csn).items():
        module.register_forward_pre_hook(remember(name))
    return seen


@pytest.mark.parametrize("merge_before", MERGE_POINTS)
def test_sharing_a_reference_equals_the_authors_two_full_passes(merge_before):
    references, images, csn = faces(2, 5), faces(6, 6), csn_for(merge_before)
    authors = copy.deepcopy(csn)
    seen, seen_by_authors = variances_seen_first(csn), variances_seen_first(authors)
    repeated = references.repeat_interleave(3, dim=0)
    check_alike(
        outputs_and_gradients(with_reference, csn, references, images),
        outputs_and_gradients(lambda network, first, second: network(first, second), authors, repeated, images),
    )
    before = csn.stages.names[: stages_before(csn.stages, merge_before)]
    for name, ours in norms(csn).items():
        theirs = norms(authors)[name]
        torch.testing.assert_close(ours.running_mean, theirs.running_mean, rtol=EXACT, atol=EXACT)
        (variance, n), (_, n_authors) = seen[name], seen_by_authors[name]
        assert (n_authors == 3 * n) == (name.split(".")[1] in before)
        # The first of two updates, with momentum 0.1 each; BatchNorm stores the variance times n / (n - 1).
        excess = 0.9 * 0.1 * variance * (n / (n - 1) - n_authors / (n_authors - 1))
        torch.testing.assert_close(ours.running_var - theirs.running_var, excess, rtol=1e-6, atol=1e-13)


def test_sharing_would_not_be_exact_if_references_had_unequal_numbers_of_images(csn):
    references, images = faces(2, 5), faces(6, 6)
    owner = torch.tensor([0, 0, 0, 0, 0, 1])
    with torch.no_grad():
        authors = copy.deepcopy(csn)(references[owner], images)
        shared = csn.decode(csn.difference(csn.encode(references)[owner], csn.encode(images)))
    assert float((shared - authors).abs().max()) > 1e-3 * float(authors.abs().max())


def test_with_one_reference_per_frame_it_is_the_network_itself(csn):
    references, images = faces(3, 5), faces(3, 6)
    with torch.no_grad():
        assert torch.equal(with_reference(csn, references, images), copy.deepcopy(csn)(references, images))


def test_one_pass_is_another_method_and_does_not_depend_on_sharing(csn):
    references, images = faces(2, 5), faces(6, 6)
    repeated = references.repeat_interleave(3, dim=0)
    check_alike(
        outputs_and_gradients(in_one_pass, copy.deepcopy(csn), references, images),
        outputs_and_gradients(in_one_pass, copy.deepcopy(csn), repeated, images),
    )
    darker = 0.6 * references
    with torch.no_grad():
        one, two = in_one_pass(copy.deepcopy(csn), darker, images), with_reference(csn, darker, images)
    assert float((one - two).norm()) > 0.05 * float(two.norm())


def test_frozen_statistics_stay_as_they_are_and_the_scales_still_learn(csn):
    references, images = faces(2, 5), faces(6, 6)
    before = {name: tensor.clone() for name, tensor in csn.state_dict().items()}
    outputs, gradients = outputs_and_gradients(frozen(with_reference), csn, references, images)
    assert all(torch.equal(tensor, before[name]) for name, tensor in csn.state_dict().items())
    with torch.no_grad():
        evaluated = copy.deepcopy(csn).eval()(references.repeat_interleave(3, dim=0), images)
    torch.testing.assert_close(outputs, evaluated, rtol=EXACT, atol=EXACT)
    assert gradients["stages.stage1.0.bn1.weight"].abs().max() > 0
    assert csn.training


def test_without_a_reference_only_the_images_matter(csn):
    images = faces(3, 6)
    network = csn.stages.eval()
    with torch.no_grad():
        torch.testing.assert_close(without_reference(network, faces(1, 8), images), network(images))


def test_each_named_way_has_its_step_and_a_network_without_a_reference_knows_frozen_or_not():
    assert step_for(BatchNorm.TWO_PASSES, "stage4") is with_reference
    assert step_for(BatchNorm.ONE_PASS, "stage4") is in_one_pass
    assert step_for(BatchNorm("two_passes"), None) is step_for(BatchNorm.ONE_PASS, None) is without_reference
    torch.manual_seed(0)
    network, images = iresnet(TINY, 6).double().train(), faces(2, 3)
    with torch.no_grad():
        outputs = step_for(BatchNorm.FROZEN, None)(network, images, images)
        assert torch.equal(outputs, network.eval()(images))
