import pytest
import torch
from torch import nn

from csnviz.models.iresnet import IR50, SMALL, Slope, face_recognition_network, iresnet


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def on_paper(size, outputs: int) -> int:
    """Parameters of an AU network, counted from the rule of the family and not from the code."""
    stem = 3 * 9 * size.widths[0] + 3 * size.widths[0]
    total, width_in = stem, size.widths[0]
    for depth, width in zip(size.blocks, size.widths, strict=True):
        for block in range(depth):
            first = width_in if block == 0 else width
            total += 2 * first + 9 * first * width + 3 * width + 9 * width * width + 2 * width
        total += width_in * width + 2 * width
        width_in = width
    return total + 2 * width_in + (49 * width_in + 1) * outputs


@pytest.mark.parametrize(
    ("outputs", "parameters"), [(72, 32_550_664), (54, 32_099_062), (12, 31_045_324), (10, 30_995_146), (8, 30_944_968)]
)
def test_ir50_for_action_units_has_the_authors_count_of_parameters(outputs, parameters):
    with torch.device("meta"):
        network = iresnet(IR50, outputs)
    assert count(network) == parameters == on_paper(IR50, outputs)
    assert len(network.state_dict()) == 470


@pytest.mark.parametrize(
    ("stage", "parameters"),
    [
        ("stem", 1_920),
        ("stage1", 226_752),
        ("stage2", 1_117_824),
        ("stage3", 16_278_272),
        ("stage4", 13_118_464),
        ("tail", 1_024),
        ("fc", 12_845_568),
        ("features", 1_024),
    ],
)
def test_each_stage_of_the_face_recognition_network_has_its_share(stage, parameters):
    with torch.device("meta"):
        network = face_recognition_network()
    assert count(network.get_submodule(stage)) == parameters
    assert count(network) == 43_590_848
    assert len(network.state_dict()) == 475


def test_the_small_size_is_small():
    parameters = count(iresnet(SMALL, 72))
    print(f"SMALL with 72 outputs: {parameters:,} parameters")
    assert parameters == on_paper(SMALL, 72) == 760_248


@pytest.mark.parametrize("stage", ["stage1", "stage2", "stage3", "stage4"])
def test_only_a_stages_first_block_strides_and_it_does_so_in_its_second_convolution(stage):
    with torch.device("meta"):
        blocks = list(iresnet(IR50, 6).get_submodule(stage))
    strides = [(block.conv1.stride[0], block.conv2.stride[0]) for block in blocks]
    assert strides == [(1, 2)] + [(1, 1)] * (len(blocks) - 1)
    assert [isinstance(block.downsample, nn.Identity) for block in blocks] == [False] + [True] * (len(blocks) - 1)


def test_a_block_has_no_activation_after_its_addition(network, faces):
    with torch.no_grad():
        stem = network.stem(faces)
        assert network.stage1(stem).min() < -0.5


@pytest.mark.parametrize("slope", [-0.3, 0.0, 0.25, 0.5, 0.75, 1.0, 1.4])
def test_slope_equals_prelu_and_its_gradients(slope):
    features = torch.randn(2, 5, 6, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    results = []
    for kind in (Slope, nn.PReLU):
        layer = kind(5, init=slope).double()
        seen = features.clone().requires_grad_()
        bent = layer(seen)
        (bent * torch.arange(bent.numel()).reshape(bent.shape)).sum().backward()
        results.append((bent.detach(), seen.grad, layer.weight.grad))
    for ours, torchs in zip(*results, strict=True):
        torch.testing.assert_close(ours, torchs, rtol=1e-13, atol=1e-13)
