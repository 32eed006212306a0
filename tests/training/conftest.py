"""A small table of faces without faces: squares whose brightness is the intensity, on skins of different brightness."""

from pathlib import Path

import numpy as np
import pytest

from csnviz.data.images import FaceImages, FaceImagesWriter
from csnviz.data.tables import FrameTable, ReferenceTable, make_rows
from csnviz.facs import AUSet
from tests.training.tiny_run import first_frames


def write_faces(folder: Path, people: int, frames: int, seed: int = 0) -> FrameTable:
    """Two AUs per person: one lights the upper half of the crop, the other the lower; frame 0 is neutral."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 6, size=(people * frames, 2)).astype(np.float32)
    labels[::frames] = 0
    with FaceImagesWriter(folder) as writer:
        for row, (upper, lower) in enumerate(labels):
            crop = np.full((112, 112, 3), 40 + 15 * (row // frames), dtype=np.uint8)
            crop[:56] += np.uint8(15 * upper)
            crop[56:] += np.uint8(15 * lower)
            writer.add(crop, b"")
    index = np.arange(people * frames)
    rows = make_rows(
        {
            "frame_id": [f"squares/P{row // frames}/front/{row % frames:04d}" for row in index],
            "dataset": "squares",
            "participant": [f"P{row // frames}" for row in index],
            "camera": "front",
            "video": "",
            "frame_index": index % frames,
            "timestamp": np.nan,
            "source": "",
            "image": index,
        }
    )
    return FrameTable(rows, labels, AUSet((1, 12)), FaceImages.open(folder))


@pytest.fixture(scope="session")
def table(tmp_path_factory) -> FrameTable:
    """Two people, ten frames each."""
    return write_faces(tmp_path_factory.mktemp("squares") / "faces", people=2, frames=10)


@pytest.fixture
def references(table) -> ReferenceTable:
    """Everybody's first frame."""
    return first_frames(table)
