import numpy as np
import pytest
import torch

from csnviz.cast import dataset as cast_dataset
from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.tables import FrameTable, ReferenceTable, make_rows
from csnviz.explain.starts import Start
from csnviz.facs import DISFA
from csnviz.inference.networks import Networks
from csnviz.models.checkpoints import NetworkConfig, TrainedNetwork
from csnviz.models.iresnet import IResNetSize, iresnet
from csnviz.recipes.explanation_demo import Demo


@pytest.fixture
def squares(monkeypatch):
    """Instead of drawn people, random squares: what a recipe does is tested, not what a network learns."""

    def load(participants, n_frames, data_root, attributes=None, **_):
        count = len(participants) * n_frames
        folder = data_root / f"squares-{participants[0]}"
        rng = np.random.default_rng(len(participants))
        with FaceImagesWriter(folder) as writer:
            for _ in range(count):
                writer.add(rng.integers(0, 256, size=(112, 112, 3), dtype=np.uint8), b"")
        who = [name for name in participants for _ in range(n_frames)]
        index = np.tile(np.arange(n_frames), len(participants))
        columns = {
            "frame_id": [f"cast/{name}/front/{frame:04d}" for name, frame in zip(who, index, strict=True)],
            "participant": who,
            "frame_index": index,
            "image": np.arange(count),
            "camera": "front",
        }
        same = {"dataset": "cast", "video": "", "timestamp": np.nan, "source": ""}
        labels = rng.integers(0, 6, size=(count, len(DISFA))).astype(np.float32)
        return FrameTable(make_rows({**columns, **same}), labels, DISFA, FaceImages.open(folder))

    def references(table):
        chosen = ReferenceTable.empty()
        for name in table.participants:
            chosen = chosen.with_reference(name, "front", f"cast/{name}/front/0000", "labels")
        return chosen

    monkeypatch.setattr("csnviz.cast.dataset.load_cast", load)
    monkeypatch.setattr("csnviz.cast.dataset.cast_references", references)


@pytest.fixture
def small_demo(squares, tmp_path, monkeypatch):
    """What the checks of explanations need: three people of four frames, two untrained networks of two channels, and a start."""
    torch.manual_seed(0)
    size = IResNetSize((1, 1, 1, 1), (2, 2, 2, 2))

    def untrained(merge_before):
        config = NetworkConfig(size, (4, 12), "intensity", merge_before, "1", "nothing")
        network = iresnet(size, config.outputs).train()
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.momentum = 1.0
            if isinstance(module, torch.nn.PReLU):
                torch.nn.init.constant_(module.weight, 0.9)  # a gentle bend, so that few steps integrate it well
        with torch.no_grad():
            network(torch.rand(8, 3, 112, 112))
        return TrainedNetwork(network.eval(), config, "sha", "untrained")

    table = cast_dataset.load_cast(("C101", "C102", "C103"), 4, tmp_path)
    start = Start(np.full((112, 112, 3), 128, np.uint8), "grey")
    networks = Networks(untrained(None), untrained("stage4"))
    demo = Demo(networks, table, cast_dataset.cast_references(table), start)
    monkeypatch.setattr(Demo, "load", lambda data_root: demo)
    # What is tested is what the checks make of an explanation; few steps explain well enough for that.
    monkeypatch.setattr("csnviz.explain.walks.STEPS", 8)
    monkeypatch.setattr("csnviz.explain.walks.MOST_STEPS", 8)
    return demo
