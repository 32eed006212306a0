"""A tiny network that behaves like a trained one, and faces to show it."""

import pytest
import torch
from torch import Tensor, nn

from csnviz.models.iresnet import IResNetSize, iresnet
from csnviz.models.stages import StagedNetwork


def as_trained(size: IResNetSize) -> StagedNetwork:
    """Three AUs (18 outputs), eval mode, with uneven BatchNorm statistics, scales, shifts and slopes, as after training."""
    torch.manual_seed(3)
    network = iresnet(size, 18)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2)
            nn.init.normal_(module.weight, 1, 0.2)
            nn.init.normal_(module.bias, 0, 0.2)
        if isinstance(module, nn.PReLU):
            nn.init.uniform_(module.weight, -0.2, 0.9)
    return network.eval()


@pytest.fixture
def network() -> StagedNetwork:
    """One block in each stage, as after training."""
    return as_trained(IResNetSize((1, 1, 1, 1), (4, 8, 8, 16)))


@pytest.fixture
def faces() -> Tensor:
    """Four faces (4, 3, 112, 112) in [0, 1]."""
    return torch.rand(4, 3, 112, 112, generator=torch.Generator().manual_seed(5))
