"""Networks small enough to be known: a tiny one of the family, and a linear one whose every weight can be read off."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from csnviz.explain.starts import Start
from csnviz.models.checkpoints import NetworkConfig, TrainedNetwork
from csnviz.models.iresnet import IResNetSize, iresnet
from csnviz.models.stages import StagedNetwork

TINY = IResNetSize((1, 1, 1, 1), (4, 4, 6, 8))
AUS = (4, 12)


@pytest.fixture
def tiny() -> Callable[..., TrainedNetwork]:
    """An untrained network for crops of 16 x 16 in double precision, its stored statistics those of made faces."""

    def make(merge_before: str | None, quantity: str = "intensity") -> TrainedNetwork:
        torch.manual_seed(0)
        config = NetworkConfig(TINY, AUS, quantity, merge_before, "1", "nothing")
        family = dict(iresnet(TINY, config.outputs).named_children())
        network = StagedNetwork({**family, "fc": nn.Linear(8, config.outputs)}).train()
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = 1.0
            if isinstance(module, nn.PReLU):
                nn.init.uniform_(module.weight, 0.8, 0.95)  # a gentle bend, so that few steps integrate it well
        with torch.no_grad():
            network(torch.rand(60, 3, 4, 4).repeat_interleave(4, 2).repeat_interleave(4, 3))
        return TrainedNetwork(network.double().eval(), config, "sha", "tiny")

    return make


@pytest.fixture
def linear() -> Callable[..., TrainedNetwork]:
    """A network for 8 x 8 crops that multiplies every pixel by a weight of its own and adds a bias."""

    def make(merge_before: str | None) -> TrainedNetwork:
        torch.manual_seed(1)
        network = StagedNetwork({"tail": nn.Flatten(), "fc": nn.Linear(3 * 8 * 8, 12)}).eval()
        return TrainedNetwork(
            network, NetworkConfig(TINY, AUS, "intensity", merge_before, "1", "nothing"), "sha", "linear"
        )

    return make


@pytest.fixture
def face() -> Callable[..., np.ndarray]:
    """A made crop (size, size, 3): random squares of four pixels."""

    def make(seed: int, size: int = 16) -> np.ndarray:
        squares = np.random.default_rng(seed).integers(0, 256, (size // 4, size // 4, 3))
        return np.kron(squares, np.ones((4, 4, 1))).astype(np.uint8)

    return make


@pytest.fixture
def someone_else(face) -> Start:
    """A start that is none of the other faces."""
    return Start(face(99), "a made face")
