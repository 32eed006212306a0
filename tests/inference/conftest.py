"""A tiny network of the family and a few made faces."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.tables import FrameTable, ReferenceTable, make_rows
from csnviz.facs import AUSet
from csnviz.models.checkpoints import NetworkConfig, TrainedNetwork
from csnviz.models.iresnet import IResNetSize, iresnet

TINY = IResNetSize((1, 1, 1, 1), (4, 4, 6, 8))


def tiny(
    merge_before: str | None, quantity: str = "intensity", seed: int = 0, aus: tuple[int, ...] = (1, 4, 12)
) -> TrainedNetwork:
    """An untrained network whose stored statistics are those of made faces, so that its estimates differ by a few steps."""
    torch.manual_seed(seed)
    config = NetworkConfig(TINY, aus, quantity, merge_before, "1", "nothing")
    network = iresnet(TINY, config.outputs).train()
    torch.nn.init.normal_(network.get_submodule("fc").weight, std=0.1)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        network(torch.rand(6, 3, 14, 14).repeat_interleave(8, 2).repeat_interleave(8, 3))
    network.eval()
    return TrainedNetwork(network, config, f"sha-{seed}", f"tiny-{seed}")


def faces(
    folder: Path, participants: tuple[str, ...] = ("A", "B"), count: int = 9, faceless: tuple[str, ...] = ("A/4",)
):
    """Some frames of each person before one camera: smooth random pictures with the person's own colour; a few have no face."""
    rng = np.random.default_rng(1)
    ids = [f"{name}/{i}" for name in participants for i in range(count)]
    with FaceImagesWriter(folder) as writer:
        for place, _ in enumerate(ids):
            coarse = rng.integers(0, 256, (14, 14, 3)) // 2 + 20 * (place // count)
            writer.add(np.kron(coarse, np.ones((8, 8, 1))).astype(np.uint8), b"jpeg")
    rows = make_rows(
        {
            "frame_id": ids,
            "dataset": "made",
            "participant": [frame_id.split("/")[0] for frame_id in ids],
            "camera": "front",
            "video": [frame_id.split("/")[0] for frame_id in ids],
            "frame_index": np.tile(np.arange(count), len(participants)),
            "timestamp": 0.0,
            "source": "",
            "image": np.arange(len(ids)),
            "reason": ["no face" if frame_id in faceless else "" for frame_id in ids],
        }
    )
    labels = rng.integers(0, 6, (len(ids), 3)).astype(np.float32)
    return FrameTable(rows, labels, AUSet((12, 1, 25)), FaceImages.open(folder))


@pytest.fixture
def network() -> Callable[..., TrainedNetwork]:
    return tiny


@pytest.fixture
def frames(tmp_path) -> FrameTable:
    return faces(tmp_path / "faces")


@pytest.fixture
def references() -> ReferenceTable:
    named = ReferenceTable.empty().with_reference("A", "front", "A/0", "person")
    return named.with_reference("B", "front", "B/2", "person")


@pytest.fixture
def faces_through() -> Callable[[TrainedNetwork], dict[str, int]]:
    """Counts the faces that go through a network's first and last stage from now on."""

    def watch(trained: TrainedNetwork) -> dict[str, int]:
        counted = {"first": 0, "last": 0}

        def count(which: str) -> Callable[..., None]:
            def hook(module: torch.nn.Module, given: tuple[torch.Tensor, ...], gave: torch.Tensor) -> None:
                counted[which] += len(given[0])

            return hook

        trained.network.get_submodule("stem").register_forward_hook(count("first"))
        trained.network.get_submodule("fc").register_forward_hook(count("last"))
        return counted

    return watch
